package dev.agentops.ratelimit;

/**
 * How fast a queue has moved of late: the time that a unit of what was asked for has taken, as a
 * mean that forgets. Not thread-safe.
 */
final class Pace {

  /** Fewer turns tell nothing. */
  private static final int ENOUGH = 8;

  /** Each turn counts a sixteenth less than the one after it. */
  private static final double FORGETTING = 15.0 / 16;

  private double nanos;
  private double cost;
  private int turns;
  private long lastNanos;
  private boolean moving;

  /**
   * Somebody was served.
   *
   * @param othersWait whether the queue goes on
   */
  void served(double servedCost, long now, boolean othersWait) {
    if (moving) {
      nanos = nanos * FORGETTING + (now - lastNanos);
      cost = cost * FORGETTING + servedCost;
      turns = Math.min(turns + 1, ENOUGH);
    }
    lastNanos = now;
    moving = othersWait;
  }

  /** Nobody waits any more: the time until somebody does says nothing. */
  void idle() {
    moving = false;
  }

  /** How long it takes to serve so much; 0 where that is not known. */
  long nanos(double costAhead) {
    return turns < ENOUGH || cost <= 0 ? 0 : (long) (costAhead * (nanos / cost));
  }
}

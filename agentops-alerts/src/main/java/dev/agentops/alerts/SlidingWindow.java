package dev.agentops.alerts;

import dev.agentops.Cost;
import java.time.Duration;

/**
 * Sums over the most recent past, kept in a ring of buckets: constant memory, exact money, and an
 * age that is exact to one bucket. Not thread-safe.
 */
final class SlidingWindow {

  private final long bucketNanos;
  private final long originNanos;
  private final Sums[] ring;
  private final Sums total = new Sums();
  private long newest;

  SlidingWindow(Duration bucket, int buckets, long nowNanos) {
    bucketNanos = bucket.toNanos();
    originNanos = nowNanos;
    ring = new Sums[buckets];
    for (int i = 0; i < buckets; i++) {
      ring[i] = new Sums();
    }
  }

  void addCall(boolean error, boolean slow) {
    current().addCall(error, slow);
    total.addCall(error, slow);
  }

  void addCost(Cost cost) {
    current().cost = current().cost.plus(cost);
    total.cost = total.cost.plus(cost);
  }

  long calls() {
    return total.calls;
  }

  long errors() {
    return total.errors;
  }

  /** Calls that took longer than the threshold. */
  long slow() {
    return total.slow;
  }

  Cost cost() {
    return total.cost;
  }

  /** Forgets what is too old by now. */
  void moveTo(long nowNanos) {
    long bucket = (nowNanos - originNanos) / bucketNanos;
    for (long step = Math.min(bucket - newest, ring.length); step > 0; step--) {
      Sums expired = ring[(int) ((bucket - step + 1) % ring.length)];
      total.subtract(expired);
      expired.clear();
    }
    newest = Math.max(newest, bucket);
  }

  private Sums current() {
    return ring[(int) (newest % ring.length)];
  }

  private static final class Sums {

    private long calls;
    private long errors;
    private long slow;
    private Cost cost = Cost.ZERO;

    void addCall(boolean error, boolean isSlow) {
      calls++;
      errors += error ? 1 : 0;
      slow += isSlow ? 1 : 0;
    }

    void subtract(Sums other) {
      calls -= other.calls;
      errors -= other.errors;
      slow -= other.slow;
      cost = cost.minus(other.cost);
    }

    void clear() {
      calls = 0;
      errors = 0;
      slow = 0;
      cost = Cost.ZERO;
    }
  }
}

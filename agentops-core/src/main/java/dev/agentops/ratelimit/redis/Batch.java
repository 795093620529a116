package dev.agentops.ratelimit.redis;

import dev.agentops.ratelimit.Limit;
import dev.agentops.ratelimit.RateLimitStore.Cell;
import dev.agentops.ratelimit.RateLimits;
import java.util.List;

/**
 * What was taken ahead in one step and is handed out in this process, until it ends. Thread-safe.
 */
final class Batch {

  private final RedisTicket source;
  private final List<Cell> cells;
  private final long[] left;
  private final long takenNanos;
  private boolean ended;

  /**
   * What was taken ahead.
   *
   * @param source the step, whose demands were taken so many times more
   */
  Batch(RedisTicket source, List<Cell> cells, long more, long nanoTime) {
    this.source = source;
    this.cells = cells;
    this.left = Changes.units(cells, (limit, demand) -> more * limit.units(demand));
    this.takenNanos = nanoTime;
  }

  /** Whether it was taken of these limits. */
  boolean isOf(List<Cell> asked) {
    for (int i = 0; i < cells.size(); i++) {
      RateLimits limits = asked.get(i).limits();
      if (limits != cells.get(i).limits() && !limits.equals(cells.get(i).limits())) {
        return false;
      }
    }
    return true;
  }

  long ageNanos(long nanoTime) {
    return nanoTime - takenNanos;
  }

  RedisTicket source() {
    return source;
  }

  /** Hands out the demands, if that is left. */
  synchronized boolean take(List<Cell> asked) {
    if (ended || !holds(asked)) {
      return false;
    }
    int at = 0;
    for (Cell cell : asked) {
      for (Limit limit : cell.limits().limits()) {
        left[at++] -= limit.units(cell.demand());
      }
    }
    return true;
  }

  synchronized boolean fits(List<Cell> asked) {
    return !ended && holds(asked);
  }

  /**
   * Changes what was handed out.
   *
   * @return whether that could be done here, as nothing is left to do then
   */
  synchronized boolean change(long[] changes) {
    if (ended) {
      return false;
    }
    for (int i = 0; i < left.length; i++) {
      if (changes[i] > left[i]) {
        return false;
      }
    }
    for (int i = 0; i < left.length; i++) {
      left[i] -= changes[i];
    }
    return true;
  }

  /** Ends it; returns what was left, by how much the limits change when it is given back. */
  synchronized long[] end() {
    long[] changes = new long[left.length];
    for (int i = 0; i < left.length; i++) {
      changes[i] = ended ? 0 : -left[i];
    }
    ended = true;
    return changes;
  }

  private boolean holds(List<Cell> asked) {
    int at = 0;
    for (Cell cell : asked) {
      for (Limit limit : cell.limits().limits()) {
        if (limit.units(cell.demand()) > left[at++]) {
          return false;
        }
      }
    }
    return true;
  }
}

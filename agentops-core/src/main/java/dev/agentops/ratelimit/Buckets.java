package dev.agentops.ratelimit;

import java.util.Arrays;
import java.util.List;

/** The buckets of one key, one a limit. Not thread-safe: {@link RateLimiter} holds its monitor. */
final class Buckets {

  private final List<Limit> limits;

  /**
   * When each bucket will have leaked empty, on the clock's monotonic time: the theoretical arrival
   * time of the algorithm.
   */
  private final long[] emptyAt;

  /** Taken out of the map; whoever still holds it must look again. */
  boolean forgotten;

  Buckets(List<Limit> limits, long now) {
    this.limits = limits;
    this.emptyAt = new long[limits.size()];
    Arrays.fill(emptyAt, now);
  }

  /** Takes one request and its tokens if the wait for them is short enough; returns the wait. */
  long take(long now, long tokens, long maxWaitNanos) {
    long wait = waitNanos(now, tokens);
    if (wait <= maxWaitNanos) {
      charge(now, 1, tokens);
    }
    return wait;
  }

  /** How long until one request with its tokens fits into every bucket. */
  synchronized long waitNanos(long now, long tokens) {
    long longest = 0;
    for (int i = 0; i < emptyAt.length; i++) {
      Limit limit = limits.get(i);
      long needed = Math.min(limit.leakNanos(units(limit, 1, tokens)), limit.capacityNanos());
      long level = later(emptyAt[i], now) - now;
      longest = Math.max(longest, level + needed - limit.capacityNanos());
    }
    return longest;
  }

  /** Takes, whether it fits or not: what does not is a debt. */
  void charge(long now, long requests, long tokens) {
    for (int i = 0; i < emptyAt.length; i++) {
      Limit limit = limits.get(i);
      long level = later(emptyAt[i], now) - now + limit.leakNanos(units(limit, requests, tokens));
      emptyAt[i] = now + Math.min(level, Limit.FOR_EVER);
    }
  }

  /**
   * Gives back what was taken, as far as it has not leaked since: that is free already.
   *
   * @param emptyAtThen the buckets right after it was taken
   */
  void giveBack(long now, long requests, long tokens, long[] emptyAtThen) {
    for (int i = 0; i < emptyAt.length; i++) {
      Limit limit = limits.get(i);
      long left = Math.max(0, emptyAtThen[i] - now);
      emptyAt[i] -= Math.min(limit.leakNanos(units(limit, requests, tokens)), left);
    }
  }

  long[] emptyAt() {
    return emptyAt.clone();
  }

  boolean full(long now) {
    for (long at : emptyAt) {
      if (at - now > 0) {
        return false;
      }
    }
    return true;
  }

  private static long units(Limit limit, long requests, long tokens) {
    return limit.kind() == Limit.Kind.REQUESTS ? requests : tokens;
  }

  private static long later(long a, long b) {
    return a - b > 0 ? a : b; // nanoTime may wrap
  }
}

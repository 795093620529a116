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
      for (int i = 0; i < emptyAt.length; i++) {
        Limit limit = limits.get(i);
        emptyAt[i] = later(emptyAt[i], now) + limit.leakNanos(units(limit, 1, tokens));
      }
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

  void correct(long requests, long tokens, long now) {
    for (int i = 0; i < emptyAt.length; i++) {
      Limit limit = limits.get(i);
      long units = units(limit, requests, tokens);
      if (units >= 0) {
        emptyAt[i] = later(emptyAt[i], now) + limit.leakNanos(units);
      } else {
        emptyAt[i] -= limit.leakNanos(-units);
      }
    }
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

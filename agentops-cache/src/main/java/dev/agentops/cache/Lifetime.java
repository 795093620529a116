package dev.agentops.cache;

import dev.agentops.Clock;
import java.time.Duration;

/**
 * For how long a value is good from now on, and for how long after that it is kept for the case
 * that there is no better one. Immutable.
 *
 * @param freshNanos zero or negative where the value is stale already
 * @param staleNanos not negative
 */
record Lifetime(long freshNanos, long staleNanos) {

  /** 73 years, which is for ever: sums with a monotonic time must not overflow. */
  static final long LONGEST_NANOS = Long.MAX_VALUE / 4;

  static Lifetime of(Duration fresh, Duration stale) {
    return new Lifetime(
        Math.min(Clock.nanos(fresh), LONGEST_NANOS),
        Math.min(Clock.nanos(stale), LONGEST_NANOS / 2));
  }

  Duration fresh() {
    return Duration.ofNanos(freshNanos);
  }

  /** Until the value is forgotten. */
  Duration total() {
    return Duration.ofNanos(freshNanos + staleNanos);
  }
}

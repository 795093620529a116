package dev.agentops.cache;

import java.time.Duration;

/**
 * A value that a cache had, and where it had it from. Immutable if the value is.
 *
 * @param value the value
 * @param level {@code local}, or the name of the {@link CacheStore}
 * @param age since it was put; zero where the clock of the process that put it is ahead
 * @param remaining for how long it is good yet; zero or negative where it is served although its
 *     time is over
 * @param <V> the type of the value
 */
public record CacheHit<V>(V value, String level, Duration age, Duration remaining) {

  /** Whether it is served although its time is over. */
  public boolean stale() {
    return remaining.isZero() || remaining.isNegative();
  }
}

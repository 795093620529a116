package dev.agentops.cache;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a loader made.
 *
 * @param value null where it found out that there is none
 * @param timeToLive empty where the cache's own is meant
 */
record Loaded<V>(@Nullable V value, Optional<Duration> timeToLive, Set<String> tags) {

  static <V> Loaded<V> of(CacheEntry<V> entry) {
    return new Loaded<>(entry.value(), entry.timeToLive(), entry.tags());
  }

  static <V> Loaded<V> of(V value) {
    return ofNullable(value);
  }

  static <V> Loaded<V> ofNullable(@Nullable V value) {
    return new Loaded<>(value, Optional.empty(), Set.of());
  }

  Lifetime lifetime(Lifetimes lifetimes) {
    return value == null ? lifetimes.ofAbsence() : lifetimes.of(timeToLive);
  }
}

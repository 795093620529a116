package dev.agentops.cache;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a store had under a key. Immutable if the value is.
 *
 * @param value null where it is known that there is none
 * @param age since it was put; never negative
 * @param remaining for how long it is fresh yet; zero or negative where it is stale
 * @param sealed for the levels that are nearer, for the rest of its time
 */
record Found<V>(@Nullable V value, Duration age, Duration remaining, SealedEntry sealed) {

  /** Whether it says that there is no value, rather than having one. */
  boolean absent() {
    return value == null;
  }

  boolean stale() {
    return remaining.isZero() || remaining.isNegative();
  }

  /** For how long it may be served yet, fresh or stale; positive. */
  Duration keepFor() {
    return sealed.keepFor();
  }

  Set<String> tags() {
    return sealed.tags();
  }
}

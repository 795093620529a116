package dev.agentops.cache;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the stores said to who is going to load a key.
 *
 * @param find what there is, possibly not good enough
 * @param good whether it is good enough, so that there is no need to load
 * @param lease of who is to load; null where no store leases, or the one that does is away
 * @param heldFor how long another process has the lease yet; zero if the caller may load
 */
record Lookup<V>(
    RemoteLevels.@Nullable Find<V> find, boolean good, @Nullable Lease<V> lease, Duration heldFor) {

  static <V> Lookup<V> nothing() {
    return new Lookup<>(null, false, null, Duration.ZERO);
  }

  static <V> Lookup<V> found(RemoteLevels.Find<V> find) {
    return new Lookup<>(find, true, null, Duration.ZERO);
  }

  static <V> Lookup<V> held(RemoteLevels.@Nullable Find<V> find, Duration heldFor) {
    return new Lookup<>(find, false, null, heldFor);
  }

  /** The caller loads; what there is serves if it cannot. */
  static <V> Lookup<V> load(RemoteLevels.@Nullable Find<V> find, @Nullable Lease<V> lease) {
    return new Lookup<>(find, false, lease, Duration.ZERO);
  }

  boolean held() {
    return !heldFor.isZero();
  }
}

package dev.agentops.cache;

import java.time.Duration;

/**
 * The right to load a key that one of all processes has. Thread-safe; never throws.
 *
 * @param level whose store gave it
 * @param key the one to be loaded, or one that stands for its refresh: a store leases no key that
 *     is there
 */
record Lease<V>(RemoteLevel<V> level, String key, String token) {

  /** Whether the store itself refuses what is put after the key was changed. */
  boolean fences(String loadedKey) {
    return key.equals(loadedKey);
  }

  boolean renew(Duration duration) {
    return level.renew(key, token, duration);
  }

  void release() {
    level.release(key, token);
  }
}

package dev.agentops.cache;

import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value as stores are given it: sealed once for all of them. Immutable; nobody changes the array.
 *
 * @param bytes null where the value is too large for a store
 * @param keepFor how long a store keeps it: its fresh and its stale time, or what is left of them
 */
record SealedEntry(byte @Nullable [] bytes, Duration keepFor, Set<String> tags) {

  boolean tooLarge() {
    return bytes == null;
  }
}

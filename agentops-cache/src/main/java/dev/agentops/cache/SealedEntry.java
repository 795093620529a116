package dev.agentops.cache;

import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A value as stores are given it: sealed once for all of them. Immutable; nobody changes the array.
 *
 * @param bytes null where the value is too large for a store
 * @param keepFor how long a store keeps it: its fresh and its stale time, or what is left of them
 */
record SealedEntry(byte @Nullable [] bytes, Duration keepFor, Set<String> tags) {

  /** Both one after the other, if the other takes no more bytes than this and there is one. */
  SealedEntry and(SealedEntry other, long maximumBytes) {
    byte[] first = bytes;
    byte[] second = other.bytes;
    if (first == null || second == null || second.length > maximumBytes) {
      return this;
    }
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    Set<String> allTags = new HashSet<>(tags);
    allTags.addAll(other.tags);
    return new SealedEntry(
        both, keepFor.compareTo(other.keepFor) < 0 ? other.keepFor : keepFor, Set.copyOf(allTags));
  }

  boolean tooLarge() {
    return bytes == null;
  }
}

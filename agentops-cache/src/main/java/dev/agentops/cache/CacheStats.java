package dev.agentops.cache;

import java.util.List;

/**
 * What a cache has done since it was made. Immutable; the numbers are read one after the other
 * while the cache is in use, so that they need not add up exactly.
 *
 * @param hitCount lookups that some level answered
 * @param missCount lookups that no level answered, those included that then waited for the load of
 *     another caller
 * @param loadCount how often a loader was called
 * @param loadFailureCount how often a loader threw, as a part of {@code loadCount}
 * @param evictionCount entries that left the local level because it was full or their time was over
 * @param size entries in the local level, some of which may be over their time
 * @param levels each level on its own, the local one first
 */
public record CacheStats(
    long hitCount,
    long missCount,
    long loadCount,
    long loadFailureCount,
    long evictionCount,
    long size,
    List<Level> levels) {

  public CacheStats {
    levels = List.copyOf(levels);
  }

  /** Lookups, answered or not. */
  public long requestCount() {
    return hitCount + missCount;
  }

  /** The share of lookups that were answered, from 0 to 1; 1 where there were none. */
  public double hitRate() {
    return requestCount() == 0 ? 1 : (double) hitCount / requestCount();
  }

  /**
   * What one level has done. A level is asked only when the ones before it had nothing.
   *
   * @param name {@code local}, or the store's name
   * @param hitCount lookups that this level answered
   * @param missCount lookups that this level did not answer, failed ones included
   * @param failureCount operations that threw
   * @param undecodableCount values that were found and deleted because they do not decode
   * @param tooLargeCount values that were not kept because of their size
   */
  public record Level(
      String name,
      long hitCount,
      long missCount,
      long failureCount,
      long undecodableCount,
      long tooLargeCount) {}
}

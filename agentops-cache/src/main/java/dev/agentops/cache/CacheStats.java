package dev.agentops.cache;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a cache has done since it was made. Immutable; the numbers are read one after the other
 * while the cache is in use, so that they need not add up exactly.
 */
public final class CacheStats {

  private final long hitCount;
  private final long missCount;
  private final long loadCount;
  private final long loadFailureCount;
  private final Duration loadTime;
  private final long waitCount;
  private final long staleCount;
  private final long refreshCount;
  private final long size;
  private final OptionalLong bytes;
  private final List<Level> levels;

  private CacheStats(Builder from) {
    hitCount = from.hitCount;
    missCount = from.missCount;
    loadCount = from.loadCount;
    loadFailureCount = from.loadFailureCount;
    loadTime = from.loadTime;
    waitCount = from.waitCount;
    staleCount = from.staleCount;
    refreshCount = from.refreshCount;
    size = from.size;
    bytes = from.bytes;
    levels = List.copyOf(from.levels);
  }

  static Builder builder() {
    return new Builder();
  }

  /** Lookups that some level answered. */
  public long hitCount() {
    return hitCount;
  }

  /**
   * Lookups that no level answered, those included that then waited for the load of another caller.
   */
  public long missCount() {
    return missCount;
  }

  /** Lookups, answered or not. */
  public long requestCount() {
    return hitCount + missCount;
  }

  /** The share of lookups that were answered, from 0 to 1; 1 where there were none. */
  public double hitRate() {
    return requestCount() == 0 ? 1 : (double) hitCount / requestCount();
  }

  /** How often a loader was called, for refreshes too. */
  public long loadCount() {
    return loadCount;
  }

  /** How often a loader threw or gave nothing, as a part of {@link #loadCount}. */
  public long loadFailureCount() {
    return loadFailureCount;
  }

  /** How long loaders ran, failed ones included, all together. */
  public Duration loadTime() {
    return loadTime;
  }

  /** Lookups that waited for a load of another caller in this process. */
  public long waitCount() {
    return waitCount;
  }

  /** Lookups that were answered with a value whose time was over. */
  public long staleCount() {
    return staleCount;
  }

  /** How often a loader was called in the background, as a part of {@link #loadCount}. */
  public long refreshCount() {
    return refreshCount;
  }

  /** Entries that left the local level because it was full or their time was over. */
  public long evictionCount() {
    return levels.isEmpty() ? 0 : levels.get(0).evictionCount();
  }

  /** Entries in the local level, some of which may be over their time. */
  public long size() {
    return size;
  }

  /** About what they take; empty where the cache is not bounded in bytes. */
  public OptionalLong bytes() {
    return bytes;
  }

  /** Each level on its own, the local one first. */
  public List<Level> levels() {
    return levels;
  }

  @Override
  public String toString() {
    return "CacheStats{hits="
        + hitCount
        + ", misses="
        + missCount
        + ", loads="
        + loadCount
        + ", loadFailures="
        + loadFailureCount
        + ", size="
        + size
        + ", levels="
        + levels
        + '}';
  }

  /** What one level has done. A level is asked only when the ones before it had nothing. */
  public static final class Level {

    private final String name;
    private final long hitCount;
    private final long missCount;
    private final long putCount;
    private final long evictionCount;
    private final long failureCount;
    private final long undecodableCount;
    private final long tooLargeCount;
    private final long refusalCount;
    private final boolean away;
    private final int pendingChanges;

    private Level(Builder from) {
      name = from.name;
      hitCount = from.hitCount;
      missCount = from.missCount;
      putCount = from.putCount;
      evictionCount = from.evictionCount;
      failureCount = from.failureCount;
      undecodableCount = from.undecodableCount;
      tooLargeCount = from.tooLargeCount;
      refusalCount = from.refusalCount;
      away = from.away;
      pendingChanges = from.pendingChanges;
    }

    static Builder builder(String name) {
      return new Builder(name);
    }

    /** {@code local}, or the store's name. */
    public String name() {
      return name;
    }

    /** Lookups that this level answered. */
    public long hitCount() {
      return hitCount;
    }

    /** Lookups that this level did not answer, failed ones included. */
    public long missCount() {
      return missCount;
    }

    /** Values that were put here, by callers, loads, and finds in a level behind. */
    public long putCount() {
      return putCount;
    }

    /** Entries that left because the level was full or their time was over; local level only. */
    public long evictionCount() {
      return evictionCount;
    }

    /** Operations that threw. */
    public long failureCount() {
      return failureCount;
    }

    /** Values that were found and deleted because they do not decode. */
    public long undecodableCount() {
      return undecodableCount;
    }

    /** Values that were not kept because of their size. */
    public long tooLargeCount() {
      return tooLargeCount;
    }

    /** Values that the store did not take although it was well, as when it is full. */
    public long refusalCount() {
      return refusalCount;
    }

    /** Whether the store is left alone at the moment because it failed. */
    public boolean away() {
      return away;
    }

    /** Changes that the store is to hear of once it is back. */
    public int pendingChanges() {
      return pendingChanges;
    }

    @Override
    public String toString() {
      return name
          + "{hits="
          + hitCount
          + ", misses="
          + missCount
          + ", failures="
          + failureCount
          + (away ? ", away" : "")
          + '}';
    }

    /** Not thread-safe. */
    static final class Builder {

      private final String name;
      private long hitCount;
      private long missCount;
      private long putCount;
      private long evictionCount;
      private long failureCount;
      private long undecodableCount;
      private long tooLargeCount;
      private long refusalCount;
      private boolean away;
      private int pendingChanges;

      private Builder(String name) {
        this.name = name;
      }

      Builder hitCount(long count) {
        hitCount = count;
        return this;
      }

      Builder missCount(long count) {
        missCount = count;
        return this;
      }

      Builder putCount(long count) {
        putCount = count;
        return this;
      }

      Builder evictionCount(long count) {
        evictionCount = count;
        return this;
      }

      Builder failureCount(long count) {
        failureCount = count;
        return this;
      }

      Builder undecodableCount(long count) {
        undecodableCount = count;
        return this;
      }

      Builder tooLargeCount(long count) {
        tooLargeCount = count;
        return this;
      }

      Builder refusalCount(long count) {
        refusalCount = count;
        return this;
      }

      Builder pendingChanges(int changes) {
        pendingChanges = changes;
        return this;
      }

      Builder away(boolean away) {
        this.away = away;
        return this;
      }

      Level build() {
        return new Level(this);
      }
    }
  }

  /** Not thread-safe. */
  static final class Builder {

    private long hitCount;
    private long missCount;
    private long loadCount;
    private long loadFailureCount;
    private Duration loadTime = Duration.ZERO;
    private long waitCount;
    private long staleCount;
    private long refreshCount;
    private long size;
    private OptionalLong bytes = OptionalLong.empty();
    private List<Level> levels = List.of();

    private Builder() {}

    Builder hitCount(long count) {
      hitCount = count;
      return this;
    }

    Builder missCount(long count) {
      missCount = count;
      return this;
    }

    Builder loadCount(long count) {
      loadCount = count;
      return this;
    }

    Builder loadFailureCount(long count) {
      loadFailureCount = count;
      return this;
    }

    Builder loadTime(Duration time) {
      loadTime = time;
      return this;
    }

    Builder waitCount(long count) {
      waitCount = count;
      return this;
    }

    Builder staleCount(long count) {
      staleCount = count;
      return this;
    }

    Builder refreshCount(long count) {
      refreshCount = count;
      return this;
    }

    Builder size(long size) {
      this.size = size;
      return this;
    }

    Builder bytes(OptionalLong bytes) {
      this.bytes = bytes;
      return this;
    }

    Builder levels(List<Level> levels) {
      this.levels = levels;
      return this;
    }

    CacheStats build() {
      return new CacheStats(this);
    }
  }
}

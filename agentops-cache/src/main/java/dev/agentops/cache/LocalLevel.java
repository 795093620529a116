package dev.agentops.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.agentops.Clock;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The level in this process: Caffeine, bounded in entries, with a deadline in each entry.
 *
 * <p>The deadline is ours because Caffeine's own variable expiry and statistics cost ten times a
 * plain lookup, and because it shall follow our clock. An entry past its deadline keeps its place
 * until it is looked up or pushed out. Thread-safe.
 */
final class LocalLevel<V> {

  static final String NAME = "local";

  private static final long FOREVER_NANOS = Long.MAX_VALUE / 4; // differences must not overflow

  private final Clock clock;
  private final Cache<String, Entry<V>> entries;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder evictions = new LongAdder();

  LocalLevel(long maximumSize, Clock clock) {
    this.clock = clock;
    this.entries =
        Caffeine.newBuilder()
            .maximumSize(maximumSize)
            .executor(
                Runnable::run) // its upkeep is short, and the common pool is the application's
            .evictionListener((key, entry, cause) -> evictions.increment())
            .build();
  }

  /** The value, or null; counted. */
  @Nullable V get(String key) {
    V value = peek(key);
    (value == null ? misses : hits).increment();
    return value;
  }

  /** The value, or null; not counted. */
  @Nullable V peek(String key) {
    Entry<V> entry = entries.getIfPresent(key);
    if (entry == null) {
      return null;
    }
    if (clock.nanoTime() - entry.deadlineNanos >= 0) {
      if (entries.asMap().remove(key, entry)) {
        evictions.increment();
      }
      return null;
    }
    return entry.value;
  }

  void put(String key, V value, Duration timeToLive) {
    entries.put(key, entry(value, timeToLive));
  }

  /**
   * Keeps a value unless there is one; what was kept, to be given to {@link #remove(String,
   * Entry)}, or null.
   */
  @Nullable Entry<V> putIfAbsent(String key, V value, Duration timeToLive) {
    Entry<V> entry = entry(value, timeToLive);
    return entries.asMap().putIfAbsent(key, entry) == null ? entry : null;
  }

  void remove(String key) {
    entries.invalidate(key);
  }

  void remove(String key, Entry<V> entry) {
    entries.asMap().remove(key, entry);
  }

  void clear() {
    entries.invalidateAll();
  }

  long evictionCount() {
    return evictions.sum();
  }

  long size() {
    entries.cleanUp();
    return entries.estimatedSize();
  }

  CacheStats.Level stats() {
    return new CacheStats.Level(NAME, hits.sum(), misses.sum(), 0, 0, 0);
  }

  private Entry<V> entry(V value, Duration timeToLive) {
    return new Entry<>(value, clock.nanoTime() + nanos(timeToLive));
  }

  private static long nanos(Duration timeToLive) {
    return timeToLive.compareTo(Duration.ofNanos(FOREVER_NANOS)) < 0
        ? timeToLive.toNanos()
        : FOREVER_NANOS;
  }

  /** Not a record: entries are compared by identity, so that a removal takes out this one only. */
  static final class Entry<V> {

    private final V value;
    private final long deadlineNanos;

    private Entry(V value, long deadlineNanos) {
      this.value = value;
      this.deadlineNanos = deadlineNanos;
    }
  }
}

package dev.agentops.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.agentops.Clock;
import java.util.OptionalLong;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The level in this process: Caffeine, bounded in entries and possibly in bytes, with the times in
 * each entry.
 *
 * <p>The times are ours because Caffeine's own variable expiry and statistics cost ten times a
 * plain lookup, and because they shall follow our clock. An entry past its time keeps its place
 * until it is looked up or pushed out. Thread-safe; no method waits for anybody's I/O.
 */
final class LocalLevel<V> {

  static final String NAME = "local";

  /** Of all caches: the common pool is the application's. */
  private static final DaemonPool UPKEEP = new DaemonPool("agentops-cache-upkeep", 1, 10_000);

  private final long maximumSize;
  private final OptionalLong maximumBytes;
  private final Clock clock;
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder puts = new LongAdder();
  private final LongAdder evictions = new LongAdder();

  /** Exchanged for an empty one as a whole: to clear it takes a listener no time. */
  private volatile Cache<String, LocalEntry<V>> entries;

  LocalLevel(long maximumSize, OptionalLong maximumBytes, Clock clock) {
    this.maximumSize = maximumSize;
    this.maximumBytes = maximumBytes;
    this.clock = clock;
    this.entries = empty();
  }

  /**
   * The entry of a value, if there is nothing to think about; counted if so. The path of nearly
   * every hit.
   */
  @Nullable LocalEntry<V> hit(String key) {
    LocalEntry<V> entry = entries.getIfPresent(key);
    if (entry == null || entry.value == null || clock.coarseNanoTime() - entry.softNanos >= 0) {
      return null;
    }
    hits.increment();
    return entry;
  }

  /** The entry, whatever state it is in, unless it is gone; not counted. */
  @Nullable LocalEntry<V> peek(String key) {
    LocalEntry<V> entry = entries.getIfPresent(key);
    if (entry == null) {
      return null;
    }
    if (entry.isGone(clock.nanoTime())) {
      if (entries.asMap().remove(key, entry)) {
        evictions.increment();
      }
      return null;
    }
    return entry;
  }

  void count(boolean hit) {
    (hit ? hits : misses).increment();
  }

  /**
   * Keeps an entry if the condition holds, which is looked at while nobody can remove this key: a
   * removal that comes after what the condition tells of finds the entry.
   */
  boolean putIf(BooleanSupplier condition, String key, LocalEntry<V> entry) {
    boolean kept =
        entries.asMap().compute(key, (k, present) -> condition.getAsBoolean() ? entry : present)
            == entry;
    if (kept) {
      puts.increment();
    }
    return kept;
  }

  void remove(String key) {
    entries.invalidate(key);
  }

  void remove(StoreChange change) {
    switch (change.kind()) {
      case KEY -> remove(change.what());
      case PREFIX -> entries.asMap().keySet().removeIf(key -> key.startsWith(change.what()));
      case TAG -> entries.asMap().values().removeIf(entry -> entry.tags().contains(change.what()));
      case EVERYTHING -> clear();
    }
  }

  /** The same for a caller that must return at once: what looks at each entry is done later. */
  void removeSoon(StoreChange change) {
    if (change.kind() == StoreChange.Kind.KEY || change.kind() == StoreChange.Kind.EVERYTHING) {
      remove(change);
      return;
    }
    try {
      UPKEEP.execute(() -> remove(change));
    } catch (RejectedExecutionException e) {
      clear();
    }
  }

  void clear() {
    entries = empty();
  }

  /** Pushes out what is too much, which else happens soon. */
  void cleanUp() {
    entries.cleanUp();
  }

  long size() {
    return entries.estimatedSize();
  }

  /** What the entries take, where they are weighed. */
  OptionalLong bytes() {
    return maximumBytes.isEmpty()
        ? maximumBytes
        : OptionalLong.of(entries.asMap().values().stream().mapToLong(LocalEntry::bytes).sum());
  }

  CacheStats.Level stats() {
    return CacheStats.Level.builder(NAME)
        .hitCount(hits.sum())
        .missCount(misses.sum())
        .putCount(puts.sum())
        .evictionCount(evictions.sum())
        .build();
  }

  private Cache<String, LocalEntry<V>> empty() {
    Caffeine<Object, Object> builder = Caffeine.newBuilder().executor(UPKEEP);
    if (maximumBytes.isPresent()) {
      long most = maximumBytes.getAsLong();
      long unit = Math.max(1, most / Integer.MAX_VALUE + 1); // Caffeine weighs in ints
      long least = Math.max(1, most / maximumSize); // so that the size is a bound, too
      return builder
          .maximumWeight(most / unit)
          .weigher(
              (String key, LocalEntry<V> entry) ->
                  (int)
                      Math.min(
                          Integer.MAX_VALUE, (Math.max(entry.bytes(), least) + unit - 1) / unit))
          .evictionListener((key, entry, cause) -> evictions.increment())
          .build();
    }
    return builder
        .maximumSize(maximumSize)
        .evictionListener((key, entry, cause) -> evictions.increment())
        .build();
  }
}

package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A cache with a fast level in this process and any number of {@link CacheStore}s behind it.
 *
 * <pre>{@code
 * MultiLevelCache<String> cache = MultiLevelCache.builder(Codec.utf8())
 *     .maximumSize(10_000)
 *     .timeToLive(Duration.ofHours(1))
 *     .remote(store)
 *     .build();
 * String page = cache.getOrCompute(url, this::download);
 * }</pre>
 *
 * <p>A value that is found in a store is copied to the levels before it, for the rest of its time.
 * A store that fails is a miss: it is counted and logged, and never reaches the caller. A value
 * that was read or loaded while its key was written or invalidated is given to who asked for it and
 * not kept. What one process changes, another one's local level does not notice before its entry's
 * time is over.
 *
 * <p>The local level hands out the value itself, not a copy: values should be immutable. Keys and
 * values are never null. Thread-safe.
 *
 * @param <V> the type of the values
 */
public final class MultiLevelCache<V> implements AutoCloseable {

  private static final int WARM_UP_THREADS = 8;

  private final Duration timeToLive;
  private final LocalLevel<V> local;
  private final RemoteLevels<V> remotes;
  private final WriteStamps stamps = new WriteStamps();
  private final ConcurrentMap<String, Flight<V>> flights = new ConcurrentHashMap<>();
  private final LongAdder hits = new LongAdder();
  private final LongAdder misses = new LongAdder();
  private final LongAdder loads = new LongAdder();
  private final LongAdder loadFailures = new LongAdder();

  private MultiLevelCache(Builder<V> from) {
    FaultLog faults = new FaultLog(MultiLevelCache.class, from.clock);
    StoreWatch watch = new StoreWatch("cache", from.clock, faults, event -> {});
    EntryFormat<V> format =
        new EntryFormat<>(
            from.codec, from.maximumRemoteValueBytes, Builder.COMPRESS_ABOVE_BYTES, from.clock);
    List<RemoteLevel<V>> levels = new ArrayList<>();
    for (CacheStore store : from.stores) {
      levels.add(new RemoteLevel<>(store, format, watch));
    }
    timeToLive = from.timeToLive;
    local = new LocalLevel<>(from.maximumSize, from.clock);
    remotes = new RemoteLevels<>(levels, format, faults);
  }

  /**
   * Starts a cache.
   *
   * @param codec how values travel to the stores; not used for the local level
   */
  public static <V> Builder<V> builder(Codec<V> codec) {
    return new Builder<>(Objects.requireNonNull(codec, "codec"));
  }

  /** The value of this key, from the nearest level that has it. */
  public Optional<V> get(String key) {
    V value = local.get(key);
    if (value == null) {
      value = findRemote(key);
    }
    (value == null ? misses : hits).increment();
    return Optional.ofNullable(value);
  }

  /** Keeps a value in every level for the cache's {@link Builder#timeToLive}. */
  public void put(String key, V value) {
    put(key, value, timeToLive);
  }

  /**
   * Keeps a value in every level.
   *
   * @param timeToLive for how long
   * @throws IllegalArgumentException if the time is not positive
   */
  public void put(String key, V value, Duration timeToLive) {
    Objects.requireNonNull(key, "key");
    Objects.requireNonNull(value, "value");
    requirePositive("timeToLive", timeToLive);
    overtakingFlights(key, () -> write(key, value, timeToLive));
  }

  /** Keeps a value with the time and the tags that it brings along in every level. */
  public void putEntry(String key, CacheEntry<V> entry) {
    put(key, entry.value(), entry.timeToLive().orElse(timeToLive));
  }

  /** The value of this key with where it was found, from the nearest level that has it. */
  public Optional<CacheHit<V>> find(String key) {
    return get(key).map(value -> new CacheHit<>(value, LocalLevel.NAME, Duration.ZERO, timeToLive));
  }

  /**
   * The value of this key; where there is none, the loader makes it and it is kept.
   *
   * <p>Of all threads of this process that miss a key at the same time one calls its loader, the
   * others wait for its value. What the loader throws is thrown to all of them as it is, and
   * nothing is kept. A loader that asks for its own key, or for one whose loader waits for it, in
   * this or another cache, gets that value from its own call of the loader, rather than being left
   * to wait for itself. What a loader hands to another thread and waits for belongs to it if the
   * {@link dev.agentops.Context} goes along ({@link dev.agentops.Scope#wrap(Runnable)}); without
   * that it may wait for ever.
   *
   * @param loader is given the key; must not return null
   */
  public V getOrCompute(String key, Function<? super String, ? extends V> loader) {
    Objects.requireNonNull(loader, "loader");
    V value = local.get(key);
    if (value != null) {
      hits.increment();
      return value;
    }
    Flight<V> mine = new Flight<>();
    Flight<V> running = flights.putIfAbsent(key, mine);
    if (running == null) {
      return lead(key, mine, loader);
    }
    misses.increment();
    return running.await(() -> load(key, loader));
  }

  /**
   * Forgets a key in every level. A load that is under way still answers those who wait for it, and
   * is not kept.
   */
  public void invalidate(String key) {
    Objects.requireNonNull(key, "key");
    overtakingFlights(
        key,
        () -> {
          remotes.delete(key);
          local.remove(key);
        });
  }

  /** Forgets all keys that begin like this in every level; see {@link #invalidate}. */
  public void invalidateByPrefix(String prefix) {
    Objects.requireNonNull(prefix, "prefix");
    invalidateAll();
  }

  /** Forgets all keys whose entries have this tag in every level; see {@link #invalidate}. */
  public void invalidateByTag(String tag) {
    Objects.requireNonNull(tag, "tag");
    invalidateAll();
  }

  /** Forgets every key in every level; see {@link #invalidate}. */
  public void invalidateAll() {
    stamps.writeAll(
        () -> {
          flights.keySet().forEach(this::overtake);
          remotes.clear();
          local.clear();
          flights.keySet().forEach(this::overtake);
        });
  }

  /**
   * Loads those of the keys that the cache does not have, and returns when that is done.
   *
   * <p>At most eight keys are loaded at a time, one of them by the calling thread; loaders run in
   * its {@link dev.agentops.Context}. A loader that throws does not stop the others. When the
   * calling thread is interrupted, no further key is tried.
   */
  public WarmUpReport warmUp(List<String> keys, Function<? super String, ? extends V> loader) {
    Objects.requireNonNull(loader, "loader");
    return new WarmUp(keys, key -> getOrCompute(key, loader)).run(WARM_UP_THREADS);
  }

  /** What this cache has done so far. */
  public CacheStats stats() {
    List<CacheStats.Level> levels = new ArrayList<>();
    levels.add(local.stats());
    levels.addAll(remotes.stats());
    return new CacheStats(
        hits.sum(),
        misses.sum(),
        loads.sum(),
        loadFailures.sum(),
        local.evictionCount(),
        local.size(),
        levels);
  }

  /** Closes the stores; what they hold stays there. */
  @Override
  public void close() {
    remotes.close();
    local.clear();
  }

  private V lead(String key, Flight<V> flight, Function<? super String, ? extends V> loader) {
    try {
      V value = local.peek(key); // another flight may have landed between our miss and our start
      if (value == null) {
        value = findRemote(key);
      }
      if (value != null) {
        hits.increment();
      } else {
        misses.increment();
        V loaded = flight.load(() -> load(key, loader));
        value = loaded;
        stamps.write(key, () -> flight.land(() -> write(key, loaded, timeToLive)));
      }
      flights.remove(key, flight);
      flight.complete(value);
      return value;
    } catch (Throwable t) {
      flights.remove(key, flight);
      flight.fail(t);
      throw t;
    }
  }

  private V load(String key, Function<? super String, ? extends V> loader) {
    loads.increment();
    try {
      return Objects.requireNonNull(
          loader.apply(key), () -> "the loader returned null for key '" + key + "'");
    } catch (Throwable t) {
      loadFailures.increment();
      throw t;
    }
  }

  /** Looks behind the local level, and copies what it finds to the levels before it. */
  private @Nullable V findRemote(String key) {
    if (remotes.isEmpty()) {
      return null;
    }
    long stamp = stamps.read(key);
    RemoteLevels.Find<V> find = remotes.find(key);
    if (find == null) {
      return null;
    }
    LocalLevel.Entry<V> promoted =
        stamps.ifUnchanged(
            key, stamp, () -> local.putIfAbsent(key, find.value(), find.remaining()));
    if (promoted != null) {
      remotes.promote(key, find); // not under the lock: a store may be slow
      if (stamps.read(key) != stamp) { // written meanwhile: ours may be the older value
        remotes.withdraw(key, find);
        local.remove(key, promoted);
      }
    }
    return find.value();
  }

  private void write(String key, V value, Duration timeToLive) {
    remotes.put(key, value, timeToLive);
    local.put(key, value, timeToLive);
  }

  /**
   * Changes a key so that no load that began before is kept after. A load that begins during the
   * change may find the old value in a store: who comes after the change must not join that one.
   */
  private void overtakingFlights(String key, Runnable change) {
    stamps.write(
        key,
        () -> {
          change.run();
          overtake(key);
        });
  }

  private void overtake(String key) {
    Flight<V> flight = flights.remove(key);
    if (flight != null) {
      flight.overtake();
    }
  }

  private static void requirePositive(String name, @Nullable Duration duration) {
    if (duration == null || duration.isZero() || duration.isNegative()) {
      throw new IllegalArgumentException(name + " must be positive: " + duration);
    }
  }

  /** Configures a {@link MultiLevelCache}. Not thread-safe. */
  public static final class Builder<V> {

    /** {@value} entries. */
    public static final long DEFAULT_MAXIMUM_SIZE = 10_000;

    /** {@value} minutes. */
    public static final long DEFAULT_TIME_TO_LIVE_MINUTES = 60;

    /** {@value} bytes. */
    public static final long DEFAULT_MAXIMUM_REMOTE_VALUE_BYTES = 1024 * 1024;

    /** Below that compression costs more time than it saves. */
    private static final long COMPRESS_ABOVE_BYTES = 4096;

    private final Codec<V> codec;
    private final List<CacheStore> stores = new ArrayList<>();
    private long maximumSize = DEFAULT_MAXIMUM_SIZE;
    private Duration timeToLive = Duration.ofMinutes(DEFAULT_TIME_TO_LIVE_MINUTES);
    private long maximumRemoteValueBytes = DEFAULT_MAXIMUM_REMOTE_VALUE_BYTES;
    private Clock clock = Clock.system();

    private Builder(Codec<V> codec) {
      this.codec = codec;
    }

    /** How many entries the local level keeps; {@value #DEFAULT_MAXIMUM_SIZE} unless said. */
    public Builder<V> maximumSize(long entries) {
      if (entries <= 0) {
        throw new IllegalArgumentException("maximumSize must be positive: " + entries);
      }
      this.maximumSize = entries;
      return this;
    }

    /** How long a value is good; {@value #DEFAULT_TIME_TO_LIVE_MINUTES} minutes unless said. */
    public Builder<V> timeToLive(Duration timeToLive) {
      requirePositive("timeToLive", timeToLive);
      this.timeToLive = timeToLive;
      return this;
    }

    /** Adds a level behind those there are. The cache closes it. */
    public Builder<V> remote(CacheStore store) {
      stores.add(Objects.requireNonNull(store, "store"));
      return this;
    }

    /**
     * The largest value, in encoded bytes, that stores are given; {@value
     * #DEFAULT_MAXIMUM_REMOTE_VALUE_BYTES} unless said. A larger one is kept in the local level
     * only, and counted.
     */
    public Builder<V> maximumRemoteValueBytes(long bytes) {
      if (bytes <= 0) {
        throw new IllegalArgumentException("maximumRemoteValueBytes must be positive: " + bytes);
      }
      this.maximumRemoteValueBytes = bytes;
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder<V> clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public MultiLevelCache<V> build() {
      return new MultiLevelCache<>(this);
    }
  }
}

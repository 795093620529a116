package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.FaultLog;
import dev.agentops.event.OpsEventListener;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
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
 * <p><b>Levels.</b> A value that is found in a store is copied to the levels before it, for the
 * rest of its time. A store that fails is a miss: it is counted, logged and left alone until it is
 * back, and nothing of it reaches the caller.
 *
 * <p><b>Coherence.</b> A value that was read or loaded while its key was written or invalidated is
 * given to who asked for it and not kept. What another process changes leaves the local level as
 * soon as the store {@linkplain CacheStore#listen tells} of it; where a store tells nothing, the
 * local level may be behind for its entry's time.
 *
 * <p><b>Loads.</b> Of all threads that miss a key at the same time one calls its loader, the others
 * wait for its value; with a {@link LeasingCacheStore}, of all threads of all processes. What the
 * loader throws is thrown to all in its process as it is, and nothing is kept. A loader that asks
 * for its own key, or for one whose loader waits for it, in this or another cache, gets that value
 * from its own call of the loader, rather than being left to wait for itself. What a loader hands
 * to another thread and waits for belongs to it if the {@link Context} goes along ({@link
 * dev.agentops.Scope#wrap(Runnable)}). Who waited for {@link Builder#maximumWait} starts a load of
 * its own in place of the one that takes so long.
 *
 * <p><b>After its time</b> a value may be served yet: {@link Builder#staleWhileRevalidate} and
 * {@link Builder#staleIfError}.
 *
 * <p>The local level hands out the value itself, not a copy: values should be immutable. Keys and
 * values are never null. Keys may be any text; of one that is longer than {@value
 * CacheKeys#LONGEST} characters the levels see its beginning and a hash. Thread-safe.
 *
 * @param <V> the type of the values
 */
public final class MultiLevelCache<V> implements AutoCloseable {

  private static final int WORKERS = 4;
  private static final int REFRESHERS = 8;
  private static final int WORK_QUEUE = 10_000;
  private static final int REFRESH_QUEUE = 1_000;

  private final String name;
  private final Clock clock;
  private final FaultLog faults;
  private final LocalLevel<V> local;
  private final Levels<V> levels;
  private final Lifetimes lifetimes;
  private final LoadCounters counters;
  private final Loads<V> loads;
  private final AsyncLoads<V> asyncLoads;
  private final DaemonPool workers;
  private final DaemonPool refreshers;

  private MultiLevelCache(Builder<V> from) {
    name = from.name;
    clock = from.clock;
    faults = new FaultLog(MultiLevelCache.class, clock);
    workers = new DaemonPool("agentops-cache-worker", WORKERS, WORK_QUEUE);
    refreshers = new DaemonPool("agentops-cache-refresh", REFRESHERS, REFRESH_QUEUE);
    StaleWindows windows = new StaleWindows(from.staleWhileRevalidate, from.staleIfError);
    lifetimes =
        new Lifetimes(from.timeToLive, from.negativeTimeToLive, from.jitter, windows.longest());
    counters = new LoadCounters(clock);
    local = new LocalLevel<>(from.maximumSize, from.maximumBytes, clock);
    levels =
        new Levels<>(
            clock, local, remotes(from, faults), from.refreshAhead, from.weigher, faults, workers);
    loads =
        new Loads<>(
            levels,
            counters,
            workers,
            refreshers,
            lifetimes,
            windows,
            from.loadLease,
            from.maximumWait,
            clock,
            faults);
    asyncLoads = new AsyncLoads<>(loads, clock);
  }

  private static <V> RemoteLevels<V> remotes(Builder<V> from, FaultLog faults) {
    StoreWatch watch = new StoreWatch(from.name, from.clock, faults, from.listener::onEvent);
    EntryFormat<V> format =
        new EntryFormat<>(
            from.codec, from.maximumRemoteValueBytes, Builder.COMPRESS_ABOVE_BYTES, from.clock);
    return new RemoteLevels<>(
        from.stores.stream().map(store -> new RemoteLevel<>(store, format, watch)).toList(),
        format,
        faults);
  }

  /**
   * Starts a cache.
   *
   * @param codec how values travel to the stores; not used for the local level
   */
  public static <V> Builder<V> builder(Codec<V> codec) {
    return new Builder<>(Objects.requireNonNull(codec, "codec"));
  }

  /** The name in events and log lines. */
  public String name() {
    return name;
  }

  /** The value of this key, from the nearest level that has it and whose time is not over. */
  public Optional<V> get(String key) {
    LocalEntry<V> hit = local.hit(key);
    return hit == null ? find(key, false).map(CacheHit::value) : hit.answer;
  }

  /**
   * The value of this key with where it was found, from the nearest level that has it; a
   * {@linkplain CacheHit#stale stale} one only where no level has a better one.
   */
  public Optional<CacheHit<V>> find(String key) {
    return find(key, true);
  }

  /** The values of those of these keys that {@link #get} finds; one request to each store. */
  public Map<String, V> getAll(Collection<String> keys) {
    Map<String, V> found = new HashMap<>();
    Map<String, String> missing = new HashMap<>();
    for (String key : keys) {
      LocalEntry<V> entry = local.hit(key);
      if (entry == null) {
        entry = fresh(local.peek(CacheKeys.of(key)));
        local.count(entry != null);
      }
      if (entry != null) {
        entry.answer.ifPresent(value -> found.put(key, value));
      } else {
        missing.put(key, CacheKeys.of(key));
      }
    }
    Map<String, V> remote =
        levels.findAll(Set.copyOf(missing.values()), each -> !each.absent() && !each.stale());
    missing.forEach(
        (key, known) -> {
          V value = remote.get(known);
          (value == null ? counters.misses : counters.hits).increment();
          if (value != null) {
            found.put(key, value);
          }
        });
    return found;
  }

  /** Keeps a value in every level for the cache's {@link Builder#timeToLive}. */
  public void put(String key, V value) {
    putEntry(key, CacheEntry.of(value));
  }

  /**
   * Keeps a value in every level.
   *
   * @param timeToLive for how long
   * @throws IllegalArgumentException if the time is not positive
   */
  public void put(String key, V value, Duration timeToLive) {
    putEntry(key, CacheEntry.of(value).timeToLive(timeToLive));
  }

  /** Keeps a value with the time and the tags that it brings along in every level. */
  public void putEntry(String key, CacheEntry<V> entry) {
    levels.put(
        CacheKeys.of(Objects.requireNonNull(key, "key")),
        entry.value(),
        entry.tags(),
        lifetimes.of(entry.timeToLive()));
  }

  /**
   * The value of this key; where there is none, the loader makes it and it is kept.
   *
   * @param loader is given the key; must not return null
   */
  public V getOrCompute(String key, Function<? super String, ? extends V> loader) {
    Objects.requireNonNull(loader, "loader");
    LocalEntry<V> hit = local.hit(key);
    return hit != null
        ? hit.answer.orElseThrow()
        : load(key, () -> Loaded.of(notNull(key, loader.apply(key))), false).orElseThrow();
  }

  /** The same for a loader that says with each value how long it is good, and its tags. */
  public V getOrComputeEntry(String key, Function<? super String, ? extends CacheEntry<V>> loader) {
    Objects.requireNonNull(loader, "loader");
    LocalEntry<V> hit = local.hit(key);
    return hit != null
        ? hit.answer.orElseThrow()
        : load(key, () -> Loaded.of(notNull(key, loader.apply(key))), false).orElseThrow();
  }

  /**
   * The value of this key, if there is one anywhere; where the cache does not know, the loader
   * does. That there is none is kept, too, for the {@link Builder#negativeTimeToLive}.
   *
   * @param loader is given the key; empty if there is no value
   */
  public Optional<V> findOrCompute(
      String key, Function<? super String, Optional<? extends V>> loader) {
    Objects.requireNonNull(loader, "loader");
    LocalEntry<V> hit = local.hit(key);
    return hit != null
        ? hit.answer
        : load(key, () -> Loaded.ofNullable(notNull(key, loader.apply(key)).orElse(null)), true);
  }

  /**
   * The value of this key in the future; where there is none, the loader makes it and it is kept.
   *
   * <p>Does not wait for anything but the local level: stores are asked by daemon threads of the
   * cache, which then call the loader and complete the future. Where there is no store, the calling
   * thread calls the loader. Loads are shared as those of {@link #getOrCompute} are, and with them;
   * a future that is cancelled leaves the load and the others alone.
   *
   * @param loader is given the key; what it throws, or its stage ends with, the future ends with
   */
  public CompletableFuture<V> getOrComputeAsync(
      String key, Function<? super String, ? extends CompletionStage<? extends V>> loader) {
    Objects.requireNonNull(loader, "loader");
    LocalEntry<V> hit = local.hit(key);
    if (hit != null) {
      return CompletableFuture.completedFuture(hit.answer.orElseThrow());
    }
    Supplier<CompletionStage<Loaded<V>>> stage =
        () -> notNull(key, loader.apply(key)).thenApply(value -> Loaded.<V>of(notNull(key, value)));
    return asyncLoads
        .get(request(key, () -> joined(stage.get()), false), stage)
        .thenApply(Optional::orElseThrow);
  }

  /**
   * Forgets a key in every level. A load that is under way still answers those who wait for it, and
   * is not kept.
   */
  public void invalidate(String key) {
    levels.remove(CacheKeys.of(Objects.requireNonNull(key, "key")));
  }

  /**
   * Forgets all keys that begin like this in every level; see {@link #invalidate}. Of a prefix that
   * is longer than {@value CacheKeys#BEGINNING} characters only these count.
   */
  public void invalidateByPrefix(String prefix) {
    levels.removeByPrefix(CacheKeys.prefix(Objects.requireNonNull(prefix, "prefix")));
  }

  /** Forgets all keys whose entries have this tag in every level; see {@link #invalidate}. */
  public void invalidateByTag(String tag) {
    levels.removeByTag(Objects.requireNonNull(tag, "tag"));
  }

  /** Forgets every key in every level; see {@link #invalidate}. */
  public void invalidateAll() {
    levels.removeAll();
  }

  /**
   * As {@link #warmUp(List, Function, WarmUp)}, {@value WarmUp.Builder#DEFAULT_CONCURRENCY} keys at
   * a time.
   */
  public WarmUpReport warmUp(List<String> keys, Function<? super String, ? extends V> loader) {
    return warmUp(keys, loader, WarmUp.builder().build());
  }

  /**
   * Loads those of the keys that the cache does not have, and returns when that is done.
   *
   * <p>The calling thread is one of those that load; loaders run in its {@link Context}. A loader
   * that throws does not stop the others. When the calling thread is interrupted, no further key is
   * tried.
   */
  public WarmUpReport warmUp(
      List<String> keys, Function<? super String, ? extends V> loader, WarmUp how) {
    Objects.requireNonNull(loader, "loader");
    return new WarmUpRun(keys, key -> getOrCompute(key, loader), how.progress(), faults)
        .run(how.concurrency());
  }

  /** What this cache has done so far. */
  public CacheStats stats() {
    List<CacheStats.Level> each = new ArrayList<>();
    each.add(local.stats());
    levels.remotes().stats(each::add);
    CacheStats.Builder stats =
        CacheStats.builder().size(local.size()).bytes(local.bytes()).levels(each);
    counters.addTo(stats, each.get(0).hitCount());
    return stats.build();
  }

  /** Closes the stores; what they hold stays there. */
  @Override
  public void close() {
    workers.close();
    refreshers.close();
    levels.close();
  }

  private Optional<CacheHit<V>> find(String key, boolean orStale) {
    String known = CacheKeys.of(key);
    LocalEntry<V> entry = local.peek(known);
    boolean here = fresh(entry) != null;
    local.count(here);
    if (entry != null && here) {
      return hit(entry);
    }
    RemoteLevels.Find<V> find = levels.find(known, each -> !each.absent() && !each.stale());
    V value = find == null ? null : find.found().value();
    if (find != null && value != null && (orStale || !find.found().stale())) {
      counters.found(find.found().stale());
      return Optional.of(
          new CacheHit<>(value, find.levelName(), find.found().age(), find.found().remaining()));
    }
    if (orStale && entry != null && entry.value != null) {
      counters.found(true);
      return hit(entry);
    }
    counters.misses.increment();
    return Optional.empty();
  }

  private Optional<CacheHit<V>> hit(LocalEntry<V> entry) {
    long now = clock.nanoTime();
    return entry.answer.map(
        value -> new CacheHit<>(value, LocalLevel.NAME, entry.age(now), entry.remaining(now)));
  }

  private @Nullable LocalEntry<V> fresh(@Nullable LocalEntry<V> entry) {
    return entry != null && entry.value != null && entry.isFresh(clock.nanoTime()) ? entry : null;
  }

  private Optional<V> load(String key, Supplier<Loaded<V>> loader, boolean mayBeAbsent) {
    return loads.get(request(key, loader, mayBeAbsent));
  }

  private Request<V> request(String key, Supplier<Loaded<V>> loader, boolean mayBeAbsent) {
    return new Request<>(CacheKeys.of(key), loader, mayBeAbsent, Context.current());
  }

  private static <T> T notNull(String key, @Nullable T made) {
    return Objects.requireNonNull(made, () -> "the loader returned null for key '" + key + "'");
  }

  private static <T> T joined(CompletionStage<T> stage) {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
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

    /** {@value} minute. */
    public static final long DEFAULT_NEGATIVE_TIME_TO_LIVE_MINUTES = 1;

    /** {@value} seconds. */
    public static final long DEFAULT_LOAD_LEASE_SECONDS = 3;

    /** {@value} minute. */
    public static final long DEFAULT_MAXIMUM_WAIT_MINUTES = 1;

    /** Below that compression costs more time than it saves. */
    private static final long COMPRESS_ABOVE_BYTES = 4096;

    private final Codec<V> codec;
    private final List<CacheStore> stores = new ArrayList<>();
    private long maximumSize = DEFAULT_MAXIMUM_SIZE;
    private Duration timeToLive = Duration.ofMinutes(DEFAULT_TIME_TO_LIVE_MINUTES);
    private long maximumRemoteValueBytes = DEFAULT_MAXIMUM_REMOTE_VALUE_BYTES;
    private String name = "cache";
    private OptionalLong maximumBytes = OptionalLong.empty();
    private ToLongFunction<? super V> weigher = value -> 0;
    private double jitter;
    private Duration staleWhileRevalidate = Duration.ZERO;
    private Duration staleIfError = Duration.ZERO;
    private double refreshAhead = 1;
    private Duration negativeTimeToLive = Duration.ofMinutes(DEFAULT_NEGATIVE_TIME_TO_LIVE_MINUTES);
    private Duration loadLease = Duration.ofSeconds(DEFAULT_LOAD_LEASE_SECONDS);
    private Duration maximumWait = Duration.ofMinutes(DEFAULT_MAXIMUM_WAIT_MINUTES);
    private OpsEventListener listener = event -> {};
    private Clock clock = Clock.system();

    private Builder(Codec<V> codec) {
      this.codec = codec;
    }

    /** The name in events and log lines; {@code cache} unless said. */
    public Builder<V> name(String name) {
      if (name.isBlank()) {
        throw new IllegalArgumentException("name must not be blank: '" + name + "'");
      }
      this.name = name;
      return this;
    }

    /** How many entries the local level keeps; {@value #DEFAULT_MAXIMUM_SIZE} unless said. */
    public Builder<V> maximumSize(long entries) {
      if (entries <= 0) {
        throw new IllegalArgumentException("maximumSize must be positive: " + entries);
      }
      this.maximumSize = entries;
      return this;
    }

    /**
     * How many bytes the values in the local level may take, besides the bound on their number; no
     * bound unless said.
     *
     * @param weigher about how many bytes a value takes; is called once for each
     */
    public Builder<V> maximumBytes(long bytes, ToLongFunction<? super V> weigher) {
      if (bytes <= 0) {
        throw new IllegalArgumentException("maximumBytes must be positive: " + bytes);
      }
      this.maximumBytes = OptionalLong.of(bytes);
      this.weigher = Objects.requireNonNull(weigher, "weigher");
      return this;
    }

    /** How long a value is good; {@value #DEFAULT_TIME_TO_LIVE_MINUTES} minutes unless said. */
    public Builder<V> timeToLive(Duration timeToLive) {
      positive("timeToLive", timeToLive);
      this.timeToLive = timeToLive;
      return this;
    }

    /**
     * By how much of its time at most a value is forgotten early, by chance, so that values that
     * were put together are not all loaded again together; nothing unless said.
     *
     * @param fraction from 0 to below 1
     */
    public Builder<V> timeToLiveJitter(double fraction) {
      if (!(fraction >= 0 && fraction < 1)) {
        throw new IllegalArgumentException(
            "timeToLiveJitter must be from 0 to below 1: " + fraction);
      }
      this.jitter = fraction;
      return this;
    }

    /**
     * For how long after its time a value is served yet by the methods with a loader, while a
     * background thread of the cache loads a newer one; not at all unless said.
     */
    public Builder<V> staleWhileRevalidate(Duration window) {
      this.staleWhileRevalidate = notNegative("staleWhileRevalidate", window);
      return this;
    }

    /**
     * For how long after its time a value is served yet where the loader throws an exception; not
     * at all unless said. For ten seconds after that the loader is left alone. An {@link Error} is
     * thrown to the caller all the same.
     */
    public Builder<V> staleIfError(Duration window) {
      this.staleIfError = notNegative("staleIfError", window);
      return this;
    }

    /**
     * After which share of its time a value that is asked for is loaded anew in the background, so
     * that nobody waits for one that is in use; never unless said. The loader runs in the {@link
     * Context} of the caller that asked.
     *
     * @param fraction above 0, to 1 for never
     */
    public Builder<V> refreshAhead(double fraction) {
      if (!(fraction > 0 && fraction <= 1)) {
        throw new IllegalArgumentException("refreshAhead must be above 0, to 1: " + fraction);
      }
      this.refreshAhead = fraction;
      return this;
    }

    /**
     * How long {@link MultiLevelCache#findOrCompute} remembers that there is no value; {@value
     * #DEFAULT_NEGATIVE_TIME_TO_LIVE_MINUTES} minute unless said.
     */
    public Builder<V> negativeTimeToLive(Duration timeToLive) {
      positive("negativeTimeToLive", timeToLive);
      this.negativeTimeToLive = timeToLive;
      return this;
    }

    /**
     * After how long another process loads a key in place of one that died, where a store
     * {@linkplain LeasingCacheStore leases} keys; {@value #DEFAULT_LOAD_LEASE_SECONDS} seconds
     * unless said. A process that lives renews its lease for as long as it loads.
     */
    public Builder<V> loadLease(Duration lease) {
      positive("loadLease", lease);
      this.loadLease = lease;
      return this;
    }

    /**
     * How long a caller waits for the load of another, in this process or elsewhere, before it
     * starts one itself; {@value #DEFAULT_MAXIMUM_WAIT_MINUTES} minute unless said.
     */
    public Builder<V> maximumWait(Duration wait) {
      positive("maximumWait", wait);
      this.maximumWait = wait;
      return this;
    }

    /** Is told when a store is lost and when it is back; nobody unless said. */
    public Builder<V> listener(OpsEventListener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
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

    private static void positive(String name, @Nullable Duration duration) {
      if (duration == null || duration.isZero() || duration.isNegative()) {
        throw new IllegalArgumentException(name + " must be positive: " + duration);
      }
    }

    private static Duration notNegative(String name, Duration duration) {
      if (duration.isNegative()) {
        throw new IllegalArgumentException(name + " must not be negative: " + duration);
      }
      return duration;
    }
  }
}

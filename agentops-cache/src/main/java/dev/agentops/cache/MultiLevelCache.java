package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.FaultLog;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.function.Supplier;
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
 * dev.agentops.Scope#wrap(Runnable)}). Who waited for {@link MultiLevelCacheBuilder#maximumWait}
 * starts a load of its own in place of the one that takes so long; so ends a circle of loaders that
 * wait for each other in several processes, which nobody sees.
 *
 * <p><b>After its time</b> a value may be served yet: {@link
 * MultiLevelCacheBuilder#staleWhileRevalidate} and {@link MultiLevelCacheBuilder#staleIfError}.
 *
 * <p>The local level hands out the value itself, not a copy: values should be immutable. Keys and
 * values are never null. Keys may be any text; of one that is longer than {@value
 * CacheKeys#LONGEST} characters the levels see its beginning and a hash. Thread-safe.
 *
 * <p><b>Stores</b> may be shared: what a cache has in a store begins with its {@linkplain
 * MultiLevelCacheBuilder#name name}, so that caches of other names neither see nor forget it, and
 * those of the same name, in this process or another, share it. A value that was put by a
 * {@linkplain Codec#id() codec} of another shape, as in a rolling deploy, stays beside that of this
 * one until somebody puts the key or forgets it.
 *
 * @param <V> the type of the values
 */
public final class MultiLevelCache<V> implements AutoCloseable {

  private final String name;
  private final Clock clock;
  private final FaultLog faults;
  private final LocalLevel<V> local;
  private final Levels<V> levels;
  private final Lifetimes lifetimes;
  private final LoadCounters counters;
  private final Loads<V> loads;
  private final AsyncLoads<V> asyncLoads;
  private final LoadPools pools;

  MultiLevelCache(MultiLevelCacheBuilder<V> from) {
    name = from.name;
    clock = from.clock;
    faults = new FaultLog(MultiLevelCache.class, clock);
    pools = LoadPools.open();
    StaleWindows windows = new StaleWindows(from.staleWhileRevalidate, from.staleIfError);
    lifetimes =
        new Lifetimes(from.timeToLive, from.negativeTimeToLive, from.jitter, windows.longest());
    counters = new LoadCounters(clock);
    local = new LocalLevel<>(from.maximumSize, from.maximumBytes, clock);
    levels =
        new Levels<>(
            clock,
            local,
            remotes(from, faults),
            from.refreshAhead,
            from.weigher,
            faults,
            pools.workers());
    loads =
        new Loads<>(
            levels,
            counters,
            pools,
            lifetimes,
            windows,
            from.loadLease,
            from.maximumWait,
            clock,
            faults);
    asyncLoads = new AsyncLoads<>(loads, clock);
  }

  private static <V> RemoteLevels<V> remotes(MultiLevelCacheBuilder<V> from, FaultLog faults) {
    StoreWatch watch =
        StoreWatch.tellingBehind(from.name, from.clock, faults, from.listener::onEvent);
    EntryFormat<V> format =
        new EntryFormat<>(
            from.codec,
            from.maximumRemoteValueBytes,
            MultiLevelCacheBuilder.COMPRESS_ABOVE_BYTES,
            from.clock);
    return new RemoteLevels<>(
        from.stores.stream()
            .map(store -> new RemoteLevel<>(NamedStore.of(store, from.name), format, watch))
            .toList(),
        format,
        faults);
  }

  /**
   * Starts a cache.
   *
   * @param codec how values travel to the stores; not used for the local level
   */
  public static <V> MultiLevelCacheBuilder<V> builder(Codec<V> codec) {
    return new MultiLevelCacheBuilder<>(Objects.requireNonNull(codec, "codec"));
  }

  /** The name in events, log lines and the keys of stores. */
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

  /** As {@link #find}, of what is kept here, for who has looked already: not counted. */
  Optional<CacheHit<V>> findHere(String key) {
    LocalEntry<V> entry = fresh(local.peek(CacheKeys.of(key)));
    return entry == null ? Optional.empty() : hit(entry);
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

  /** Keeps a value in every level for the cache's {@link MultiLevelCacheBuilder#timeToLive}. */
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
    return hit != null && hit.value != null
        ? hit.value
        : load(key, () -> Loaded.of(notNull(key, loader.apply(key))), false).orElseThrow();
  }

  /** The same for a loader that says with each value how long it is good, and its tags. */
  public V getOrComputeEntry(String key, Function<? super String, ? extends CacheEntry<V>> loader) {
    Objects.requireNonNull(loader, "loader");
    LocalEntry<V> hit = local.hit(key);
    return hit != null && hit.value != null
        ? hit.value
        : load(key, () -> Loaded.of(notNull(key, loader.apply(key))), false).orElseThrow();
  }

  /**
   * The value of this key, if there is one anywhere; where the cache does not know, the loader
   * does. That there is none is kept, too, for the {@link
   * MultiLevelCacheBuilder#negativeTimeToLive}.
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
   * cache, and others of them call the loader and complete the future; these may block, though up
   * to {@value LoadPools#CALLBACKS} of them only. Where there is no store, the calling thread calls
   * the loader, and the one that completes its stage the future. Loads are shared as those of
   * {@link #getOrCompute} are, and with them; a future that is cancelled leaves the load and the
   * others alone.
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

  /**
   * Forgets all keys whose entries have this tag in every level; see {@link #invalidate}.
   *
   * @throws IllegalArgumentException if it is no tag ({@link CacheEntry#tags})
   */
  public void invalidateByTag(String tag) {
    levels.removeByTag(Require.tag(tag));
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
    local.cleanUp();
    List<CacheStats.Level> each = new ArrayList<>();
    each.add(local.stats());
    levels.remotes().stats(each::add);
    CacheStats.Builder stats =
        CacheStats.builder().size(local.size()).bytes(local.bytes()).levels(each);
    counters.addTo(stats, each.get(0).hitCount());
    return stats.build();
  }

  /**
   * Closes the stores that no other open cache has; what they hold stays there. Loads that are
   * under way go on without them, and callers in the future load for themselves.
   */
  @Override
  public void close() {
    pools.close();
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
}

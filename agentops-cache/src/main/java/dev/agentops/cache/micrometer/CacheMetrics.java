package dev.agentops.cache.micrometer;

import dev.agentops.cache.CacheSavings;
import dev.agentops.cache.CacheStats;
import dev.agentops.cache.EmbeddingCache;
import dev.agentops.cache.MultiLevelCache;
import dev.agentops.cache.ResponseCache;
import dev.agentops.cache.SemanticCache;
import dev.agentops.cache.ToolResultCache;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.cache.CacheMeterBinder;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Meters of one cache: {@code CacheMetrics.of(cache).bindTo(registry)}.
 *
 * <table>
 *   <caption>Meters, all with the tag {@code cache}</caption>
 *   <tr><th>name</th><th>type</th><th>tags</th></tr>
 *   <tr><td>{@code cache.gets}</td><td>counter</td><td>{@code result} hit or miss</td></tr>
 *   <tr><td>{@code cache.puts}</td><td>counter</td><td></td></tr>
 *   <tr><td>{@code cache.evictions}</td><td>counter</td><td></td></tr>
 *   <tr><td>{@code cache.size}</td><td>gauge, entries</td><td></td></tr>
 *   <tr><td>{@code cache.load}</td><td>counter</td><td>{@code result} success or failure</td></tr>
 *   <tr><td>{@code cache.load.duration}</td><td>time gauge, all loads together</td><td></td></tr>
 *   <tr><td>{@code agentops.cache.waits}</td><td>counter</td><td></td></tr>
 *   <tr><td>{@code agentops.cache.stale}</td><td>counter</td><td></td></tr>
 *   <tr><td>{@code agentops.cache.refreshes}</td><td>counter</td><td></td></tr>
 *   <tr><td>{@code agentops.cache.bytes}</td><td>gauge, where the cache is bounded in bytes</td><td></td></tr>
 *   <tr><td>{@code agentops.cache.savings}</td><td>counter, US dollars; {@link ResponseCache} only</td><td></td></tr>
 *   <tr><td>{@code agentops.cache.savings.duration}</td><td>time gauge; {@link ResponseCache} only</td><td></td></tr>
 *   <tr><td>{@code agentops.cache.refused}</td><td>counter; {@link SemanticCache} only</td><td></td></tr>
 *   <tr><td>{@code agentops.cache.false.hits.bound}</td><td>gauge, 0 to 1; {@link SemanticCache} only</td><td></td></tr>
 *   <tr><td>{@code agentops.cache.store.gets}</td><td>counter</td><td>{@code store}, {@code result} hit or miss</td></tr>
 *   <tr><td>{@code agentops.cache.store.puts}</td><td>counter</td><td>{@code store}</td></tr>
 *   <tr><td>{@code agentops.cache.store.failures}</td><td>counter</td><td>{@code store}</td></tr>
 *   <tr><td>{@code agentops.cache.store.discarded}</td><td>counter</td><td>{@code store}, {@code reason} undecodable, too.large or refused</td></tr>
 *   <tr><td>{@code agentops.cache.store.away}</td><td>gauge, 0 or 1</td><td>{@code store}</td></tr>
 *   <tr><td>{@code agentops.cache.store.pending}</td><td>gauge, changes</td><td>{@code store}</td></tr>
 * </table>
 *
 * <p>The first six are Micrometer's own for caches; they tell of the cache as a whole, its puts,
 * evictions and size of the local level, whose own gets and puts have the {@code store} {@code
 * local}. What the numbers mean is said at {@link CacheStats}. The cache can be collected as if it
 * had no meters. Thread-safe.
 */
public final class CacheMetrics implements MeterBinder {

  private final MeterBinder binding;

  private CacheMetrics(MeterBinder binding) {
    this.binding = binding;
  }

  /** Meters of this cache, whose {@linkplain MultiLevelCache#name() name} they carry. */
  public static CacheMetrics of(MultiLevelCache<?> cache) {
    Objects.requireNonNull(cache, "cache");
    return new CacheMetrics(
        new Binding<MultiLevelCache<?>>(cache, cache.name(), MultiLevelCache::stats, null));
  }

  /** Meters of this cache, with what it saved. */
  public static CacheMetrics of(ResponseCache cache) {
    Objects.requireNonNull(cache, "cache");
    return new CacheMetrics(
        new Binding<>(cache, cache.name(), ResponseCache::stats, ResponseCache::savings));
  }

  /** Meters of this cache. */
  public static CacheMetrics of(ToolResultCache cache) {
    Objects.requireNonNull(cache, "cache");
    return new CacheMetrics(new Binding<>(cache, cache.name(), ToolResultCache::stats, null));
  }

  /** Meters of this cache, in texts. */
  public static CacheMetrics of(EmbeddingCache cache) {
    Objects.requireNonNull(cache, "cache");
    return new CacheMetrics(new Binding<>(cache, cache.name(), EmbeddingCache::stats, null));
  }

  /**
   * Meters of this cache, without loads and levels, and with the bound on its false hits that its
   * shadow checks found.
   */
  public static CacheMetrics of(SemanticCache<?> cache) {
    return new CacheMetrics(new SemanticMeters(Objects.requireNonNull(cache, "cache")));
  }

  /**
   * Adds the meters.
   *
   * @throws IllegalArgumentException if the registry has those of a cache of this name already,
   *     since it would drop these without a word
   */
  @Override
  public void bindTo(MeterRegistry registry) {
    binding.bindTo(registry);
  }

  static void requireNew(MeterRegistry registry, String name) {
    if (registry.find("cache.gets").tag("cache", name).meter() != null) {
      throw new IllegalArgumentException(
          "the registry has meters of a cache '" + name + "' already: give each cache a name");
    }
  }

  /** Meters of a cache with levels. */
  private static final class Binding<C> implements MeterBinder {

    private final C cache;
    private final String name;
    private final Function<C, CacheStats> stats;
    private final @Nullable Function<C, CacheSavings> savings;

    Binding(
        C cache,
        String name,
        Function<C, CacheStats> stats,
        @Nullable Function<C, CacheSavings> savings) {
      this.cache = cache;
      this.name = name;
      this.stats = stats;
      this.savings = savings;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
      requireNew(registry, name);
      new Standard<>(cache, name, stats).bindTo(registry);
      Tags tags = Tags.of("cache", name);
      if (stats.apply(cache).bytes().isPresent()) {
        Gauge.builder("agentops.cache.bytes", cache, own -> stats.apply(own).bytes().orElse(0))
            .description("About what the entries in this process take")
            .baseUnit("bytes")
            .tags(tags)
            .register(registry);
      }
      if (savings != null) {
        bindSavings(registry, tags, savings);
      }
      count(registry, "agentops.cache.waits", "Lookups that waited", tags, CacheStats::waitCount);
      count(
          registry,
          "agentops.cache.stale",
          "Lookups that were answered with a value whose time was over",
          tags,
          CacheStats::staleCount);
      count(
          registry,
          "agentops.cache.refreshes",
          "Loads in the background",
          tags,
          CacheStats::refreshCount);
      Set<String> names = new HashSet<>();
      List<CacheStats.Level> levels = stats.apply(cache).levels();
      for (int i = 0; i < levels.size(); i++) {
        String name = levels.get(i).name();
        bindStore(registry, i, tags.and("store", names.add(name) ? name : name + '-' + i));
      }
    }

    private void bindSavings(MeterRegistry registry, Tags tags, Function<C, CacheSavings> saved) {
      FunctionCounter.builder(
              "agentops.cache.savings", cache, own -> saved.apply(own).cost().usd().doubleValue())
          .description("What the answers it gave had cost, in US dollars")
          .baseUnit("usd")
          .tags(tags)
          .register(registry);
      TimeGauge.builder(
              "agentops.cache.savings.duration",
              cache,
              TimeUnit.NANOSECONDS,
              own -> saved.apply(own).time().toNanos())
          .description("How long models took to make the answers it gave")
          .tags(tags)
          .register(registry);
    }

    private void bindStore(MeterRegistry registry, int level, Tags tags) {
      String gets = "agentops.cache.store.gets";
      String asked = "Lookups that this store was asked for";
      countStore(registry, gets, asked, tags.and("result", "hit"), level, l -> l.hitCount());
      countStore(registry, gets, asked, tags.and("result", "miss"), level, l -> l.missCount());
      countStore(
          registry, "agentops.cache.store.puts", "Values it took", tags, level, l -> l.putCount());
      if (level == 0) { // the rest is of stores, or the cache's own
        return;
      }
      countStore(
          registry,
          "agentops.cache.store.failures",
          "Operations that failed",
          tags,
          level,
          l -> l.failureCount());
      String discarded = "agentops.cache.store.discarded";
      String why = "Values that were not kept or not used";
      countStore(
          registry, discarded, why, tags.and("reason", "too.large"), level, l -> l.tooLargeCount());
      countStore(
          registry, discarded, why, tags.and("reason", "refused"), level, l -> l.refusalCount());
      countStore(
          registry,
          discarded,
          why,
          tags.and("reason", "undecodable"),
          level,
          l -> l.undecodableCount());
      Gauge.builder("agentops.cache.store.away", cache, of(level, l -> l.away() ? 1 : 0))
          .description("1 while the store is left alone because it failed")
          .tags(tags)
          .register(registry);
      Gauge.builder("agentops.cache.store.pending", cache, of(level, l -> l.pendingChanges()))
          .description("Changes that the store is to hear of once it is back")
          .tags(tags)
          .register(registry);
    }

    private void countStore(
        MeterRegistry registry,
        String name,
        String description,
        Tags tags,
        int level,
        ToDoubleFunction<CacheStats.Level> value) {
      FunctionCounter.builder(name, cache, of(level, value))
          .description(description)
          .tags(tags)
          .register(registry);
    }

    private void count(
        MeterRegistry registry,
        String name,
        String description,
        Tags tags,
        ToDoubleFunction<CacheStats> value) {
      FunctionCounter.builder(name, cache, own -> value.applyAsDouble(stats.apply(own)))
          .description(description)
          .tags(tags)
          .register(registry);
    }

    private ToDoubleFunction<C> of(int level, ToDoubleFunction<CacheStats.Level> value) {
      return own -> value.applyAsDouble(stats.apply(own).levels().get(level));
    }
  }

  /** Micrometer's own meters of caches. */
  private static final class Standard<C> extends CacheMeterBinder<C> {

    private final Function<C, CacheStats> stats;

    Standard(C cache, String name, Function<C, CacheStats> stats) {
      super(cache, name, Tags.empty());
      this.stats = stats;
    }

    @Override
    protected @Nullable Long size() {
      C cache = getCache();
      return cache == null ? null : stats.apply(cache).size();
    }

    @Override
    protected long hitCount() {
      C cache = getCache();
      return cache == null ? 0 : stats.apply(cache).hitCount();
    }

    @Override
    protected Long missCount() {
      C cache = getCache();
      return cache == null ? 0L : stats.apply(cache).missCount();
    }

    @Override
    protected Long evictionCount() {
      C cache = getCache();
      return cache == null ? 0L : stats.apply(cache).evictionCount();
    }

    @Override
    protected long putCount() {
      C cache = getCache();
      return cache == null ? 0 : stats.apply(cache).levels().get(0).putCount();
    }

    @Override
    protected void bindImplementationSpecificMetrics(MeterRegistry registry) {
      C cache = getCache();
      if (cache == null) {
        return;
      }
      TimeGauge.builder(
              "cache.load.duration",
              cache,
              TimeUnit.NANOSECONDS,
              own -> stats.apply(own).loadTime().toNanos())
          .tags(getTagsWithCacheName())
          .description("The time the cache has spent loading new values")
          .register(registry);
      FunctionCounter.builder("cache.load", cache, own -> stats.apply(own).loadFailureCount())
          .tags(getTagsWithCacheName())
          .tags("result", "failure")
          .description("Loads that threw or gave nothing")
          .register(registry);
      FunctionCounter.builder(
              "cache.load",
              cache,
              own -> {
                CacheStats all = stats.apply(own);
                return all.loadCount() - all.loadFailureCount();
              })
          .tags(getTagsWithCacheName())
          .tags("result", "success")
          .description("Loads that gave a value")
          .register(registry);
    }
  }
}

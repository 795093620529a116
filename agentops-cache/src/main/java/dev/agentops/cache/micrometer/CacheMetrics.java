package dev.agentops.cache.micrometer;

import dev.agentops.cache.CacheStats;
import dev.agentops.cache.MultiLevelCache;
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
 *   <tr><td>{@code agentops.cache.store.gets}</td><td>counter</td><td>{@code store}, {@code result} hit or miss</td></tr>
 *   <tr><td>{@code agentops.cache.store.puts}</td><td>counter</td><td>{@code store}</td></tr>
 *   <tr><td>{@code agentops.cache.store.failures}</td><td>counter</td><td>{@code store}</td></tr>
 *   <tr><td>{@code agentops.cache.store.discarded}</td><td>counter</td><td>{@code store}, {@code reason} undecodable, too.large or refused</td></tr>
 *   <tr><td>{@code agentops.cache.store.away}</td><td>gauge, 0 or 1</td><td>{@code store}</td></tr>
 *   <tr><td>{@code agentops.cache.store.pending}</td><td>gauge, changes</td><td>{@code store}</td></tr>
 * </table>
 *
 * <p>The first six are Micrometer's own for caches; they tell of the cache as a whole, its puts,
 * evictions and size of the local level. What the numbers mean is said at {@link CacheStats}. The
 * cache can be collected as if it had no meters. Thread-safe.
 */
public final class CacheMetrics implements MeterBinder {

  private final MultiLevelCache<?> cache;

  private CacheMetrics(MultiLevelCache<?> cache) {
    this.cache = Objects.requireNonNull(cache, "cache");
  }

  /** Meters of this cache, whose {@linkplain MultiLevelCache#name() name} they carry. */
  public static CacheMetrics of(MultiLevelCache<?> cache) {
    return new CacheMetrics(cache);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    new Standard(cache).bindTo(registry);
    Tags tags = Tags.of("cache", cache.name());
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
    List<CacheStats.Level> levels = cache.stats().levels();
    for (int i = 1; i < levels.size(); i++) {
      String name = levels.get(i).name();
      bindStore(registry, i, tags.and("store", names.add(name) ? name : name + '-' + i));
    }
  }

  private void bindStore(MeterRegistry registry, int level, Tags tags) {
    String gets = "agentops.cache.store.gets";
    String asked = "Lookups that this store was asked for";
    countStore(registry, gets, asked, tags.and("result", "hit"), level, l -> l.hitCount());
    countStore(registry, gets, asked, tags.and("result", "miss"), level, l -> l.missCount());
    countStore(
        registry, "agentops.cache.store.puts", "Values it took", tags, level, l -> l.putCount());
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
    FunctionCounter.builder(name, cache, own -> value.applyAsDouble(own.stats()))
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private static ToDoubleFunction<MultiLevelCache<?>> of(
      int level, ToDoubleFunction<CacheStats.Level> value) {
    return cache -> value.applyAsDouble(cache.stats().levels().get(level));
  }

  /** Micrometer's own meters of caches. */
  private static final class Standard extends CacheMeterBinder<MultiLevelCache<?>> {

    Standard(MultiLevelCache<?> cache) {
      super(cache, cache.name(), Tags.empty());
    }

    @Override
    protected @Nullable Long size() {
      MultiLevelCache<?> cache = getCache();
      return cache == null ? null : cache.stats().size();
    }

    @Override
    protected long hitCount() {
      MultiLevelCache<?> cache = getCache();
      return cache == null ? 0 : cache.stats().hitCount();
    }

    @Override
    protected Long missCount() {
      MultiLevelCache<?> cache = getCache();
      return cache == null ? 0L : cache.stats().missCount();
    }

    @Override
    protected Long evictionCount() {
      MultiLevelCache<?> cache = getCache();
      return cache == null ? 0L : cache.stats().evictionCount();
    }

    @Override
    protected long putCount() {
      MultiLevelCache<?> cache = getCache();
      return cache == null ? 0 : cache.stats().levels().get(0).putCount();
    }

    @Override
    protected void bindImplementationSpecificMetrics(MeterRegistry registry) {
      MultiLevelCache<?> cache = getCache();
      if (cache == null) {
        return;
      }
      TimeGauge.builder(
              "cache.load.duration",
              cache,
              TimeUnit.NANOSECONDS,
              own -> own.stats().loadTime().toNanos())
          .tags(getTagsWithCacheName())
          .description("The time the cache has spent loading new values")
          .register(registry);
      FunctionCounter.builder("cache.load", cache, own -> own.stats().loadFailureCount())
          .tags(getTagsWithCacheName())
          .tags("result", "failure")
          .description("Loads that threw or gave nothing")
          .register(registry);
      FunctionCounter.builder(
              "cache.load",
              cache,
              own -> {
                CacheStats stats = own.stats();
                return stats.loadCount() - stats.loadFailureCount();
              })
          .tags(getTagsWithCacheName())
          .tags("result", "success")
          .description("Loads that gave a value")
          .register(registry);
    }
  }
}

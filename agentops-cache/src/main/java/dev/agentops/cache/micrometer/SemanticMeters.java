package dev.agentops.cache.micrometer;

import dev.agentops.cache.SemanticCache;
import dev.agentops.cache.SemanticStats;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.function.ToDoubleFunction;

/** Meters of a cache that answers by meaning. */
final class SemanticMeters implements MeterBinder {

  private final SemanticCache<?> cache;

  SemanticMeters(SemanticCache<?> cache) {
    this.cache = cache;
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    CacheMetrics.requireNew(registry, cache.name());
    Tags tags = Tags.of("cache", cache.name());
    String gets = "cache.gets";
    String asked = "Questions it was asked";
    count(registry, gets, asked, tags.and("result", "hit"), SemanticStats::hitCount);
    count(registry, gets, asked, tags.and("result", "miss"), SemanticStats::missCount);
    count(registry, "cache.puts", "Answers it kept", tags, SemanticStats::putCount);
    String left = "Entries that left because there was no room";
    count(registry, "cache.evictions", left, tags, SemanticStats::evictionCount);
    String refused = "Misses for which there was something near that differs in words that matter";
    count(registry, "agentops.cache.refused", refused, tags, SemanticStats::refusedCount);
    gauge(registry, "cache.size", "Entries in this process", tags, SemanticStats::size);
    String bytes = "What texts and vectors in this process take, in bytes";
    gauge(registry, "agentops.cache.bytes", bytes, tags, SemanticStats::bytes);
    String bound = "Upper bound of the share of hits that are false, from 0 to 1";
    gauge(
        registry,
        "agentops.cache.false.hits.bound",
        bound,
        tags,
        stats -> stats.falseHitRate().upperBound());
  }

  private void count(
      MeterRegistry registry,
      String name,
      String description,
      Tags tags,
      ToDoubleFunction<SemanticStats> value) {
    FunctionCounter.builder(name, cache, own -> value.applyAsDouble(own.stats()))
        .description(description)
        .tags(tags)
        .register(registry);
  }

  private void gauge(
      MeterRegistry registry,
      String name,
      String description,
      Tags tags,
      ToDoubleFunction<SemanticStats> value) {
    Gauge.builder(name, cache, own -> value.applyAsDouble(own.stats()))
        .description(description)
        .tags(tags)
        .register(registry);
  }
}

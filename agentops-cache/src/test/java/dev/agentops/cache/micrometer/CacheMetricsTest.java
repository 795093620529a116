package dev.agentops.cache.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.cache.Codec;
import dev.agentops.cache.EmbeddingCache;
import dev.agentops.cache.MultiLevelCache;
import dev.agentops.cache.ResponseCache;
import dev.agentops.cache.SemanticCache;
import dev.agentops.cache.ToolResultCache;
import dev.agentops.cache.jdbc.SqliteCacheStore;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheMetricsTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @TempDir private Path folder;

  @Test
  void meters_followTheCache() {
    MultiLevelCache<String> cache =
        MultiLevelCache.builder(Codec.utf8())
            .name("answers")
            .remote(SqliteCacheStore.open(folder.resolve("cache.db")))
            .maximumRemoteValueBytes(10)
            .build();
    CacheMetrics.of(cache).bindTo(registry);
    cache.put("k", "v");
    cache.put("large", "0123456789x");
    cache.get("k");
    cache.get("missing");
    cache.getOrCompute("computed", key -> "v");
    assertThatThrownBy(
            () ->
                cache.getOrCompute(
                    "failing",
                    key -> {
                      throw new IllegalStateException("no");
                    }))
        .hasMessage("no");

    assertThat(value("cache.gets", "result", "hit")).isEqualTo(1);
    assertThat(value("cache.gets", "result", "miss")).isEqualTo(3);
    assertThat(value("cache.puts")).isEqualTo(3);
    assertThat(value("cache.evictions")).isZero();
    assertThat(value("cache.size")).isEqualTo(3);
    assertThat(value("cache.load", "result", "success")).isEqualTo(1);
    assertThat(value("cache.load", "result", "failure")).isEqualTo(1);
    assertThat(registry.get("cache.load.duration").timeGauge().value(TimeUnit.NANOSECONDS))
        .isEqualTo((double) cache.stats().loadTime().toNanos());
    assertThat(value("agentops.cache.store.gets", "store", "sqlite", "result", "miss"))
        .isEqualTo(3);
    assertThat(value("agentops.cache.store.puts", "store", "sqlite")).isEqualTo(2);
    assertThat(value("agentops.cache.store.discarded", "reason", "too.large")).isEqualTo(1);
    assertThat(value("agentops.cache.store.away", "store", "sqlite")).isZero();
    cache.close();
  }

  @Test
  void meters_ofALostStore_tellIt() throws Exception {
    SqliteCacheStore store = SqliteCacheStore.open(folder.resolve("cache.db"));
    try (MultiLevelCache<String> cache =
        MultiLevelCache.builder(Codec.utf8()).remote(store).build()) {
      CacheMetrics.of(cache).bindTo(registry);
      store.close();
      cache.put("k", "v");
      assertThat(value("agentops.cache.store.away")).isEqualTo(1);
      assertThat(value("agentops.cache.store.failures")).isEqualTo(1);
      assertThat(value("agentops.cache.store.pending")).isEqualTo(1);
    }
  }

  @Test
  void meters_allCarryTheCache_andTheStoresOfOneNameAreToldApart() {
    try (MultiLevelCache<String> cache =
        MultiLevelCache.builder(Codec.utf8())
            .name("answers")
            .remote(SqliteCacheStore.open(folder.resolve("a.db")))
            .remote(SqliteCacheStore.open(folder.resolve("b.db")))
            .build()) {
      CacheMetrics.of(cache).bindTo(registry);
      assertThat(registry.getMeters())
          .allMatch(meter -> "answers".equals(meter.getId().getTag("cache")))
          .allMatch(meter -> meter.getId().getDescription() != null);
      Set<String> stores =
          registry.find("agentops.cache.store.away").meters().stream()
              .map(meter -> meter.getId().getTag("store"))
              .collect(Collectors.toSet());
      assertThat(stores).containsExactlyInAnyOrder("sqlite", "sqlite-2");
    }
  }

  @Test
  void cachesOfEveryKind_haveMeters() {
    ResponseCache answers = ResponseCache.builder().maximumBytes(1_000_000).build();
    CacheMetrics.of(answers).bindTo(registry);
    CacheMetrics.of(ToolResultCache.builder().tool("t", Duration.ofMinutes(1)).build())
        .bindTo(registry);
    CacheMetrics.of(EmbeddingCache.builder().build()).bindTo(registry);
    for (String name : List.of("responses", "tools", "embeddings")) {
      assertThat(value("cache.gets", "cache", name, "result", "hit")).isZero();
      assertThat(value("agentops.cache.store.gets", "cache", name, "store", "local")).isZero();
    }
    assertThat(value("agentops.cache.bytes", "cache", "responses")).isZero();
    assertThat(value("agentops.cache.savings", "cache", "responses")).isZero();
  }

  @Test
  void cacheByMeaning_hasMetersAndTheBoundOfItsFalseHits() {
    EmbeddingModel model =
        new EmbeddingModel() {
          @Override
          public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
            return Response.from(List.of(Embedding.from(new float[] {1, 0})));
          }
        };
    try (SemanticCache<String> cache =
        SemanticCache.builder(Codec.utf8()).shared().embeddingModel("one", model).build()) {
      CacheMetrics.of(cache).bindTo(registry);
      cache.find("What is your fax number?");
      assertThat(value("cache.gets", "cache", cache.name(), "result", "miss")).isEqualTo(1);
      assertThat(value("cache.size")).isZero();
      assertThat(value("agentops.cache.false.hits.bound"))
          .isEqualTo(cache.stats().falseHitRate().upperBound());
    }
  }

  @Test
  void secondCacheOfOneName_isRefused() {
    try (MultiLevelCache<String> one = MultiLevelCache.builder(Codec.utf8()).name("a").build();
        MultiLevelCache<String> other = MultiLevelCache.builder(Codec.utf8()).name("a").build()) {
      CacheMetrics.of(one).bindTo(registry);
      assertThatThrownBy(() -> CacheMetrics.of(other).bindTo(registry))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("'a' already");
    }
  }

  private double value(String name, String... tags) {
    Meter meter = registry.get(name).tags(tags).meter();
    return meter.measure().iterator().next().getValue();
  }
}

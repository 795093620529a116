package dev.agentops.cache.micrometer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.cache.Codec;
import dev.agentops.cache.MultiLevelCache;
import dev.agentops.cache.jdbc.SqliteCacheStore;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
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

  private double value(String name, String... tags) {
    Meter meter = registry.get(name).tags(tags).meter();
    return meter.measure().iterator().next().getValue();
  }
}

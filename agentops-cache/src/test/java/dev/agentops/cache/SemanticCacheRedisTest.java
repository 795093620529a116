package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.cache.redis.RedisCacheStore;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A semantic cache on a real Redis. */
class SemanticCacheRedisTest {

  /** The machine that runs the tests may be busy. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final TestRedis redis = TestRedis.start();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final List<AutoCloseable> opened = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : opened) {
      each.close();
    }
    redis.close();
  }

  @Test
  void nodes_findAndForgetWhatOthersPut() {
    SemanticCache<String> one = node();
    SemanticCache<String> other = node();
    one.scope("a").putEntry("at 0", CacheEntry.of("zero").tags("t"));
    await().until(() -> other.scope("a").find("at 1").isPresent());
    one.scope("a").put("at 0", "new");
    await()
        .until(
            () -> other.scope("a").find("at 1").filter(it -> it.value().equals("new")).isPresent());
    other.scope("a").invalidateAll();
    await().until(() -> one.scope("a").find("at 1").isEmpty());
    assertThat(redis.commands().keys("*semantic:*")).isEmpty();
  }

  @Test
  void restart_readsHundredsOfEntries() {
    SemanticCache<String> before = node();
    for (int i = 0; i < 720; i++) {
      before.put("at " + i / 2.0, "v" + i);
    }
    SemanticCache<String> after = node();
    await().until(after::upToDate);
    assertThat(after.stats().size()).isEqualTo(720);
    assertThat(after.find("at 100.1").map(SemanticHit::value)).hasValue("v200");
  }

  @Test
  void redisHangsAndComesBack_goesOnAloneAndThenTogether() {
    SemanticCache<String> one = node(RedisCacheStore.DEFAULT_TIMEOUT);
    SemanticCache<String> other = node();
    await()
        .until(
            () -> {
              one.put("at 0", "zero");
              return other.find("at 1").isPresent();
            });
    redis.hang();
    one.put("at 90", "ninety"); // opens the circuit
    assertThat(one.find("at 1")).isPresent();
    assertThat(one.find("at 91")).isPresent();
    one.invalidate(one.find("at 1").orElseThrow().id());
    assertThat(one.find("at 1")).isEmpty();
    redis.goOn();
    await().until(() -> other.find("at 1").isEmpty());
    await()
        .until(
            () -> {
              one.put("at 180", "together");
              return other.find("at 181").isPresent();
            });
    assertThat(events).isNotEmpty();
  }

  @Test
  void redisKilledAndEmptyAgain_nothingOldIsFoundAfterwards() throws Exception {
    SemanticCache<String> one = node();
    one.put("at 0", "zero");
    await().until(one::upToDate);
    redis.kill();
    assertThat(one.find("at 1")).isPresent();
    redis.restart();
    await().until(() -> one.find("at 1").isEmpty());
    await()
        .until(
            () -> {
              one.put("at 90", "ninety");
              return !redis.commands().keys("*semantic:*").isEmpty();
            });
  }

  private SemanticCache<String> node() {
    return node(PATIENCE);
  }

  private SemanticCache<String> node(Duration timeout) {
    FakeJudgement judgement = new FakeJudgement();
    SemanticCache<String> node =
        SemanticCache.builder(Codec.utf8())
            .remote(RedisCacheStore.builder(redis.uri()).timeout(timeout).build())
            .listener(events::add)
            .judgement(judgement, judgement)
            .build();
    opened.add(node);
    await().until(node::upToDate);
    return node;
  }
}

package dev.agentops.cache.redis;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.cache.Codec;
import dev.agentops.cache.MultiLevelCache;
import dev.agentops.event.CacheStoreEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.TestRedis;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A cache whose Redis hangs or dies, and comes back. */
class RedisOutageTest {

  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private TestRedis redis;
  private MultiLevelCache<String> one;
  private MultiLevelCache<String> two;

  @BeforeEach
  void open() {
    redis = TestRedis.start();
    one = newCache();
    two = newCache();
  }

  @AfterEach
  void close() {
    redis.goOn();
    one.close();
    two.close();
    redis.close();
  }

  private MultiLevelCache<String> newCache() {
    return MultiLevelCache.builder(Codec.utf8())
        .remote(RedisCacheStore.connect(redis.uri()))
        .listener(events::add)
        .build();
  }

  @Test
  void serverHangs_cacheGoesOnAndTheServerForgetsWhatWasInvalidatedMeanwhile() {
    awaitWritten("k", "old");
    redis.hang();
    one.invalidate("k");
    one.put("local", "v");
    assertThat(one.get("k")).isEmpty();
    assertThat(one.getOrCompute("k2", key -> "loaded")).isEqualTo("loaded");
    assertThat(one.get("local")).hasValue("v");
    await().until(() -> events.stream().anyMatch(event -> !isRecovery(event)));

    redis.goOn();
    await().atMost(20, SECONDS).until(() -> events.stream().anyMatch(RedisOutageTest::isRecovery));
    await().until(() -> two.get("k").isEmpty());
    assertThat(redis.commands().exists("{agentops:cache}:d:cache:k")).isZero();
    awaitWritten("k", "new");
  }

  @Test
  void serverKilledAndRestarted_cacheGoesOnAndSharesAgain() throws IOException {
    awaitWritten("k", "old");
    redis.kill();
    one.put("k", "meanwhile");
    assertThat(one.get("k")).hasValue("meanwhile");
    assertThat(two.getOrCompute("other", key -> "loaded")).isEqualTo("loaded");

    redis.restart();
    await().atMost(20, SECONDS).until(() -> events.stream().anyMatch(RedisOutageTest::isRecovery));
    awaitWritten("k", "new");
  }

  /** Not at the first try where this machine is too busy to answer in time. */
  private void awaitWritten(String key, String value) {
    await()
        .atMost(20, SECONDS)
        .until(
            () -> {
              one.put(key, value);
              return two.get(key).filter(value::equals).isPresent();
            });
  }

  private static boolean isRecovery(OpsEvent event) {
    return event instanceof CacheStoreEvent change && change.isRecovery();
  }
}

package dev.agentops.cache.redis;

import static org.awaitility.Awaitility.await;

import dev.agentops.cache.LeasingCacheStore;
import dev.agentops.cache.LeasingCacheStoreSuite;
import dev.agentops.testing.TestRedis;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

class RedisCacheStoreTest extends LeasingCacheStoreSuite {

  /** The machine that runs the tests may be busy. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static TestRedis redis;

  @BeforeAll
  static void start() {
    redis = TestRedis.start();
  }

  @AfterAll
  static void stop() {
    if (redis != null) {
      redis.close();
    }
  }

  @Override
  protected LeasingCacheStore newStore() {
    redis.commands().flushall();
    return another();
  }

  @Override
  protected LeasingCacheStore another() {
    return RedisCacheStore.builder(redis.uri()).timeout(PATIENCE).build();
  }

  @Override
  protected void pass(Duration time) {
    long until = System.nanoTime() + time.toNanos();
    await().pollDelay(time).until(() -> System.nanoTime() - until >= 0);
  }
}

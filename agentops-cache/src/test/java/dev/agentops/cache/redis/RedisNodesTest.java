package dev.agentops.cache.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.cache.CacheEntry;
import dev.agentops.cache.CacheHit;
import dev.agentops.cache.MultiLevelCache;
import dev.agentops.testing.TestRedis;
import io.lettuce.core.KillArgs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Caches of several nodes that share one Redis. */
class RedisNodesTest {

  private static TestRedis redis;

  private MultiLevelCache<String> one;
  private MultiLevelCache<String> two;

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

  @BeforeEach
  void open() {
    redis.commands().flushall();
    one = CacheProcess.cache(redis.uri(), builder -> builder);
    two = CacheProcess.cache(redis.uri(), builder -> builder);
  }

  @AfterEach
  void close() {
    one.close();
    two.close();
  }

  @Test
  void put_onEitherNode_reachesTheOther() {
    for (int round = 0; round < 20; round++) {
      String value = "v" + round;
      MultiLevelCache<String> writer = round % 2 == 0 ? one : two;
      MultiLevelCache<String> reader = round % 2 == 0 ? two : one;
      writer.put("k", value);
      await().until(() -> reader.get("k").equals(Optional.of(value)));
    }
  }

  @Test
  void ownWrite_staysInTheLocalLevel() {
    one.put("put", "v");
    assertThat(one.getOrCompute("loaded", key -> "v")).isEqualTo("v");
    two.put("the last", "v");
    await().until(() -> one.get("the last").isPresent());

    assertThat(level(one, "put")).isEqualTo("local");
    assertThat(level(one, "loaded")).isEqualTo("local");
    assertThat(level(two, "loaded")).isEqualTo("redis");
    assertThat(level(two, "loaded")).isEqualTo("local");
  }

  @Test
  void loadOfAKeyWhoseTimeIsOver_isKept() {
    int rounds = 10;
    int kept = 0;
    for (int round = 0; round < rounds; round++) {
      String key = "k" + round;
      two.put(key, "old");
      redis.commands().pexpire("{agentops:cache}:d:cache:" + key, 1);
      long over = redisMillis() + 2;
      while (redisMillis() < over) {
        Thread.onSpinWait(); // without a look at the key, which would remove it
      }
      String loaded =
          one.getOrCompute(
              key,
              k -> {
                one.get("another"); // what Redis told before has arrived
                return "new";
              });
      assertThat(loaded).isEqualTo("new");
      kept += level(one, key).equals("local") && level(two, key).equals("redis") ? 1 : 0;
    }
    // all but those that Redis has removed by itself just when we asked
    assertThat(kept).isGreaterThan(rounds / 2);
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "prefix", "tag", "all"})
  void invalidation_reachesTheOther(String how) {
    one.putEntry("key", CacheEntry.of("v").tags("tag"));
    await().until(() -> two.get("key").isPresent());
    two.get("key");
    switch (how) {
      case "key" -> one.invalidate("key");
      case "prefix" -> one.invalidateByPrefix("k");
      case "tag" -> one.invalidateByTag("tag");
      default -> one.invalidateAll();
    }
    await().until(() -> two.get("key").isEmpty());
    assertThat(one.get("key")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"key", "prefix", "tag", "all"})
  void invalidation_reachesAValueThatOnlyTheOtherHas(String how) {
    try (MultiLevelCache<String> three =
        CacheProcess.cache(redis.uri(), builder -> builder.maximumRemoteValueBytes(100))) {
      three.putEntry("key", CacheEntry.of("too large".repeat(100)).tags("tag"));
      assertThat(level(three, "key")).isEqualTo("local");
      three.put("stays", "v");
      switch (how) {
        case "key" -> one.invalidate("key");
        case "prefix" -> one.invalidateByPrefix("k");
        case "tag" -> one.invalidateByTag("tag");
        default -> one.invalidateAll();
      }
      await().until(() -> three.get("key").isEmpty());
      if (!how.equals("all")) {
        assertThat(level(three, "stays")).isEqualTo("local");
      }
    }
  }

  @Test
  void connectionLost_nothingOldIsServedAfterIt() {
    for (int round = 0; round < 5; round++) {
      String old = "old" + round;
      String newer = "new" + round;
      one.put("k", old);
      await().until(() -> two.get("k").equals(Optional.of(old)));
      redis.commands().clientKill(KillArgs.Builder.typeNormal().skipme());
      redis.commands().del("{agentops:cache}:d:cache:k");
      await()
          .until(
              () -> {
                one.put("k", newer); // not kept in the store while that is away
                return one.stats().levels().get(1).failureCount() >= 0
                    && two.get("k").equals(Optional.of(newer));
              });
    }
  }

  @Test
  void twoNodesChangeTheSameKeysAtOnce_inTheEndBothAgreeWithTheStore() throws Exception {
    List<MultiLevelCache<String>> nodes = List.of(one, two);
    ExecutorService pool = Executors.newFixedThreadPool(8);
    AtomicInteger values = new AtomicInteger();
    try {
      List<Callable<Void>> work = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        MultiLevelCache<String> node = nodes.get(i % 2);
        Random random = new Random(i);
        work.add(
            () -> {
              for (int j = 0; j < 400; j++) {
                step(node, "k" + random.nextInt(4), random.nextInt(10), values);
              }
              return null;
            });
      }
      for (Future<Void> done : pool.invokeAll(work)) {
        done.get();
      }
    } finally {
      pool.shutdownNow();
    }
    try (MultiLevelCache<String> fresh = CacheProcess.cache(redis.uri(), builder -> builder)) {
      await()
          .untilAsserted(
              () -> {
                for (int i = 0; i < 4; i++) {
                  Optional<String> stored = fresh.get("k" + i);
                  assertThat(one.get("k" + i)).as("k%s of one", i).isEqualTo(stored);
                  assertThat(two.get("k" + i)).as("k%s of two", i).isEqualTo(stored);
                }
              });
    }
    assertThat(one.stats().levels().get(1).failureCount()).isZero();
    assertThat(two.stats().levels().get(1).failureCount()).isZero();
  }

  private static void step(
      MultiLevelCache<String> node, String key, int what, AtomicInteger values) {
    switch (what) {
      case 0, 1 -> node.put(key, "put " + values.incrementAndGet());
      case 2 -> node.invalidate(key);
      case 3 -> node.putEntry(key, CacheEntry.of("put " + values.incrementAndGet()).tags("tag"));
      case 4 -> node.invalidateByTag("tag");
      case 5, 6 -> node.getOrCompute(key, k -> "loaded " + values.incrementAndGet());
      default -> node.get(key);
    }
  }

  @Test
  void manyThreadsOfTwoProcesses_loadOnce() throws Exception {
    Duration load = Duration.ofMillis(500);
    Duration lease = Duration.ofSeconds(3);
    try (CacheProcess first = CacheProcess.start(redis.uri(), "k", 500, load, lease);
        CacheProcess second = CacheProcess.start(redis.uri(), "k", 500, load, lease)) {
      first.go();
      second.go();
      first.awaitLine("done");
      second.awaitLine("done");
    }
    assertThat(redis.commands().get(CacheProcess.LOADS)).isEqualTo("1");
  }

  @Test
  void loadingProcessKilled_anotherLoadsOnceWhenTheLeaseIsOver() throws Exception {
    Duration lease = Duration.ofSeconds(1);
    Duration forEver = Duration.ofHours(1);
    try (CacheProcess loader = CacheProcess.start(redis.uri(), "k", 1, forEver, lease);
        CacheProcess waiter =
            CacheProcess.start(redis.uri(), "k", 500, Duration.ofMillis(10), lease)) {
      loader.go();
      loader.awaitLine("loading");
      waiter.go();
      await()
          .during(lease.plusMillis(500)) // the lease is renewed while its holder lives
          .until(() -> redis.commands().get(CacheProcess.LOADS).equals("1"));

      loader.kill();
      long killed = System.nanoTime();
      waiter.awaitLine("done");
      System.out.println(
          "another process loaded after " + (System.nanoTime() - killed) / 1_000_000 + " ms");
    }
    assertThat(redis.commands().get(CacheProcess.LOADS)).isEqualTo("2");
  }

  private static long redisMillis() {
    List<String> time = redis.commands().time();
    return Long.parseLong(time.get(0)) * 1000 + Long.parseLong(time.get(1)) / 1000;
  }

  private static String level(MultiLevelCache<String> cache, String key) {
    return cache.find(key).map(CacheHit::level).orElse("none");
  }
}

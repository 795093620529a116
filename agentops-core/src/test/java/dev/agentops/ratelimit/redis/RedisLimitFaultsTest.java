package dev.agentops.ratelimit.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.agentops.ratelimit.Demand;
import dev.agentops.ratelimit.RateLimitStore.Cell;
import dev.agentops.ratelimit.RateLimitStore.Decision;
import dev.agentops.ratelimit.RateLimitStoreException;
import dev.agentops.ratelimit.RateLimiter;
import dev.agentops.ratelimit.RateLimits;
import dev.agentops.ratelimit.StoreFailure;
import dev.agentops.testing.TestRedis;
import dev.agentops.testing.WithoutJars;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What becomes of limits when Redis, or what is in it, is not what it should be. */
@Timeout(60)
class RedisLimitFaultsTest {

  private static final Duration PATIENT = Duration.ofSeconds(5);
  private static final Demand CALL = Demand.of(0, 0);
  private static final Cell CELL = cell("a", CALL);

  private static TestRedis redis;

  private RedisRateLimitStore store;

  @BeforeAll
  static void start() {
    redis = TestRedis.start();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @BeforeEach
  void open() {
    redis.commands().flushall();
    store = RedisRateLimitStore.builder(redis.uri()).timeout(PATIENT).build();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void killedServer_isAway_andStartsEmptyWhenItIsBack() throws IOException {
    assertThat(take(store, CELL).granted()).isTrue();
    assertThat(take(store, CELL).granted()).isTrue();
    Decision last = take(store, CELL);
    assertThat(last.granted()).isTrue();

    redis.kill();
    assertAway(() -> take(store, CELL));
    assertAway(() -> store.cancel(Objects.requireNonNull(last.ticket())));
    assertAway(store::check);
    redis.restart();

    awaitBack(store);
    store.cancel(Objects.requireNonNull(last.ticket())); // of what is forgotten
    for (int i = 0; i < 3; i++) {
      assertThat(take(store, CELL).granted()).isTrue();
    }
    assertThat(take(store, CELL).granted()).isFalse();
  }

  @Test
  void hungServer_isAway_afterTheTimeout() {
    try (RedisRateLimitStore hasty = RedisRateLimitStore.connect(redis.uri())) {
      assertThat(take(hasty, CELL).granted()).isTrue();
      redis.hang();
      try {
        for (int i = 0; i < 20; i++) {
          assertAway(() -> take(hasty, CELL));
        }
        assertAway(hasty::check);
      } finally {
        redis.goOn();
      }
      awaitBack(hasty);
    }
    assertThat(take(store, CELL).granted()).as("what was asked is done late").isFalse();
  }

  @Test
  void limiter_goesOnLocally_andComesBack() throws IOException {
    RateLimiter limiter =
        RateLimiter.builder()
            .requestsPerDay(3)
            .store(store)
            .onStoreFailure(StoreFailure.LOCAL)
            .build();
    assertThat(limiter.tryAcquire("a")).isTrue();

    redis.kill();

    for (int i = 0; i < 3; i++) {
      assertThat(limiter.tryAcquire("a")).isTrue();
    }
    assertThat(limiter.tryAcquire("a")).isFalse();
    assertThat(limiter.stats().storeAway()).isTrue();
    redis.restart();
    await().until(() -> !limiter.stats().storeAway());
    assertThat(limiter.tryAcquire("a")).isTrue();
    assertThat(redis.commands().keys("*")).anyMatch(key -> key.contains(":l:"));
  }

  @Test
  void connect_whileTheServerIsAway_isAwayUntilItIsThere() throws IOException {
    redis.kill();
    try (RedisRateLimitStore early =
        RedisRateLimitStore.builder(redis.uri()).timeout(PATIENT).build()) {
      assertAway(() -> take(early, CELL));
      redis.restart();

      awaitBack(early);
      assertThat(take(early, CELL).granted()).isTrue();
    } finally {
      if (redis.commands() == null) {
        redis.restart();
      }
    }
  }

  @Test
  void connectionCut_beforeTheAnswer_isChargedAndSettledOnce() throws IOException {
    try (CuttingProxy proxy = new CuttingProxy(redis.uri());
        RedisRateLimitStore far =
            RedisRateLimitStore.builder(proxy.uri()).timeout(PATIENT).build()) {
      proxy.cutNextAnswer();
      assertAway(() -> take(far, CELL));
      awaitBack(far);
      Decision second = take(far, CELL);
      assertThat(second.granted()).isTrue();
      assertThat(take(far, CELL).granted()).isTrue();
      assertThat(take(far, CELL).granted()).as("the first was charged, once").isFalse();

      proxy.cutNextAnswer();
      assertAway(() -> far.cancel(Objects.requireNonNull(second.ticket())));
      awaitBack(far);
      far.cancel(Objects.requireNonNull(second.ticket()));
      far.settle(second.ticket(), 1, 1);

      assertThat(take(far, CELL).granted()).isTrue();
      assertThat(take(far, CELL).granted()).as("given back once").isFalse();
    }
  }

  @Test
  void flushedServer_startsEmpty() {
    for (int i = 0; i < 3; i++) {
      assertThat(take(store, CELL).granted()).isTrue();
    }
    redis.commands().flushall();
    redis.commands().scriptFlush();

    for (int i = 0; i < 3; i++) {
      assertThat(take(store, CELL).granted()).isTrue();
    }
    assertThat(take(store, CELL).granted()).isFalse();
  }

  @Test
  void keyOfAnotherType_isRefused_andNothingIsTaken() {
    redis.commands().lpush("{agentops:limit}:l:list", "x");
    redis.commands().set("{agentops:limit}:c:text", "x");
    RateLimits atOnce = RateLimits.builder().requestsPerDay(3).concurrency(3).build();

    assertRefused(() -> take(store, CELL, cell("list", CALL)));
    assertRefused(() -> take(store, CELL, Cell.of("text", atOnce, CALL)));
    assertRefused(() -> store.penalize("list", PATIENT));

    for (int i = 0; i < 3; i++) {
      assertThat(take(store, CELL).granted()).isTrue();
    }
    assertThat(take(store, CELL).granted()).isFalse();
  }

  @Test
  void textOfAnother_isAnEmptyBucket() {
    for (String text : List.of("", "x", "12 r86400=", "12 r86400=--1e", "1e999 r86400=5", "9 ==")) {
      redis.commands().set("{agentops:limit}:l:a", text);
      assertThat(take(store, CELL).granted()).as(text).isTrue();
      assertThat(store.probe(List.of(CELL)).granted()).as(text).isTrue();
    }
  }

  @Test
  void fullMemory_isAnOutage_untilThereIsRoom() {
    assertThat(take(store, CELL).granted()).isTrue();
    redis.commands().configSet("maxmemory", "1");
    try {
      assertAway(() -> take(store, CELL));
      assertAway(store::check);
    } finally {
      redis.commands().configSet("maxmemory", "0");
    }
    store.check();
    assertThat(take(store, CELL).granted()).isTrue();
  }

  @Test
  void wrongPassword_isSaidAtOnce_withoutIt() {
    String uri = redis.uri().replace("redis://", "redis://user:secret@");

    assertThatThrownBy(() -> RedisRateLimitStore.connect(uri))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("WRONGPASS")
        .hasMessageNotContaining("secret");
    assertThatThrownBy(() -> RedisRateLimitStore.connect("http://user:secret@host"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("http://***@host");
  }

  @Test
  void clientOfTheCaller_isNotClosed() {
    RedisClient client = RedisClient.create();
    try {
      RedisURI uri = RedisURI.create(redis.uri());
      try (RedisRateLimitStore theirs =
          RedisRateLimitStore.builder(client, uri).timeout(PATIENT).build()) {
        assertThat(take(theirs, CELL).granted()).isTrue();
      }
      assertThat(client.connect(uri).sync().ping()).isEqualTo("PONG");
    } finally {
      client.shutdown();
    }
  }

  @Test
  void closedStore_refuses() {
    store.close();

    assertRefused(() -> take(store, CELL));
    assertRefused(store::check);
  }

  @Test
  void withoutLettuce_theArtifactIsNamed() throws Exception {
    assertThat(WithoutJars.call(WithoutLettuce.class, "lettuce-core", "netty"))
        .isEqualTo("RedisRateLimitStore needs io.lettuce:lettuce-core on the class path");
  }

  /** Run without the jar. */
  public static final class WithoutLettuce implements Callable<String> {

    @Override
    public String call() {
      assertThat(RateLimiter.builder().requestsPerDay(1).build().tryAcquire("a")).isTrue();
      try {
        RedisRateLimitStore.connect("redis://localhost").close();
        return "no exception";
      } catch (IllegalStateException e) {
        return e.getMessage();
      }
    }
  }

  private static Cell cell(String key, Demand demand) {
    return Cell.of(key, RateLimits.builder().requestsPerDay(3).build(), demand);
  }

  private static Decision take(RedisRateLimitStore store, Cell... cells) {
    return store.take(List.of(cells), Duration.ZERO);
  }

  private static void assertAway(Runnable request) {
    assertThat(failure(request).refused()).isFalse();
  }

  private static void assertRefused(Runnable request) {
    assertThat(failure(request).refused()).isTrue();
  }

  private static RateLimitStoreException failure(Runnable request) {
    RateLimitStoreException failure =
        catchThrowableOfType(RateLimitStoreException.class, request::run);
    assertThat(failure).hasMessageContaining("127.0.0.1");
    return failure;
  }

  private static void awaitBack(RedisRateLimitStore store) {
    await()
        .ignoreException(RateLimitStoreException.class)
        .until(
            () -> {
              store.check();
              return true;
            });
  }
}

package dev.agentops.ratelimit.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.TestClock;
import dev.agentops.ratelimit.Demand;
import dev.agentops.ratelimit.RateLimiter;
import dev.agentops.ratelimit.RateLimits;
import dev.agentops.ratelimit.Reservation;
import dev.agentops.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How callers of one process wait for what several processes share. */
@Timeout(60)
class RedisQueueTest {

  private static final long START_MICROS = 1_800_000_000_000_000L;
  private static final Duration LONG = Duration.ofHours(1);
  private static final Demand ONE = Demand.of(0, 0);

  private static final TestClock CLOCK = TestClock.create();

  private static TestRedis redis;
  private static RedisRateLimitStore store;

  private final ExecutorService pool = Executors.newCachedThreadPool();
  private final ConcurrentLinkedQueue<String> served = new ConcurrentLinkedQueue<>();

  @BeforeAll
  static void start() {
    redis = TestRedis.start();
    store =
        RedisRateLimitStore.builder(redis.uri())
            .timeout(Duration.ofSeconds(5))
            .lease(Duration.ofDays(1)) // the clock goes on, and nobody renews
            .timeMicros(() -> START_MICROS + CLOCK.nanoTime() / 1_000)
            .build();
  }

  @AfterAll
  static void stop() {
    store.close();
    redis.close();
  }

  @AfterEach
  void stopCallers() {
    pool.shutdownNow();
    redis.commands().flushall();
  }

  @Test
  void total_oneNoisyKey_leavesTheOthersTheirShare() {
    RateLimiter limiter = limiter(RateLimits.builder().requestsPerSecond(10).burst(1).build());
    limiter.tryAcquire("first");
    for (int i = 0; i < 20; i++) {
      waiting(limiter, "noisy");
    }
    await().until(() -> limiter.stats().queued() == 20);
    for (String key : List.of("a", "b", "a", "b", "a", "b")) {
      waiting(limiter, key);
    }
    await().until(() -> limiter.stats().queued() == 26);

    await()
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              CLOCK.advance(Duration.ofMillis(20));
              return served.size() >= 12;
            });

    assertThat(served.stream().limit(12)).filteredOn("a"::equals).hasSize(3);
    assertThat(served.stream().limit(12)).filteredOn("b"::equals).hasSize(3);
  }

  @Test
  void concurrency_givenBackByAnotherProcess_isFound() throws Exception {
    RateLimits one = RateLimits.builder().concurrency(1).build();
    Reservation held = limiter(one).reserve("k", ONE); // as another process would
    Future<Reservation> waiting = waiting(limiter(one), "k");
    await().until(() -> CLOCK.pendingTimers() > 0);
    CLOCK.advance(Duration.ofMillis(500));
    assertThat(waiting.isDone()).isFalse();

    held.settle(0);
    await()
        .pollInterval(Duration.ofMillis(2))
        .until(
            () -> {
              CLOCK.advance(Duration.ofMillis(100));
              return waiting.isDone();
            });

    waiting.get(10, TimeUnit.SECONDS).cancel();
  }

  private RateLimiter limiter(RateLimits total) {
    return RateLimiter.builder().total(total).store(store).clock(CLOCK).build();
  }

  private Future<Reservation> waiting(RateLimiter limiter, String key) {
    return pool.submit(
        () -> {
          Reservation reservation = limiter.reserve(key, ONE, LONG);
          served.add(key);
          return reservation;
        });
  }
}

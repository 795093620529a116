package dev.agentops.ratelimit.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.ratelimit.Demand;
import dev.agentops.ratelimit.RateLimitExceededException;
import dev.agentops.ratelimit.RateLimiter;
import dev.agentops.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Limits that two other JVMs and this one share. */
@Timeout(120)
class RedisSharedLimitTest {

  private static final Demand CALL = Demand.of(0, 0);

  private static TestRedis redis;

  @BeforeAll
  static void start() {
    redis = TestRedis.start();
  }

  @AfterAll
  static void stop() {
    redis.close();
  }

  @Test
  void threeProcesses_useTheLimitUp_andNeverMore() throws Exception {
    try (LimitProcess plain = LimitProcess.start(redis.uri(), 1);
        LimitProcess batching = LimitProcess.start(redis.uri(), 100);
        RedisRateLimitStore store = LimitProcess.store(redis.uri(), 1)) {
      RateLimiter limiter = LimitProcess.rate(store);
      plain.awaitReady();
      batching.awaitReady();

      double before = serverSeconds();
      long taken = takeAll(limiter); // so that the bucket is never full from now on
      double emptied = serverSeconds();
      for (LimitProcess process : List.of(plain, batching)) {
        process.take(Duration.ofMillis(1_500));
      }
      long byPlain = plain.answer();
      long byBatching = batching.answer();
      batching.finish(); // gives back what it has left
      double finished = serverSeconds();
      taken += byPlain + byBatching + takeAll(limiter);
      double after = serverSeconds();

      long rate = LimitProcess.PER_SECOND;
      assertThat(byPlain).isPositive();
      assertThat(byBatching).isPositive();
      assertThat(taken).isLessThanOrEqualTo((long) (rate + rate * (after - before)));
      assertThat((double) taken).isGreaterThan(0.99 * (rate + rate * (finished - emptied)) - 1);
    }
  }

  @Test
  void placeOfAKilledProcess_comesFree_andThatOfALivingOneDoesNot() throws Exception {
    try (LimitProcess holder = LimitProcess.start(redis.uri(), 1);
        RedisRateLimitStore store = LimitProcess.store(redis.uri(), 1)) {
      RateLimiter limiter = LimitProcess.places(store);
      holder.hold();

      await()
          .during(LimitProcess.LEASE.multipliedBy(2))
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThatThrownBy(() -> limiter.reserve("k", CALL))
                      .isInstanceOf(RateLimitExceededException.class));
      holder.kill();

      await()
          .ignoreException(RateLimitExceededException.class)
          .until(
              () -> {
                limiter.reserve("k", CALL).cancel();
                return true;
              });
    }
  }

  private static long takeAll(RateLimiter limiter) {
    long taken = 0;
    while (limiter.tryAcquire("k")) {
      taken++;
    }
    return taken;
  }

  private static double serverSeconds() {
    List<String> time = redis.commands().time();
    return Long.parseLong(time.get(0)) + Long.parseLong(time.get(1)) / 1e6;
  }
}

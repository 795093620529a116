package dev.agentops.ratelimit.redis;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.TestClock;
import dev.agentops.ratelimit.Demand;
import dev.agentops.ratelimit.RateLimitExceededException;
import dev.agentops.ratelimit.RateLimiter;
import dev.agentops.ratelimit.RateLimiterBuilder;
import dev.agentops.ratelimit.RateLimiterSuite;
import dev.agentops.ratelimit.RateLimits;
import dev.agentops.ratelimit.Reservation;
import dev.agentops.testing.TestRedis;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The limits of several processes, at the time of the limiter's clock. */
class RedisRateLimiterTest extends RateLimiterSuite {

  private static final long START_MICROS = 1_800_000_000_000_000L;

  private static volatile TestClock time = TestClock.create();
  private static TestRedis redis;
  private static RedisRateLimitStore store;

  @BeforeAll
  static void start() {
    redis = TestRedis.start();
    store =
        RedisRateLimitStore.builder(redis.uri())
            .timeout(Duration.ofSeconds(5))
            .lease(Duration.ofDays(1)) // the clock goes on, and nobody renews
            .timeMicros(() -> START_MICROS + time.nanoTime() / 1_000)
            .build();
  }

  @AfterAll
  static void stop() {
    store.close();
    redis.close();
  }

  @BeforeEach
  void empty() {
    redis.commands().flushall();
    time = clock;
  }

  @Override
  protected RateLimiterBuilder limiter() {
    return RateLimiter.builder().clock(clock).store(store);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void randomTrace_isDecidedAsTheLocalLimiterDoes(long seed) {
    Random random = new Random(seed);
    // intervals of whole microseconds, since Redis counts them
    RateLimits total = RateLimits.builder().requestsPerMinute(120).burst(30).build();
    Function<RateLimiterBuilder, RateLimiter> build =
        builder ->
            builder
                .requestsPerMinute(60)
                .requestsPerHour(1_000)
                .burst(20)
                .tokensPerMinute(60_000)
                .outputTokensPerMinute(12_000)
                .concurrency(6)
                .total(total)
                .build();
    RateLimiter local = build.apply(RateLimiter.builder().clock(clock));
    RateLimiter shared = build.apply(limiter());
    List<Reservation[]> held = new ArrayList<>();
    int granted = 0;
    int refused = 0;
    for (int step = 0; step < 700; step++) {
      String key = "k" + random.nextInt(3);
      switch (random.nextInt(12)) {
        case 0, 1 -> advance(Duration.ofMillis(random.nextInt(4_000)));
        case 2 -> {
          if (random.nextInt(20) == 0) {
            Duration penalty = Duration.ofMillis(random.nextInt(5_000));
            local.penalize(key, penalty);
            shared.penalize(key, penalty);
          }
        }
        case 3, 4, 5 -> {
          if (!held.isEmpty()) {
            Reservation[] pair = held.remove(random.nextInt(held.size()));
            int input = random.nextInt(6_000);
            int output = random.nextInt(1_500);
            boolean cancels = random.nextInt(3) == 0;
            for (Reservation each : pair) {
              if (cancels) {
                each.cancel();
              } else {
                each.settle(input, output);
              }
            }
          }
        }
        default -> {
          Demand demand = Demand.of(random.nextInt(5_000), random.nextInt(1_000));
          String of = "step " + step + " of seed " + seed + ", " + demand;
          assertThat(shared.probe(key, demand)).as(of).isEqualTo(local.probe(key, demand));
          Reservation theirs = reserve(shared, key, demand);
          Reservation ours = reserve(local, key, demand);
          assertThat(theirs == null).as(of).isEqualTo(ours == null);
          if (theirs != null && ours != null) {
            held.add(new Reservation[] {ours, theirs});
            granted++;
          } else {
            refused++;
          }
        }
      }
    }
    assertThat(granted).isGreaterThan(50);
    assertThat(refused).isGreaterThan(50);
    assertThat(shared.stats().storeFailures()).isZero();
  }

  private static @Nullable Reservation reserve(RateLimiter limiter, String key, Demand demand) {
    try {
      return limiter.reserve(key, demand);
    } catch (RateLimitExceededException e) {
      return null;
    }
  }
}

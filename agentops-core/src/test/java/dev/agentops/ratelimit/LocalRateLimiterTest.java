package dev.agentops.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import dev.agentops.Clock;
import dev.agentops.http.ProviderLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The limits of one process. */
class LocalRateLimiterTest extends RateLimiterSuite {

  @Override
  protected RateLimiterBuilder limiter() {
    return RateLimiter.builder().clock(clock);
  }

  static Stream<Arguments> shapes() {
    return Stream.of(
        Arguments.of("7 a second", Duration.ofSeconds(1), 7, 7, limits().requestsPerSecond(7)),
        Arguments.of(
            "burst", Duration.ofMinutes(1), 700, 3, limits().requestsPerMinute(700).burst(3)),
        Arguments.of(
            "no burst",
            Duration.ofMinutes(1),
            1_001,
            1,
            limits().requestsPerMinute(1_001).burst(1)),
        Arguments.of(
            "large burst", Duration.ofSeconds(1), 3, 100, limits().requestsPerSecond(3).burst(100)),
        Arguments.of(
            "two windows",
            Duration.ofMinutes(1),
            300,
            300,
            limits().requestsPerSecond(10).requestsPerMinute(300)));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("shapes")
  void tenMinutes_saturated_neverMoreThanLimitAndBurstInAnyWindowAndNoneIsWasted(
      String name, Duration window, int limit, int burst, RateLimits.Builder limits) {
    RateLimiter limiter = limiter().requestsPerSecond(1).build();
    limiter.limits(limits.build());
    Random random = new Random(name.hashCode());
    long end = TimeUnit.MINUTES.toNanos(10);
    List<Long> taken = new ArrayList<>();
    while (clock.nanoTime() < end) {
      if (limiter.tryAcquire("k")) {
        taken.add(clock.nanoTime());
      } else {
        long wait = limiter.probe("k").retryAfter().toNanos();
        advance(Duration.ofNanos(random.nextBoolean() ? wait : 1 + random.nextLong(wait)));
      }
    }

    for (int first = 0, last = 0; last < taken.size(); last++) {
      while (taken.get(last) - taken.get(first) >= window.toNanos()) {
        first++;
      }
      assertThat(last - first + 1).isLessThanOrEqualTo(limit + burst);
    }
    double periods = (double) end / window.toNanos();
    assertThat((double) taken.size() - burst).isGreaterThanOrEqualTo(0.99 * limit * periods);
  }

  @Test
  void largeLimits_fractionsOfANanosecondEach_areKeptToAPercent() {
    RateLimiter requests = limiter().requestsPerMinute(50_000_000_000L).burst(5_000).build();
    RateLimiter tokens = limiter().tokensPerMinute(50_000_000_000L).build();
    Random random = new Random(7);
    assertThat(tokens.tryAcquire("k", 50_000_000_000L)).isTrue();
    long requestsTaken = 0;
    long tokensTaken = 0;
    int micros = 300;
    for (int i = 0; i < micros; i++) {
      advance(Duration.ofNanos(1_000));
      while (requests.tryAcquire("k")) {
        requestsTaken++;
      }
      for (long some = 1 + random.nextInt(9); tokens.tryAcquire("k", some); ) {
        tokensTaken += some;
      }
    }

    double limit = 50e9 / 60e6 * micros;
    assertThat((double) requestsTaken).isBetween(0.99 * limit, limit + 5_000);
    assertThat((double) tokensTaken).isBetween(0.98 * limit, limit);
  }

  /** Each step back is one of the clock's, so the limiter may count at most the steps forward. */
  @ParameterizedTest
  @MethodSource("clockSeeds")
  void clock_goesBackAndForth_neitherABurstNorALockOut(long seed) {
    JumpingClock jumping = new JumpingClock();
    RateLimiter limiter = RateLimiter.builder().requestsPerSecond(10).clock(jumping).build();
    Random random = new Random(seed);
    long forward = 0;
    long taken = 0;
    for (int i = 0; i < 5_000; i++) {
      boolean back = random.nextInt(10) == 0;
      long step = back ? -random.nextLong(3_600_000_000_000L) : random.nextLong(100_000_000L);
      forward += Math.max(0, step);
      jumping.nanos += step;
      while (limiter.tryAcquire("k")) {
        taken++;
      }
    }

    double limit = 10 * forward / 1e9;
    assertThat((double) taken).isBetween(0.99 * limit, limit + 10);
  }

  static Stream<Long> clockSeeds() {
    return Stream.of(1L, 2L);
  }

  @Test
  void keys_hostileFlood_isBoundedAndSaidInTheStats() {
    RateLimiter limiter = limiter().requestsPerDay(1).maximumKeys(10_000).build();

    for (int i = 0; i < 200_000; i++) {
      limiter.tryAcquire("hostile-" + i);
    }

    assertThat(limiter.keyCount()).isEqualTo(10_000);
    assertThat(limiter.stats().overflowedCalls()).isEqualTo(190_000);
    assertThat(limiter.stats().allowed()).isEqualTo(10_001);
    assertThat(limiter.stats().refused()).isEqualTo(189_999);
  }

  @Test
  void keys_aMillionAndMore_areBoundedByDefault() {
    RateLimiter limiter = limiter().requestsPerDay(1).build();

    for (int i = 0; i < 1_050_000; i++) {
      limiter.tryAcquire("hostile-" + i);
    }

    assertThat(limiter.keyCount()).isEqualTo(1_000_000);
    assertThat(limiter.stats().overflowedCalls()).isEqualTo(50_000);
  }

  @Test
  void keys_idle_areForgottenWhileOthersCome() {
    RateLimiter limiter = limiter().requestsPerSecond(10).build();
    for (int i = 0; i < 100_000; i++) {
      limiter.tryAcquire("key-" + i);
      if (i % 1_000 == 0) {
        advance(Duration.ofMillis(100));
      }
    }

    assertThat(limiter.keyCount()).isLessThan(5_000);
    assertThat(limiter.stats().forgottenKeys()).isGreaterThan(95_000);
  }

  @Test
  void reservation_collectedUnended_givesItsPermitBackAndIsCounted() {
    RateLimiter limiter = limiter().requestsPerDay(10).concurrency(2).build();
    Reservation held = limiter.reserve("k", 0);
    limiter.reserve("k", 0);

    await()
        .until(
            () -> {
              System.gc();
              return limiter.probe("k").allowed();
            });

    assertThat(limiter.stats().leakedPermits()).isEqualTo(1);
    limiter.reserve("k", 0);
    assertThatThrownBy(() -> limiter.reserve("k", 0)).hasMessageContaining("2 at once");
    held.settle(0);
    limiter.reserve("k", 0);
  }

  @Test
  void penalize_timeThatIsOverAtOnce_ends() {
    RateLimiter limiter =
        RateLimiter.builder().requestsPerMinute(60).clock(new TickingClock()).build();

    assertTimeoutPreemptively(
        Duration.ofSeconds(20), () -> limiter.penalize("k", Duration.ofNanos(1)));

    assertThat(limiter.tryAcquire("k")).isTrue();
  }

  @Test
  void tryAcquire_newKeyWhileTheClockGoesOn_fits() {
    RateLimiter limiter = RateLimiter.builder().requestsPerDay(1).clock(new TickingClock()).build();

    for (int i = 0; i < 100; i++) {
      assertThat(limiter.tryAcquire("key " + i)).isTrue();
      assertThat(limiter.tryAcquire("key " + i)).isFalse();
    }
  }

  @Test
  void keys_withLimitsOfTheirOwn_haveThemBeyondTheMaximum() {
    RateLimiter limiter = limiter().requestsPerDay(1).maximumKeys(2).build();
    for (String key : List.of("a", "b", "c")) {
      assertThat(limiter.tryAcquire(key)).isTrue();
    }
    assertThat(limiter.tryAcquire("vip")).isFalse();

    limiter.limits("vip", limits().requestsPerDay(3).build());

    for (int i = 0; i < 3; i++) {
      assertThat(limiter.tryAcquire("vip")).isTrue();
    }
    assertThat(limiter.tryAcquire("vip")).isFalse();
    assertThat(limiter.tryAcquire("d")).as("the others still share one").isFalse();
    limiter.limits(limits().requestsPerDay(3).build());
    assertThat(limiter.tryAcquire("d")).isFalse();
    advance(Duration.ofHours(8));
    assertThat(limiter.tryAcquire("d")).isTrue();
  }

  @Test
  void keys_beyondTheMaximum_doNotBearWhatOneOfThemDid() {
    RateLimiter limiter = limiter().requestsPerDay(10).maximumKeys(1).build();
    limiter.tryAcquire("a");

    limiter.penalize("b", Duration.ofHours(1));
    limiter.observe(
        "b", ProviderLimits.of(200, Map.of("x-ratelimit-remaining-requests", List.of("0"))));
    limiter.penalize("a", Duration.ofHours(1));

    assertThat(limiter.probe("c").allowed()).isTrue();
    assertThat(limiter.tryAcquire("b")).isTrue();
    assertThat(limiter.probe("a").allowed()).isFalse();
  }

  @Test
  void limitsOf_isAskedForKeysOfTheCallerOnly() {
    Set<String> asked = ConcurrentHashMap.newKeySet();
    RateLimiter limiter =
        limiter()
            .maximumKeys(1)
            .limitsOf(
                key -> {
                  asked.add(key);
                  return limits().requestsPerDay(2).build();
                })
            .build();

    assertThat(limiter.tryAcquire("a")).isTrue();
    assertThat(limiter.tryAcquire("b")).isTrue();
    assertThat(limiter.tryAcquire("c")).isTrue();
    assertThat(limiter.tryAcquire("d")).as("b and c had what they share").isFalse();
    limiter.limits(limits().requestsPerDay(4).build());

    assertThat(asked).containsExactlyInAnyOrder("a", "b");
    assertThat(limiter.tryAcquire("d")).isFalse();
    advance(Duration.ofHours(6));
    assertThat(limiter.tryAcquire("d")).as("a fourth of 4 a day").isTrue();
  }

  @Test
  void concurrency_liftedAndSetAgain_countsThoseWhoStillRun() {
    RateLimits two = limits().requestsPerDay(100).concurrency(2).build();
    RateLimiter limiter = limiter().requestsPerDay(100).concurrency(2).build();
    Reservation first = limiter.reserve("k", 0);
    Reservation second = limiter.reserve("k", 0);

    limiter.limits(limits().requestsPerDay(100).build());
    limiter.reserve("k", 0).settle(0);
    first.settle(0);
    limiter.penalize("k", Duration.ofNanos(1));
    advance(Duration.ofSeconds(1));
    limiter.limits(two);

    limiter.reserve("k", 0);
    assertThatThrownBy(() -> limiter.reserve("k", 0)).hasMessageContaining("2 at once");
    second.settle(0);
    limiter.reserve("k", 0);
    assertThatThrownBy(() -> limiter.reserve("k", 0)).hasMessageContaining("2 at once");
  }

  @Test
  void burst_ofSeveralRequestsLimits_isThatOfTheShortestPeriod() {
    RateLimiter limiter = limiter().requestsPerDay(10_000).requestsPerMinute(60).burst(10).build();
    int taken = 0;
    for (int tenths = 0; tenths < 6_000; tenths++) {
      taken += limiter.tryAcquire("k") ? 1 : 0;
      advance(Duration.ofMillis(100));
    }

    assertThat(taken).as("60 a minute for 10 minutes, and the burst").isBetween(600, 610);
    assertThat(limiter.limits())
        .hasToString("[10000 requests per day, 60 requests per minute (burst 10)]");
  }

  /** One limit and several are kept in different ways; what was used must survive each change. */
  @Test
  void limits_changedUnderLoad_neverForgetWhatWasUsed() throws Exception {
    RateLimits one = limits().requestsPerDay(3_000).build();
    RateLimits two = limits().requestsPerDay(3_000).requestsPerHour(1_000_000).build();
    RateLimiter limiter = limiter().requestsPerDay(3_000).build();
    ExecutorService pool = Executors.newFixedThreadPool(3);
    AtomicInteger taken = new AtomicInteger();
    List<Future<?>> all = new ArrayList<>();
    for (int t = 0; t < 3; t++) {
      all.add(
          pool.submit(
              () -> {
                for (int i = 0; i < 2_000; i++) {
                  taken.addAndGet(limiter.tryAcquire("k") ? 1 : 0);
                }
              }));
    }
    for (int i = 0; i < 500; i++) {
      limiter.limits(i % 2 == 0 ? two : one);
    }
    for (Future<?> future : all) {
      future.get(30, TimeUnit.SECONDS);
    }
    pool.shutdownNow();

    assertThat(taken.get()).isEqualTo(3_000);
  }

  @Test
  void settle_afterLimitsWereChanged_stillCounts() {
    RateLimiter limiter = limiter().tokensPerDay(100).concurrency(1).build();
    Reservation less = limiter.reserve("k", 80);
    Reservation more = limiter.reserve("other", 10);
    limiter.limits(limits().tokensPerDay(1_000).requestsPerDay(50).concurrency(1).build());

    less.settle(30);
    more.settle(60);

    assertThat(limiter.tryAcquire("k", 251)).isFalse();
    assertThat(limiter.tryAcquire("k", 250))
        .as("80 of 100 are 800, of which 50 came back")
        .isTrue();
    assertThat(limiter.tryAcquire("other", 851)).as("100 by estimate and 50 more").isFalse();
    assertThat(limiter.tryAcquire("other", 850)).isTrue();
    limiter.limits("k", limits().concurrency(1).build());
    limiter.reserve("k", 0);
    assertThatThrownBy(() -> limiter.reserve("k", 0)).hasMessageContaining("1 at once");
  }

  @Test
  void stats_whatWasDone_isCounted() {
    RateLimiter limiter = limiter().tokensPerDay(100).build();
    limiter.reserve("k", 50).settle(20);
    limiter.reserve("k", 10).settle(15);
    limiter.reserve("k", 10).cancel();
    limiter.tryAcquire("k", 90);

    RateLimiterStats stats = limiter.stats();

    assertThat(stats.allowed()).isEqualTo(3);
    assertThat(stats.refused()).isEqualTo(1);
    assertThat(stats.cancelled()).isEqualTo(1);
    assertThat(stats.returnedTokens()).isEqualTo(30);
    assertThat(stats.debtTokens()).isEqualTo(5);
    assertThat(stats.keys()).isEqualTo(1);
    assertThat(stats.storeAway()).isFalse();
    assertThat(stats).asString().contains("returnedTokens 30");
  }

  @Test
  void build_badLimits_areRefusedWithTheValue() {
    assertThatThrownBy(() -> limits().build()).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> limits().tokensPerDay(0)).hasMessageContaining("tokensPerDay");
    assertThatThrownBy(() -> limits().inputTokensPerHour(-5)).hasMessageContaining("-5");
    assertThatThrownBy(() -> limits().outputTokensPerSecond(Long.MAX_VALUE))
        .hasMessageContaining("" + Long.MAX_VALUE);
    assertThatThrownBy(() -> limits().concurrency(0)).hasMessageContaining("0");
    assertThatThrownBy(() -> limits().requestsPerDay(1).burst(Long.MAX_VALUE).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("" + Long.MAX_VALUE);
    assertThatThrownBy(
            () -> limiter().requestsPerDay(1).build().total(limits().concurrency(1).build()))
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> limiter().requestsPerDay(1).build().tryAcquire("k", -3))
        .hasMessageContaining("-3");
  }

  @Test
  void limits_equalSets_areEqualAndTellThemselves() {
    RateLimits limits = limits().requestsPerMinute(60).tokensPerDay(5).concurrency(2).build();

    assertThat(limits)
        .isEqualTo(limits().requestsPerMinute(60).tokensPerDay(5).concurrency(2).build())
        .hasSameHashCodeAs(limits().requestsPerMinute(60).tokensPerDay(5).concurrency(2).build())
        .isNotEqualTo(limits().requestsPerMinute(60).tokensPerDay(5).build())
        .hasToString("[60 requests per minute, 5 tokens per day, 2 at once]");
    assertThat(limits().requestsPerHour(1).requestsPerHour(2).build().limits()).hasSize(1);
  }

  private static RateLimits.Builder limits() {
    return RateLimits.builder();
  }

  /** A clock that does what no monotonic clock may. */
  private static final class JumpingClock implements Clock {

    long nanos;

    @Override
    public Instant now() {
      return Instant.EPOCH;
    }

    @Override
    public long nanoTime() {
      return nanos;
    }

    @Override
    public Timer schedule(Duration delay, Runnable task) {
      throw new UnsupportedOperationException("nobody waits here");
    }
  }
}

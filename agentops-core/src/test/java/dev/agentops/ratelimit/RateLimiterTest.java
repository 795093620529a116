package dev.agentops.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.agentops.TestClock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RateLimiterTest {

  private final TestClock clock = TestClock.create();

  @Test
  void burst_belowTheLimit_spreadsTheRest() {
    RateLimiter limiter = RateLimiter.builder().requestsPerSecond(10).burst(1).clock(clock).build();

    assertThat(limiter.tryAcquire("k")).isTrue();
    assertThat(limiter.tryAcquire("k")).isFalse();
    clock.advance(Duration.ofMillis(100));
    assertThat(limiter.tryAcquire("k")).isTrue();
  }

  @Test
  void acquire_shortEnoughWait_waitsItsTurn() throws Exception {
    RateLimiter limiter = RateLimiter.builder().requestsPerSecond(1).clock(clock).build();
    limiter.acquire("k", Duration.ZERO);
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      Future<?> waiting =
          pool.submit(
              () -> {
                limiter.acquire("k", Duration.ofSeconds(2));
                return null;
              });
      await().until(() -> clock.pendingTimers() == 1);
      assertThat(waiting.isDone()).isFalse();
      clock.advance(Duration.ofSeconds(1));
      waiting.get(10, TimeUnit.SECONDS);
    } finally {
      pool.shutdownNow();
    }
    assertThatThrownBy(() -> limiter.acquire("k", Duration.ofMillis(999)))
        .isInstanceOf(RateLimitExceededException.class)
        .hasMessageContaining("'k'");
  }

  /** An oracle in plain decimals: a bucket of size burst that leaks at the rate. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void tryAcquire_randomTimes_agreesWithALeakyBucket(long seed) {
    Random random = new Random(seed);
    long perSecond = 1 + random.nextInt(50);
    long burst = 1 + random.nextInt(20);
    RateLimiter limiter =
        RateLimiter.builder().requestsPerSecond(perSecond).burst(burst).clock(clock).build();
    double level = 0;
    for (int i = 0; i < 20_000; i++) {
      long nanos = (long) (random.nextDouble() * 2e9 / perSecond);
      clock.advance(Duration.ofNanos(nanos));
      level = Math.max(0, level - nanos / 1e9 * perSecond);
      boolean fits = level + 1 <= burst;
      boolean closeCall = Math.abs(level + 1 - burst) < 1e-4;
      boolean taken = limiter.tryAcquire("k");
      if (!closeCall) {
        assertThat(taken).as("request %d at level %f of %d", i, level, burst).isEqualTo(fits);
      }
      level += taken ? 1 : 0;
    }
  }

  @Test
  void tryAcquire_manyThreads_neverLetsThroughMoreThanTheBurst() throws Exception {
    RateLimiter limiter = RateLimiter.builder().requestsPerMinute(1_000).clock(clock).build();
    AtomicInteger taken = new AtomicInteger();
    ExecutorService pool = Executors.newFixedThreadPool(16);
    CountDownLatch start = new CountDownLatch(1);
    Deque<Future<?>> all = new ArrayDeque<>();
    for (int t = 0; t < 16; t++) {
      all.add(
          pool.submit(
              () -> {
                start.await();
                for (int i = 0; i < 1_000; i++) {
                  if (limiter.tryAcquire("k")) {
                    taken.incrementAndGet();
                  }
                }
                return null;
              }));
    }
    start.countDown();
    for (Future<?> one : all) {
      one.get(30, TimeUnit.SECONDS);
    }
    pool.shutdownNow();
    assertThat(taken).hasValue(1_000);
  }

  @Test
  void build_badValues_areRefusedWithTheValue() {
    assertThatThrownBy(() -> RateLimiter.builder().build()).hasMessageContaining("needs a limit");
    assertThatThrownBy(() -> RateLimiter.builder().requestsPerMinute(0))
        .hasMessageContaining("requestsPerMinute")
        .hasMessageContaining("0");
    assertThatThrownBy(() -> RateLimiter.builder().burst(-1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> RateLimiter.builder().maximumKeys(0)).hasMessageContaining("0");
  }

  @ParameterizedTest
  @ValueSource(longs = {7, 11, 17, 700, 1_100, 90_000})
  void tryAcquire_limitThatDoesNotDivideThePeriod_wholeBurstFits(long limit) {
    RateLimiter limiter = RateLimiter.builder().requestsPerMinute(limit).clock(clock).build();

    long taken = LongStream.range(0, limit + 10).filter(i -> limiter.tryAcquire("k")).count();

    assertThat(taken).isEqualTo(limit);
  }

  @Test
  void maxWait_forEverOrNegative_isTakenAsSuch() throws Exception {
    RateLimiter limiter = RateLimiter.builder().requestsPerMinute(1).clock(clock).build();
    limiter.acquire("k", Duration.ofMillis(-1));
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      Future<?> waiting =
          pool.submit(
              () -> {
                limiter.acquire("k", ChronoUnit.FOREVER.getDuration());
                return null;
              });
      await().until(() -> clock.pendingTimers() == 1);
      clock.advance(Duration.ofMinutes(1));
      waiting.get(10, TimeUnit.SECONDS);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void debts_beyondAllMeasure_stayDebts() {
    RateLimiter limiter = RateLimiter.builder().tokensPerDay(1).clock(clock).build();
    List<Reservation> reservations =
        IntStream.range(0, 8).mapToObj(i -> limiter.reserve("k", 0)).toList();
    reservations.forEach(reservation -> reservation.settle(1_000_000_000));

    assertThat(limiter.probe("k").allowed()).isFalse();
  }

  @Test
  void keys_beyondTheMaximum_shareABucketThatProbeSees() {
    RateLimiter limiter =
        RateLimiter.builder().requestsPerDay(1).maximumKeys(2).clock(clock).build();
    limiter.tryAcquire("a");
    limiter.tryAcquire("b");
    assertThat(limiter.tryAcquire("c")).isTrue();

    assertThat(limiter.tryAcquire("d")).isFalse();
    assertThat(limiter.probe("d").allowed()).isFalse();
  }
}

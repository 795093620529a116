package dev.agentops.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.Deadline;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How callers of one limiter wait for what its keys share. */
@Timeout(60)
class SharedLimitsTest {

  private static final Duration LONG = Duration.ofHours(1);
  private static final Demand ONE = Demand.of(0, 0);

  private final TestClock clock = TestClock.create();
  private final ExecutorService pool = Executors.newCachedThreadPool();
  private final ConcurrentLinkedQueue<String> served = new ConcurrentLinkedQueue<>();

  @AfterEach
  void stop() {
    pool.shutdownNow();
  }

  @Test
  void total_oneNoisyKey_leavesTheOthersTheirShare() {
    RateLimiter limiter =
        RateLimiter.builder()
            .total(RateLimits.builder().requestsPerSecond(10).burst(1).build())
            .clock(clock)
            .build();
    limiter.tryAcquire("first");
    for (int i = 0; i < 40; i++) {
      waiting(limiter, "noisy", ONE, LONG);
    }
    await().until(() -> limiter.stats().queued() == 40);
    for (int i = 0; i < 4; i++) {
      waiting(limiter, "a", ONE, LONG);
      waiting(limiter, "b", ONE, LONG);
    }
    await().until(() -> limiter.stats().queued() == 48);

    clock.advance(Duration.ofMillis(1_200));
    await().until(() -> served.size() == 12);

    assertThat(served).filteredOn("a"::equals).hasSize(4);
    assertThat(served).filteredOn("b"::equals).hasSize(4);
  }

  @Test
  void total_weights_areRespected() {
    RateLimiter limiter =
        RateLimiter.builder()
            .total(RateLimits.builder().tokensPerMinute(6_000).build())
            .weight(key -> Map.of("gold", 3.0, "broken", -1.0).getOrDefault(key, 1.0))
            .clock(clock)
            .build();
    limiter.tryAcquire("first", 6_000);
    for (int i = 0; i < 12; i++) {
      waiting(limiter, "gold", Demand.of(500, 500), LONG);
      waiting(limiter, "tin", Demand.of(500, 500), LONG);
      waiting(limiter, "broken", Demand.of(500, 500), LONG);
    }
    await().until(() -> limiter.stats().queued() == 36);

    clock.advance(Duration.ofSeconds(100)); // 10 calls
    await().until(() -> served.size() == 10);

    assertThat(served).filteredOn("gold"::equals).hasSize(6);
    assertThat(served).filteredOn("tin"::equals).hasSize(2);
    assertThat(served).filteredOn("broken"::equals).hasSize(2);
  }

  @Test
  void concurrency_whatIsGivenBack_goesToTheFirstWhoWaits() throws Exception {
    RateLimiter limiter =
        RateLimiter.builder()
            .requestsPerMinute(1_000)
            .total(RateLimits.builder().concurrency(1).build())
            .clock(clock)
            .build();
    Reservation held = limiter.reserve("a", ONE);
    Future<Reservation> low = waiting(limiter, "b", ONE, LONG);
    await().until(() -> limiter.stats().queued() == 1);
    Future<Reservation> high = waiting(limiter, "c", ONE.priority(1), LONG);
    await().until(() -> limiter.stats().queued() == 2);
    assertThatThrownBy(() -> limiter.reserve("d", ONE))
        .isInstanceOf(RateLimitExceededException.class);

    held.settle(0);
    Reservation first = high.get(10, TimeUnit.SECONDS);
    assertThat(low.isDone()).isFalse();
    first.cancel();
    first.cancel();

    low.get(10, TimeUnit.SECONDS).settle(1);
    assertThat(limiter.stats().queued()).isZero();
    assertThat(clock.pendingTimers()).isZero();
    limiter.reserve("d", ONE);
  }

  @Test
  void concurrencyOfAKey_usedUp_isNobodyElsesConcern() throws Exception {
    RateLimiter limiter = RateLimiter.builder().concurrency(1).clock(clock).build();
    Reservation held = limiter.reserve("a", ONE);
    Future<Reservation> waiting = waiting(limiter, "a", ONE, LONG);
    await().until(() -> limiter.stats().queued() == 1);

    limiter.reserve("b", ONE).settle(0);
    assertThat(waiting.isDone()).isFalse();
    held.settle(0);

    waiting.get(10, TimeUnit.SECONDS);
  }

  @Test
  void withoutWaiting_behindThoseWhoWait_isRefused() {
    RateLimiter limiter =
        RateLimiter.builder()
            .total(RateLimits.builder().tokensPerMinute(60).build())
            .clock(clock)
            .build();
    limiter.tryAcquire("first", 60);
    waiting(limiter, "large", Demand.of(60, 0), LONG);
    await().until(() -> limiter.stats().queued() == 1);
    clock.advance(Duration.ofSeconds(30));

    assertThat(limiter.tryAcquire("small", 1)).isFalse();
    assertThat(limiter.probe("small").retryAfter()).isPositive();
    assertThatThrownBy(() -> limiter.reserve("small", 1))
        .isInstanceOfSatisfying(
            RateLimitExceededException.class,
            refused -> assertThat(refused.retryAfter()).isPositive());
    assertThat(limiter.tryAcquire("urgent", Demand.of(1, 0).priority(1))).isTrue();
  }

  @Test
  void reserve_deadlineOrWaitTooShort_isRefusedAtOnce() {
    RateLimiter limiter =
        RateLimiter.builder()
            .total(RateLimits.builder().requestsPerMinute(1).build())
            .clock(clock)
            .build();
    limiter.tryAcquire("first");

    assertThatThrownBy(() -> limiter.reserve("k", ONE, Duration.ofSeconds(59)))
        .isInstanceOfSatisfying(
            RateLimitExceededException.class,
            refused -> {
              assertThat(refused.retryAfter()).isEqualTo(Duration.ofMinutes(1));
              assertThat(refused.limit()).isEqualTo("1 requests per minute");
            });
    try (Scope hurry = Deadline.after(Duration.ofSeconds(59), clock).open()) {
      assertThatThrownBy(() -> limiter.reserve("k", ONE, LONG))
          .isInstanceOf(RateLimitExceededException.class);
    }
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void maximumQueued_more_areShed() {
    RateLimiter limiter =
        RateLimiter.builder()
            .total(RateLimits.builder().concurrency(1).build())
            .maximumQueued(2)
            .clock(clock)
            .build();
    Reservation held = limiter.reserve("a", ONE);
    waiting(limiter, "b", ONE, LONG);
    waiting(limiter, "b", ONE, LONG);
    await().until(() -> limiter.stats().queued() == 2);

    assertThatThrownBy(() -> limiter.reserve("c", ONE, LONG))
        .isInstanceOf(RateLimitExceededException.class);

    assertThat(limiter.stats().shed()).isEqualTo(1);
    held.cancel();
    assertThatThrownBy(() -> RateLimiter.builder().maximumQueued(0)).hasMessageContaining("0");
  }

  @Test
  void limits_raisedAtRunTime_letThoseInWhoWait() throws Exception {
    RateLimiter limiter =
        RateLimiter.builder()
            .total(RateLimits.builder().concurrency(1).build())
            .clock(clock)
            .build();
    Reservation held = limiter.reserve("a", ONE);
    Future<Reservation> waiting = waiting(limiter, "b", ONE, LONG);
    await().until(() -> limiter.stats().queued() == 1);

    limiter.total(RateLimits.builder().concurrency(2).build());

    waiting.get(10, TimeUnit.SECONDS).cancel();
    held.cancel();
  }

  @Test
  void storm_ofCallersThatGiveUp_losesNoPermit() throws Exception {
    RateLimiter limiter =
        RateLimiter.builder()
            .total(RateLimits.builder().concurrency(3).build())
            .clock(clock)
            .build();
    AtomicInteger inUse = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(8);
    List<Future<?>> callers = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Random random = new Random(t);
      callers.add(
          pool.submit(
              () -> {
                for (int i = 0; i < 200; i++) {
                  try {
                    Duration maxWait = Duration.ofNanos(1 + random.nextInt(3_000_000));
                    Reservation held = limiter.reserve("k" + random.nextInt(4), ONE, maxWait);
                    most.accumulateAndGet(inUse.incrementAndGet(), Math::max);
                    Thread.yield();
                    inUse.decrementAndGet();
                    held.settle(0);
                  } catch (RateLimitExceededException e) {
                    // another time
                  } catch (InterruptedException e) {
                    return;
                  }
                }
                done.countDown();
              }));
    }
    while (!done.await(100, TimeUnit.MICROSECONDS)) {
      clock.advance(Duration.ofMillis(1));
    }
    for (Future<?> caller : callers) {
      caller.get(10, TimeUnit.SECONDS);
    }

    assertThat(most.get()).isBetween(1, 3);
    assertThat(limiter.stats().queued()).isZero();
    assertThat(clock.pendingTimers()).isZero();
    for (int i = 0; i < 3; i++) {
      limiter.reserve("all " + i, ONE);
    }
  }

  @Test
  void concurrencyOfAKey_usedUpUnderATotal_holdsUpNoOtherKey() throws Exception {
    RateLimiter limiter =
        RateLimiter.builder()
            .concurrency(1)
            .total(RateLimits.builder().requestsPerMinute(1_000).build())
            .clock(clock)
            .build();
    Reservation held = limiter.reserve("a", ONE);
    Future<Reservation> waiting = waiting(limiter, "a", ONE, LONG);
    await().until(() -> limiter.stats().queued() == 1);

    for (int i = 0; i < 20; i++) {
      limiter.reserve("b", ONE).settle(0);
      assertThat(limiter.tryAcquire("b")).isTrue();
    }

    held.settle(0);
    waiting.get(10, TimeUnit.SECONDS);
  }

  @Test
  void whoWantsNoPermit_isNotInTheWayOfThoseWhoWaitForOne() throws Exception {
    RateLimiter limiter =
        RateLimiter.builder().requestsPerSecond(3).concurrency(1).clock(clock).build();
    Reservation held = limiter.reserve("k", ONE);
    Future<Reservation> permit = waiting(limiter, "k", ONE, LONG);
    await().until(() -> limiter.stats().queued() == 1);

    assertThat(limiter.tryAcquire("k")).isTrue();
    limiter.acquire("k", LONG);
    assertThat(limiter.probe("k").allowed()).as("answers for reserve").isFalse();

    Future<?> turn =
        pool.submit(
            () -> {
              limiter.acquire("k", LONG);
              return null;
            });
    await().until(() -> clock.pendingTimers() == 2);
    clock.advance(Duration.ofSeconds(1));
    turn.get(10, TimeUnit.SECONDS);
    assertThat(permit.isDone()).isFalse();
    held.settle(0);
    permit.get(10, TimeUnit.SECONDS);
  }

  @Test
  void acquire_behindThoseOfItsKeyWhoWaitForTheRate_waitsToo() throws Exception {
    RateLimiter limiter =
        RateLimiter.builder().requestsPerMinute(1).concurrency(9).clock(clock).build();
    limiter.tryAcquire("k");
    Future<Reservation> first = waiting(limiter, "k", ONE, LONG);
    await().until(() -> limiter.stats().queued() == 1);

    assertThat(limiter.tryAcquire("k")).isFalse();
    Future<?> second =
        pool.submit(
            () -> {
              limiter.acquire("k", LONG);
              return null;
            });
    await().until(() -> limiter.stats().queued() == 2);
    clock.advance(Duration.ofMinutes(1));
    first.get(10, TimeUnit.SECONDS);
    assertThat(second.isDone()).isFalse();
    clock.advance(Duration.ofMinutes(1));
    second.get(10, TimeUnit.SECONDS);
  }

  @Test
  void reservation_collectedUnended_isGivenToTheOneWhoWaits() {
    RateLimiter limiter = RateLimiter.builder().concurrency(1).clock(clock).build();
    limiter.reserve("k", ONE);
    Future<Reservation> waiting = waiting(limiter, "k", ONE, LONG);
    await().until(() -> limiter.stats().queued() == 1);

    await()
        .until(
            () -> {
              System.gc();
              clock.advance(Duration.ofSeconds(1));
              return waiting.isDone();
            });

    assertThat(served).containsExactly("k");
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void reserve_interrupted_takesNothing() throws Exception {
    RateLimiter limiter =
        RateLimiter.builder()
            .total(RateLimits.builder().requestsPerMinute(1).build())
            .clock(clock)
            .build();
    limiter.tryAcquire("first");
    Future<Reservation> waiting = waiting(limiter, "k", ONE, LONG);
    await().until(() -> limiter.stats().queued() == 1);

    waiting.cancel(true);

    await().until(() -> limiter.stats().queued() == 0);
    assertThat(clock.pendingTimers()).isZero();
    clock.advance(Duration.ofMinutes(1));
    assertThat(limiter.tryAcquire("k")).isTrue();
  }

  private Future<Reservation> waiting(
      RateLimiter limiter, String key, Demand demand, Duration maxWait) {
    return pool.submit(
        () -> {
          Reservation reservation = limiter.reserve(key, demand, maxWait);
          served.add(key);
          return reservation;
        });
  }
}

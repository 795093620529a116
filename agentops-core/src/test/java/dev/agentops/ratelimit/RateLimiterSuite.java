package dev.agentops.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.agentops.Deadline;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.http.ProviderLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What a {@link RateLimiter} does wherever its limits are kept.
 *
 * <p>A store may have a time of its own that goes on while a test runs: no test here minds a second
 * or two.
 */
@Timeout(60)
public abstract class RateLimiterSuite {

  /** The limiter's clock. */
  protected final TestClock clock = TestClock.create();

  private final ExecutorService pool = Executors.newCachedThreadPool();

  /** A builder with {@link #clock} and, if need be, a store, of which nothing is used. */
  protected abstract RateLimiterBuilder limiter();

  /** Moves the limiter's clock and the time of the store. */
  protected void advance(Duration by) {
    clock.advance(by);
  }

  /** How much time may pass in the store by itself. */
  protected Duration slack() {
    return Duration.ZERO;
  }

  @AfterEach
  void stopThreads() {
    pool.shutdownNow();
  }

  @Test
  void tryAcquire_burstThenRate_letsThroughOneEachInterval() {
    RateLimiter limiter = limiter().requestsPerHour(60).burst(3).build();

    assertThat(taken(limiter, "alice", 5)).isEqualTo(3);
    assertThat(limiter.tryAcquire("bob")).isTrue();
    assertAbout(limiter.probe("alice").retryAfter(), Duration.ofMinutes(1));

    advance(Duration.ofSeconds(50));
    assertThat(limiter.tryAcquire("alice")).isFalse();
    advance(Duration.ofSeconds(10));
    assertThat(taken(limiter, "alice", 5)).isEqualTo(1);
    advance(Duration.ofHours(5));
    assertThat(taken(limiter, "alice", 5)).as("no more is saved up").isEqualTo(3);
  }

  @Test
  void tryAcquire_oneOfSeveralWindowsIsUsedUp_takesNothingOfTheOthers() {
    RateLimiter limiter = limiter().requestsPerMinute(1).requestsPerDay(2).build();

    assertThat(taken(limiter, "k", 50)).isEqualTo(1);
    advance(Duration.ofMinutes(1));
    assertThat(taken(limiter, "k", 50)).isEqualTo(1);
    advance(Duration.ofMinutes(1));
    assertThat(limiter.tryAcquire("k")).as("2 a day are gone").isFalse();
  }

  @Test
  void tryAcquire_tokensDoNotFit_takesNoRequest() {
    RateLimiter limiter = limiter().requestsPerDay(2).tokensPerDay(100).build();
    Reservation held = limiter.reserve("k", 60);

    assertThat(limiter.tryAcquire("k", 60)).isFalse();

    held.settle(0);
    assertThat(limiter.tryAcquire("k", 100)).isTrue();
  }

  @Test
  void inputAndOutput_limitedApart_eachBinds() {
    RateLimiter limiter = limiter().inputTokensPerDay(100).outputTokensPerDay(10).build();

    assertThat(limiter.tryAcquire("k", Demand.of(50, 5))).isTrue();
    assertThat(limiter.tryAcquire("k", Demand.of(10, 6))).isFalse();
    assertThat(limiter.tryAcquire("k", Demand.of(51, 1))).isFalse();
    assertThat(limiter.tryAcquire("k", Demand.of(50, 5))).isTrue();
    assertThat(limiter.tryAcquire("k", Demand.of(1, 0))).isFalse();
  }

  @Test
  void tokens_aboveTheWholeBurst_fitWhenTheBucketIsFullAndLeaveADebt() {
    RateLimiter limiter = limiter().tokensPerHour(60).build();

    assertThat(limiter.tryAcquire("k", 120)).isTrue();

    assertThat(limiter.tryAcquire("k", 1)).isFalse();
    advance(Duration.ofMinutes(60));
    assertThat(limiter.tryAcquire("k", 1)).isFalse();
    advance(Duration.ofMinutes(1));
    assertThat(limiter.tryAcquire("k", 1)).isTrue();
  }

  @Test
  void reserve_estimateBeyondMeasure_takesTheWholeBurstAndNoMore() {
    RateLimiter limiter = limiter().tokensPerDay(60).tokensPerHour(100).build();

    Reservation reservation = limiter.reserve("k", Integer.MAX_VALUE);

    assertThat(reservation.demand().inputTokens()).isEqualTo(60);
    assertThat(limiter.tryAcquire("k", 1)).isFalse();
    reservation.settle(0);
    assertThat(limiter.tryAcquire("k", 60)).isTrue();
  }

  @Test
  void settle_lessThanReserved_givesBackOnce() {
    RateLimiter limiter = limiter().tokensPerDay(1_000).build();

    Reservation reservation = limiter.reserve("k", 900);
    assertThat(limiter.tryAcquire("k", 200)).isFalse();
    reservation.settle(100);
    reservation.settle(0);
    reservation.cancel();

    assertThat(limiter.tryAcquire("k", 900)).isTrue();
    assertThat(limiter.tryAcquire("k", 2)).isFalse();
  }

  @Test
  void settle_moreThanReserved_becomesADebt() {
    RateLimiter limiter = limiter().tokensPerHour(60).build();

    limiter.reserve("k", 10).settle(120);

    RateLimitExceededException refused =
        catchThrowableOfType(RateLimitExceededException.class, () -> limiter.reserve("k", 30));
    assertAbout(refused.retryAfter(), Duration.ofMinutes(90));
    assertThat(refused.key()).isEqualTo("k");
    assertThat(refused.limiter()).isEqualTo(limiter.name());
    assertThat(refused.limit()).isEqualTo("60 tokens per hour");
    advance(refused.retryAfter());
    limiter.reserve("k", 30);
  }

  @Test
  void settle_inputAndOutput_settlesEach() {
    RateLimiter limiter = limiter().inputTokensPerDay(100).outputTokensPerDay(100).build();

    limiter.reserve("k", Demand.of(80, 10)).settle(20, 90);

    assertThat(limiter.tryAcquire("k", Demand.of(81, 0))).isFalse();
    assertThat(limiter.tryAcquire("k", Demand.of(0, 11))).isFalse();
    assertThat(limiter.tryAcquire("k", Demand.of(80, 10))).isTrue();
  }

  @Test
  void settle_lateAfterItLeaked_givesNothingBackTwice() {
    RateLimiter limiter = limiter().tokensPerDay(1_000).build();
    Reservation early = limiter.reserve("k", 1_000);
    advance(Duration.ofDays(1).plusSeconds(1));
    assertThat(limiter.tryAcquire("k", 1_000)).isTrue();

    early.settle(10);

    assertThat(limiter.tryAcquire("k", 1)).isFalse();
  }

  @Test
  void settle_negative_isRefusedAndEndsNothing() {
    RateLimiter limiter = limiter().tokensPerDay(100).build();
    Reservation reservation = limiter.reserve("k", 100);

    assertThatThrownBy(() -> reservation.settle(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("-1");
    assertThatThrownBy(() -> reservation.settle(1, -7)).hasMessageContaining("-7");

    reservation.settle(0);
    assertThat(limiter.tryAcquire("k", 100)).isTrue();
  }

  @Test
  void cancel_reservation_givesBackTheRequestToo() {
    RateLimiter limiter = limiter().requestsPerDay(1).tokensPerDay(100).build();

    limiter.reserve("k", 100).cancel();

    assertThat(limiter.tryAcquire("k", 100)).isTrue();
    assertThat(limiter.tryAcquire("k", 0)).isFalse();
  }

  @Test
  void probe_demand_tellsWhenItFitsAndTakesNothing() {
    RateLimiter limiter = limiter().requestsPerHour(6).tokensPerHour(60).build();
    Demand demand = Demand.of(20, 20);
    assertThat(limiter.probe("k", demand).allowed()).isTrue();
    limiter.reserve("k", 50);

    Duration wait = limiter.probe("k", demand).retryAfter();

    assertAbout(wait, Duration.ofMinutes(30));
    advance(wait.minusSeconds(5));
    assertThat(limiter.probe("k", demand).allowed()).isFalse();
    assertThat(limiter.tryAcquire("k", demand)).isFalse();
    advance(Duration.ofSeconds(5));
    assertThat(limiter.probe("k", demand).allowed()).isTrue();
    assertThat(limiter.tryAcquire("k", demand)).isTrue();
  }

  @Test
  void acquire_shortEnoughWaits_areServedInOrder() throws Exception {
    RateLimiter limiter = limiter().requestsPerHour(1).build();
    limiter.acquire("k", Duration.ZERO);
    List<Integer> order = new ArrayList<>();
    List<Future<?>> waiting = new ArrayList<>();
    for (int i = 1; i <= 2; i++) {
      int number = i;
      waiting.add(
          start(
              () -> {
                limiter.acquire("k", Duration.ofHours(3));
                return order.add(number);
              }));
      await().until(() -> clock.pendingTimers() == number);
    }
    assertThatThrownBy(() -> limiter.acquire("k", Duration.ofMinutes(150)))
        .isInstanceOf(RateLimitExceededException.class);

    advance(Duration.ofHours(1));
    waiting.get(0).get(10, TimeUnit.SECONDS);
    assertThat(waiting.get(1).isDone()).isFalse();
    advance(Duration.ofHours(1));
    waiting.get(1).get(10, TimeUnit.SECONDS);
    assertThat(order).containsExactly(1, 2);
  }

  @Test
  void acquire_interrupted_givesTheRequestBack() throws Exception {
    RateLimiter limiter = limiter().requestsPerHour(1).requestsPerDay(24).build();
    limiter.acquire("k", Duration.ZERO);
    Thread waiting =
        new Thread(
            () ->
                assertThatThrownBy(() -> limiter.acquire("k", Duration.ofDays(1)))
                    .isInstanceOf(InterruptedException.class));
    waiting.start();
    await().until(() -> clock.pendingTimers() == 1);
    waiting.interrupt();
    waiting.join(10_000);

    advance(Duration.ofHours(1));
    assertThat(limiter.tryAcquire("k")).isTrue();
  }

  @Test
  void acquire_pastTheDeadline_isRefusedAtOnce() throws Exception {
    RateLimiter limiter = limiter().requestsPerHour(1).build();
    limiter.acquire("k", Duration.ZERO);

    try (Scope scope = Deadline.after(Duration.ofMinutes(30), clock).open()) {
      assertThatThrownBy(() -> limiter.acquire("k", Duration.ofHours(2)))
          .isInstanceOf(RateLimitExceededException.class);
    }
    advance(Duration.ofHours(1));
    assertThat(limiter.tryAcquire("k")).as("nothing was taken").isTrue();
  }

  /** All of them wait for one debt; their requests must not have leaked by then. */
  @Test
  void reserve_manyWaitForADebt_noMoreThanTheBurstGoAtOnce() throws Exception {
    RateLimiter limiter = limiter().requestsPerHour(60).burst(2).tokensPerHour(60).build();
    limiter.reserve("k", 0).settle(120);
    AtomicInteger gone = new AtomicInteger();
    for (int i = 1; i <= 6; i++) {
      int number = i;
      start(
          () -> {
            limiter.reserve("k", 0, Duration.ofHours(3));
            return gone.incrementAndGet();
          });
      await().until(() -> clock.pendingTimers() == number);
      advance(Duration.ofMinutes(2));
    }

    advance(Duration.ofMinutes(48).plusSeconds(10));

    await().until(() -> clock.pendingTimers() + gone.get() == 6);
    assertThat(gone.get()).isBetween(1, 2);
    advance(Duration.ofMinutes(5));
    await().until(() -> gone.get() == 6);
  }

  @Test
  void penalize_key_letsNothingPassBefore() {
    RateLimiter limiter = limiter().requestsPerHour(60).build();

    limiter.penalize("k", Duration.ofMinutes(10));
    limiter.penalize("k", Duration.ofMinutes(2));
    limiter.penalize("k", Duration.ofSeconds(-1));

    assertThat(limiter.tryAcquire("k")).isFalse();
    assertAbout(limiter.probe("k").retryAfter(), Duration.ofMinutes(10));
    assertThat(limiter.tryAcquire("other")).isTrue();
    advance(Duration.ofMinutes(9));
    assertThat(limiter.tryAcquire("k")).isFalse();
    advance(Duration.ofMinutes(1));
    assertThat(taken(limiter, "k", 100)).isEqualTo(60);
  }

  @Test
  void penalizeAll_anyKey_letsNothingPassBefore() {
    RateLimiter limiter = limiter().requestsPerHour(60).total(hourly(1_000)).build();

    limiter.penalizeAll(Duration.ofMinutes(10));

    assertThat(limiter.tryAcquire("k")).isFalse();
    assertThatThrownBy(() -> limiter.reserve("other", 0))
        .isInstanceOfSatisfying(
            RateLimitExceededException.class,
            e -> assertAbout(e.retryAfter(), Duration.ofMinutes(10)));
    advance(Duration.ofMinutes(10));
    assertThat(limiter.tryAcquire("k")).isTrue();
  }

  @Test
  void limits_changed_bucketIsAsFullAsItWas() {
    RateLimiter limiter = limiter().requestsPerDay(20).build();
    assertThat(taken(limiter, "k", 10)).isEqualTo(10);

    limiter.limits(RateLimits.builder().requestsPerDay(40).build());
    assertThat(limiter.limits("k").limits().get(0).amount()).isEqualTo(40);
    assertThat(taken(limiter, "k", 50)).as("half of 40").isEqualTo(20);

    limiter.limits(RateLimits.builder().requestsPerDay(4).build());
    assertThat(limiter.tryAcquire("k")).isFalse();
    advance(Duration.ofHours(6));
    assertThat(taken(limiter, "k", 50)).isEqualTo(1);
    assertThat(taken(limiter, "new", 50)).isEqualTo(4);
  }

  @Test
  void limits_ofOneKey_areItsOwnUntilReset() {
    RateLimiter limiter = limiter().requestsPerDay(2).build();
    limiter.limits("vip", RateLimits.builder().requestsPerDay(10).build());

    assertThat(taken(limiter, "vip", 20)).isEqualTo(10);
    assertThat(taken(limiter, "k", 20)).isEqualTo(2);
    limiter.resetLimits("vip");
    advance(Duration.ofHours(12));
    assertThat(taken(limiter, "vip", 20)).isEqualTo(1);
  }

  @Test
  void limitsOf_function_givesEachKeyItsOwn() {
    RateLimiter limiter =
        limiter()
            .requestsPerDay(1)
            .limitsOf(
                key ->
                    switch (key) {
                      case "gold" -> RateLimits.builder().requestsPerDay(5).build();
                      case "bad" -> throw new IllegalStateException("no such plan");
                      default -> null;
                    })
            .build();

    assertThat(taken(limiter, "gold", 9)).isEqualTo(5);
    assertThat(taken(limiter, "k", 9)).isEqualTo(1);
    assertThat(taken(limiter, "bad", 9)).isEqualTo(1);
  }

  @Test
  void concurrency_permits_comeBackOnceWhenTheirReservationEnds() {
    RateLimiter limiter = limiter().requestsPerDay(1_000).concurrency(2).build();
    Reservation one = limiter.reserve("k", 0);
    Reservation two = limiter.reserve("k", 0);

    RateLimitExceededException refused =
        catchThrowableOfType(RateLimitExceededException.class, () -> limiter.reserve("k", 0));
    assertThat(refused.limit()).isEqualTo("2 at once");
    assertThat(refused.retryAfter()).isPositive();
    limiter.reserve("other", 0);

    one.settle(0);
    one.cancel();
    Reservation three = limiter.reserve("k", 0);
    assertThatThrownBy(() -> limiter.reserve("k", 0))
        .isInstanceOf(RateLimitExceededException.class);
    two.cancel();
    three.settle(5);
    limiter.reserve("k", 0);
    limiter.reserve("k", 0);
  }

  @Test
  void total_sharedByAllKeys_isTakenInTheSameStep() {
    RateLimiter limiter =
        limiter().requestsPerDay(3).total(RateLimits.builder().requestsPerDay(4).build()).build();

    assertThat(taken(limiter, "a", 9)).as("its own").isEqualTo(3);
    assertThat(taken(limiter, "b", 9)).as("the rest of all").isEqualTo(1);
    assertThat(limiter.tryAcquire("c")).isFalse();
    advance(Duration.ofDays(1));
    assertThat(taken(limiter, "b", 9)).as("what was refused cost nothing").isEqualTo(3);
    limiter.total(RateLimits.builder().requestsPerDay(400).build());
    assertThat(taken(limiter, "c", 9)).isEqualTo(3);
  }

  @Test
  void total_concurrency_isSharedAndComesBack() {
    RateLimiter limiter =
        limiter().requestsPerDay(100).total(RateLimits.builder().concurrency(2).build()).build();
    Reservation one = limiter.reserve("a", 0);
    limiter.reserve("b", 0);

    assertThatThrownBy(() -> limiter.reserve("c", 0)).hasMessageContaining("2 at once");
    one.settle(0);
    limiter.reserve("c", 0);
  }

  @Test
  void observe_whatIsLeft_bucketsAreNoFuller() {
    RateLimiter limiter = limiter().requestsPerHour(60).requestsPerDay(1_000).build();
    Map<String, List<String>> headers =
        Map.of(
            "x-ratelimit-limit-requests", List.of("60"),
            "x-ratelimit-remaining-requests", List.of("5"));

    limiter.observe("k", ProviderLimits.of(200, headers));

    assertThat(taken(limiter, "k", 100)).isEqualTo(5);
    limiter.observe(
        "k", ProviderLimits.of(200, Map.of("x-ratelimit-remaining-requests", List.of("50"))));
    assertThat(limiter.tryAcquire("k")).as("never fuller than it was").isFalse();
    limiter.observe("other", ProviderLimits.of(429, Map.of("Retry-After", List.of("600"))));
    assertThat(limiter.tryAcquire("other")).isFalse();
    advance(Duration.ofMinutes(10));
    assertThat(taken(limiter, "other", 100)).isEqualTo(60);
  }

  @Test
  void keys_manyAtOnce_eachHasItsOwn() {
    RateLimiter limiter = limiter().requestsPerDay(1).build();

    for (int i = 0; i < 2_000; i++) {
      assertThat(limiter.tryAcquire("key-" + i)).isTrue();
    }
    assertThat(limiter.tryAcquire("key-0")).isFalse();
    assertThat(limiter.tryAcquire("key-1999")).isFalse();
  }

  @Test
  void reserve_manyThreads_neverMoreThanTheLimitsAndNothingIsLost() throws Exception {
    RateLimiter limiter =
        limiter()
            .requestsPerDay(200)
            .concurrency(3)
            .total(RateLimits.builder().requestsPerDay(300).build())
            .build();
    AtomicInteger running = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger taken = new AtomicInteger();
    List<Future<?>> all = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      String key = t % 2 == 0 ? "a" : "b";
      all.add(
          start(
              () -> {
                for (int i = 0; i < 150; i++) {
                  try {
                    Reservation reservation = limiter.reserve(key, 0);
                    most.accumulateAndGet(running.incrementAndGet(), Math::max);
                    taken.incrementAndGet();
                    running.decrementAndGet();
                    reservation.settle(0);
                  } catch (RateLimitExceededException e) {
                    Thread.onSpinWait(); // the next one may
                  }
                }
                return null;
              }));
    }
    for (Future<?> one : all) {
      one.get(30, TimeUnit.SECONDS);
    }
    assertThat(most.get()).isLessThanOrEqualTo(6);
    assertThat(taken.get()).isLessThanOrEqualTo(300);
    int rest = taken(limiter, "a", 400) + taken(limiter, "b", 400);
    assertThat(taken.get() + rest).isEqualTo(300);
  }

  private static int taken(RateLimiter limiter, String key, int tries) {
    int taken = 0;
    for (int i = 0; i < tries; i++) {
      taken += limiter.tryAcquire(key) ? 1 : 0;
    }
    return taken;
  }

  private static RateLimits hourly(long requests) {
    return RateLimits.builder().requestsPerHour(requests).build();
  }

  private void assertAbout(Duration actual, Duration expected) {
    assertThat(actual).isBetween(expected.minus(slack()), expected);
  }

  private <T> Future<T> start(Callable<T> task) {
    return pool.submit(task);
  }
}

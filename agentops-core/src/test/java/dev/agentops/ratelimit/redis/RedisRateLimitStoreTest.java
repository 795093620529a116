package dev.agentops.ratelimit.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.ratelimit.Demand;
import dev.agentops.ratelimit.RateLimitStore.Cell;
import dev.agentops.ratelimit.RateLimitStore.Decision;
import dev.agentops.ratelimit.RateLimits;
import dev.agentops.testing.TestRedis;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the script decides, at times that the test says. */
class RedisRateLimitStoreTest {

  private static final Duration DAY = Duration.ofDays(1);
  private static final Demand CALL = Demand.of(0, 0);

  private static final AtomicLong MICROS = new AtomicLong(1_800_000_000_000_000L);

  private static TestRedis redis;
  private static RedisRateLimitStore store;
  private static RedisRateLimitStore other;

  @BeforeAll
  static void start() {
    redis = TestRedis.start();
    store = builder().build();
    other = builder().build();
  }

  @AfterAll
  static void stop() {
    store.close();
    other.close();
    redis.close();
  }

  @BeforeEach
  void empty() {
    redis.commands().flushall();
  }

  private static RedisRateLimitStore.Builder builder() {
    return RedisRateLimitStore.builder(redis.uri())
        .timeout(Duration.ofSeconds(5))
        .timeMicros(MICROS::get);
  }

  @Test
  void take_beyondTheBurst_saysWhenItFits() {
    Cell cell = Cell.of("a", RateLimits.builder().requestsPerDay(86_400).burst(2).build(), CALL);

    assertThat(take(cell).granted()).isTrue();
    assertThat(other.take(List.of(cell), Duration.ZERO).granted()).isTrue();
    Decision refused = take(cell);

    assertThat(refused.granted()).isFalse();
    assertThat(refused.full()).isFalse();
    assertThat(refused.binding()).isEqualTo("86400 requests per day (burst 2)");
    assertThat(refused.waitNanos()).isEqualTo(1_000_000_000L);
    advance(Duration.ofNanos(refused.waitNanos() - 1_000));
    assertThat(store.probe(List.of(cell)).granted()).isFalse();
    advance(Duration.ofNanos(1_000));
    assertThat(store.probe(List.of(cell)).granted()).isTrue();
    assertThat(take(cell).granted()).isTrue();
    assertThat(store.probe(List.of(cell)).granted()).isFalse();
  }

  @Test
  void take_withWait_booksAhead() {
    Cell cell = Cell.of("a", RateLimits.builder().requestsPerDay(24).burst(1).build(), CALL);
    Duration hours = Duration.ofHours(2);

    assertThat(store.take(List.of(cell), hours).waitNanos()).isZero();
    assertThat(hoursOf(store.take(List.of(cell), hours))).isEqualTo(1);
    assertThat(hoursOf(store.take(List.of(cell), hours))).isEqualTo(2);
    Decision refused = store.take(List.of(cell), hours);

    assertThat(refused.granted()).isFalse();
    assertThat(hoursOf(refused)).isEqualTo(3);
  }

  @Test
  void take_whenOneCellRefuses_chargesNone() {
    Cell ample = Cell.of("a", RateLimits.builder().requestsPerDay(2).build(), CALL);
    Cell tight = Cell.of("b", RateLimits.builder().requestsPerDay(1).concurrency(9).build(), CALL);

    assertThat(take(ample, tight).granted()).isTrue();
    assertThat(take(ample, tight).binding()).isEqualTo("1 requests per day");
    assertThat(redis.commands().zcard("{agentops:limit}:c:b")).isEqualTo(1);
    assertThat(take(ample).granted()).isTrue();
    assertThat(take(ample).granted()).isFalse();
  }

  @Test
  void take_ofMoreThanTheBucket_passesWhenItIsEmpty_andIsADebt() {
    Cell cell = Cell.of("a", RateLimits.builder().tokensPerDay(24).build(), Demand.of(30, 18));

    assertThat(take(cell).granted()).isTrue();
    assertThat(hoursOf(take(cell))).isEqualTo(48);
  }

  @Test
  void settle_givesBackOrTakesOnDebt_andCountsOnce() {
    RateLimits limits =
        RateLimits.builder()
            .inputTokensPerDay(240)
            .outputTokensPerDay(240)
            .tokensPerDay(480)
            .build();
    Decision taken = take(Cell.of("a", limits, Demand.of(240, 100)));

    for (int i = 0; i < 2; i++) {
      store.settle(Objects.requireNonNull(taken.ticket()), 40, 290);
    }

    // 50 too many of the output
    Decision refused = store.probe(List.of(Cell.of("a", limits, CALL)));
    assertThat(refused.binding()).isEqualTo("240 output tokens per day");
    assertThat(hoursOf(refused)).isEqualTo(5);
    advance(Duration.ofHours(5));
    assertThat(store.probe(List.of(Cell.of("a", limits, Demand.of(240, 0)))).granted()).isTrue();
    assertThat(store.probe(List.of(Cell.of("a", limits, Demand.of(0, 10)))).granted()).isFalse();
  }

  @Test
  void settle_afterItHasLeaked_givesNothingBack() {
    RateLimits limits = RateLimits.builder().tokensPerDay(24).build();
    Decision first = take(Cell.of("a", limits, Demand.of(12, 0)));
    advance(Duration.ofHours(10));
    Decision second = take(Cell.of("a", limits, Demand.of(22, 0)));
    assertThat(second.granted()).isTrue();

    store.cancel(Objects.requireNonNull(first.ticket()));

    assertThat(store.probe(List.of(Cell.of("a", limits, Demand.of(2, 0)))).granted()).isTrue();
    assertThat(store.probe(List.of(Cell.of("a", limits, Demand.of(3, 0)))).granted()).isFalse();
  }

  @Test
  void concurrency_isGivenBackOnce_byWhoTookIt() {
    Cell cell = Cell.of("a", RateLimits.builder().concurrency(2).build(), Demand.of(5, 5));
    Decision first = take(cell);
    Decision second = other.take(List.of(cell), DAY);

    Decision third = store.take(List.of(cell), DAY);
    assertThat(third.full()).isTrue();
    assertThat(third.binding()).isEqualTo("2 at once");
    store.settle(Objects.requireNonNull(first.ticket()), 5, 5);
    store.cancel(first.ticket());

    assertThat(take(cell).granted()).isTrue();
    assertThat(take(cell).full()).isTrue();
    other.cancel(Objects.requireNonNull(second.ticket()));
    assertThat(take(cell).granted()).isTrue();
  }

  @Test
  void concurrency_ofWhoDoesNotRenewIt_endsWithTheLease() {
    Cell cell = Cell.of("a", RateLimits.builder().concurrency(1).build(), CALL);
    assertThat(take(cell).granted()).isTrue();

    advance(RedisRateLimitStore.DEFAULT_LEASE.minusSeconds(1));
    assertThat(take(cell).full()).isTrue();
    advance(Duration.ofSeconds(2));

    assertThat(take(cell).granted()).isTrue();
    assertThat(redis.commands().pttl("{agentops:limit}:c:a")).isPositive();
  }

  @Test
  void penalize_letsNothingPass_forTheLongerTime() {
    Cell cell = Cell.of("a", RateLimits.builder().requestsPerMinute(600).build(), CALL);

    store.penalize("a", Duration.ofHours(2));
    store.penalize("a", Duration.ofHours(1));
    store.penalize("b", Duration.ZERO);

    Decision refused = other.take(List.of(cell), Duration.ZERO);
    assertThat(refused.binding()).isEqualTo("penalty");
    assertThat(hoursOf(refused)).isEqualTo(2);
    advance(Duration.ofHours(2));
    assertThat(take(cell).granted()).isTrue();
  }

  @Test
  void observe_makesBucketsNoFuller() {
    RateLimits limits = RateLimits.builder().tokensPerDay(240).build();

    store.observe("a", Map.of(limits.limits().get(0), 10L));
    store.observe("a", Map.of(limits.limits().get(0), 100L));

    assertThat(store.probe(List.of(Cell.of("a", limits, Demand.of(10, 0)))).granted()).isTrue();
    assertThat(hoursOf(take(Cell.of("a", limits, Demand.of(30, 0))))).isEqualTo(2);
  }

  @Test
  void limits_thatChange_keepTheShareThatIsUsed() {
    RateLimits small = RateLimits.builder().requestsPerDay(4).build();
    RateLimits large = RateLimits.builder().requestsPerDay(400).concurrency(1).build();
    assertThat(take(Cell.of("a", small, CALL)).granted()).isTrue();
    assertThat(take(Cell.of("a", small, CALL)).granted()).isTrue();

    store.penalize("a", Duration.ZERO);
    Decision taken = take(Cell.of("a", large, CALL));

    assertThat(taken.granted()).isTrue();
    assertThat(take(Cell.of("a", small, CALL)).granted()).isTrue();
    assertThat(take(Cell.of("a", small, CALL)).granted()).isFalse();
  }

  @Test
  void largeLimits_areExact_toTheToken() {
    RateLimits limits = RateLimits.builder().tokensPerMinute(50_000_000_000L).build();
    Cell most = Cell.of("a", limits, Demand.of(25_000_000_000L, 0));
    assertThat(take(most).granted()).isTrue();
    assertThat(take(most).granted()).isTrue();

    // 833,333 and a third each millisecond
    int granted = 0;
    for (int i = 0; i < 200; i++) {
      advance(Duration.ofMillis(1));
      for (int j = 0; j < 2; j++) {
        granted += take(Cell.of("a", limits, Demand.of(833_333, 0))).granted() ? 1 : 0;
      }
    }

    assertThat(granted).isEqualTo(200);
  }

  @Test
  void keys_goByThemselves_whenTheirBucketsAreEmpty() {
    Cell cell =
        Cell.of(
            "a", RateLimits.builder().requestsPerMinute(60).requestsPerDay(86_400).build(), CALL);
    try (RedisRateLimitStore real = RedisRateLimitStore.connect(redis.uri())) {
      assertThat(real.take(List.of(cell), Duration.ZERO).granted()).isTrue();
    }

    assertThat(redis.commands().pttl("{agentops:limit}:l:a")).isBetween(1L, 1_002L);
  }

  @Test
  void time_thatGoesBack_neitherRefillsNorLocksOut() {
    Cell cell = Cell.of("a", RateLimits.builder().requestsPerDay(24).burst(1).build(), CALL);
    assertThat(take(cell).granted()).isTrue();

    advance(Duration.ofDays(-2));
    assertThat(hoursOf(take(cell))).isEqualTo(1);
    assertThat(hoursOf(store.take(List.of(cell), DAY))).isEqualTo(1);
    advance(Duration.ofHours(2));

    assertThat(take(cell).granted()).isTrue();
  }

  @Test
  void hostileKeys_areOnlyNames() {
    RateLimits limits = RateLimits.builder().requestsPerDay(1).concurrency(1).build();
    List<String> keys =
        List.of("", " ", "{", "}{x}", "a\r\nDEL a", "\u0000", "é\uD83D\uDE00", "l:a");
    for (String key : keys) {
      assertThat(take(Cell.of(key, limits, CALL)).granted()).as(key).isTrue();
      assertThat(take(Cell.of(key, limits, CALL)).granted()).as(key).isFalse();
    }
    assertThat(redis.commands().keys("{agentops:limit}:[lc]:*")).hasSize(2 * keys.size());
  }

  @Test
  void builder_refusesWhatMakesNoSense() {
    assertThatThrownBy(() -> builder().namespace("{a}"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'{a}'");
    assertThatThrownBy(() -> builder().timeout(Duration.ZERO)).hasMessageContaining("PT0S");
    assertThatThrownBy(() -> builder().lease(Duration.ofMillis(1)))
        .hasMessageContaining("PT0.001S");
    assertThatThrownBy(() -> builder().batch(0, DAY)).hasMessageContaining("0");
    assertThatThrownBy(() -> store.settle(new Decisionless(), 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static Decision take(Cell... cells) {
    return store.take(List.of(cells), Duration.ZERO);
  }

  private static void advance(Duration time) {
    MICROS.addAndGet((time.toNanos() + 999) / 1_000);
  }

  private static long hoursOf(Decision decision) {
    return Math.round(decision.waitNanos() / 3.6e12);
  }

  private record Decisionless() implements dev.agentops.ratelimit.RateLimitStore.Ticket {}
}

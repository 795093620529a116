package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What every {@link BudgetStore} does. Names are new in each test, so that one server serves all;
 * leases and increases end by the store's own clock, hence in real time.
 */
public abstract class BudgetStoreContract {

  private static final Duration LONG = Duration.ofMinutes(10);
  private static final Duration SHORT = Duration.ofMillis(300);
  private static final long DAY = Duration.ofDays(1).toMillis();
  private static final long TODAY = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

  /** More than a double holds exactly, as a budget of 9,100 dollars and a bit. */
  private static final long HUGE = (1L << 53) + 1;

  private final String budget = "budget-" + UUID.randomUUID();
  private final AtomicInteger ids = new AtomicInteger();

  /** The store that is tested, the same one throughout a test. */
  protected abstract BudgetStore store();

  /** A store of another process with the same accounts, the same one throughout a test. */
  protected abstract BudgetStore ofAnotherProcess();

  @Test
  public void reserve_room_isHeldUntilSettled() {
    String id = id();

    BudgetDecision held = store().reserve(id, List.of(entry("a", 60)), LONG);
    assertThat(held.granted()).isTrue();
    assertBalance(held.balances().get(0), 0, 60, 100);
    assertBalance(ofAnotherProcess().balance(entry("a", 0)), 0, 60, 100);

    List<BudgetBalance> settled = store().settle(id, List.of(entry("a", 45)));
    assertBalance(settled.get(0), 45, 0, 100);
    assertThat(settled.get(0).spentBefore()).isZero();
    assertBalance(ofAnotherProcess().balance(entry("a", 0)), 45, 0, 100);
  }

  @Test
  public void reserve_noRoom_isRefusedAndHoldsNothing() {
    store().reserve(id(), List.of(entry("a", 60)), LONG);

    BudgetDecision refused = ofAnotherProcess().reserve(id(), List.of(entry("a", 41)), LONG);

    assertThat(refused.granted()).isFalse();
    assertThat(refused.refused()).isZero();
    assertBalance(refused.balances().get(0), 0, 60, 100);
    assertThat(store().reserve(id(), List.of(entry("a", 40)), LONG).granted()).isTrue();
  }

  @Test
  public void reserve_allTaken_refusesEvenNothing() {
    store().settle(id(), List.of(entry("a", 100)));

    assertThat(store().reserve(id(), List.of(entry("a", 0)), LONG).granted()).isFalse();
    assertThat(store().reserve(id(), List.of(entry("b", 0)), LONG).granted()).isTrue();
  }

  @Test
  public void reserve_nothingTakenYet_letsAnEstimateAboveTheLimitThrough() {
    String first = id();

    BudgetDecision decision = store().reserve(first, List.of(entry("a", 500)), LONG);

    assertThat(decision.granted()).isTrue();
    assertBalance(decision.balances().get(0), 0, 100, 100); // what is left, not more
    assertThat(store().reserve(id(), List.of(entry("a", 1)), LONG).granted()).isFalse();
    store().settle(first, List.of(entry("a", 0)));
    assertBalance(store().balance(entry("a", 0)), 0, 0, 100);
  }

  @Test
  public void reserve_notRejecting_countsBeyondTheLimit() {
    BudgetEntry lenient = builder("a", 150).rejecting(false).build();

    store().reserve(id(), List.of(lenient), LONG);
    BudgetDecision second = store().reserve(id(), List.of(lenient), LONG);

    assertThat(second.granted()).isTrue();
    assertBalance(second.balances().get(0), 0, 300, 100);
  }

  @Test
  public void reserve_oneOfThreeHasNoRoom_takesNothingFromAny() {
    store().settle(id(), List.of(entry("b", 90)));
    List<BudgetEntry> three = List.of(entry("a", 20), entry("b", 20), entry("c", 20));

    BudgetDecision refused = store().reserve(id(), three, LONG);

    assertThat(refused.refused()).isEqualTo(1);
    assertBalance(refused.balances().get(1), 90, 0, 100);
    assertThat(refused.balances()).extracting(BudgetBalance::reserved).containsExactly(0L, 0L, 0L);
    for (String key : List.of("a", "b", "c")) {
      assertThat(ofAnotherProcess().balance(entry(key, 0)).reserved()).isZero();
    }
  }

  @Test
  public void reserve_oneIdTwice_holdsOnce() {
    String id = id();

    store().reserve(id, List.of(entry("a", 60)), LONG);
    BudgetDecision again = ofAnotherProcess().reserve(id, List.of(entry("a", 60)), LONG);

    assertThat(again.granted()).isTrue();
    assertBalance(again.balances().get(0), 0, 60, 100);
  }

  @Test
  public void settle_twice_countsOnce() {
    String id = id();
    store().reserve(id, List.of(entry("a", 60)), LONG);

    store().settle(id, List.of(entry("a", 45)));
    List<BudgetBalance> again = ofAnotherProcess().settle(id, List.of(entry("a", 45)));

    assertBalance(again.get(0), 45, 0, 100);
    assertThat(again.get(0).spentBefore()).isEqualTo(45);
  }

  @Test
  public void settle_released_chargesNothingLater() {
    String id = id();
    store().reserve(id, List.of(entry("a", 60), entry("b", 60)), LONG);

    store().settle(id, List.of(entry("a", 0), entry("b", 0)));
    store().settle(id, List.of(entry("a", 45), entry("b", 45)));

    assertBalance(store().balance(entry("a", 0)), 0, 0, 100);
    assertBalance(store().balance(entry("b", 0)), 0, 0, 100);
  }

  @Test
  public void settle_neverReserved_chargesBeyondTheLimitOnce() {
    String id = id();

    store().settle(id, List.of(entry("a", 1_000)));
    store().settle(id, List.of(entry("a", 1_000)));

    assertBalance(store().balance(entry("a", 0)), 1_000, 0, 100);
  }

  @Test
  public void settle_correction_mayBeNegative() {
    store().settle(id(), List.of(entry("a", 80)));

    List<BudgetBalance> corrected = store().settle(id(), List.of(entry("a", -30)));

    assertBalance(corrected.get(0), 50, 0, 100);
    assertThat(corrected.get(0).spentBefore()).isEqualTo(80);
  }

  @Test
  public void settle_inTheNextWindow_isReservedAndChargedThere() {
    String id = id();
    store().reserve(id, List.of(entry("a", 60)), LONG);
    BudgetWindow tomorrow = day(1);

    assertBalance(store().balance(builder("a", 0).window(tomorrow).build()), 0, 60, 100);
    store().settle(id, List.of(builder("a", 45).window(tomorrow).build()));

    assertBalance(store().balance(entry("a", 0)), 0, 0, 100);
    assertBalance(store().balance(builder("a", 0).window(tomorrow).build()), 45, 0, 100);
  }

  @Test
  public void settle_secondBudgetAdded_givesBackAndChargesBoth() {
    String id = id();
    store().reserve(id, List.of(entry("a", 60)), LONG);

    List<BudgetBalance> settled = store().settle(id, List.of(entry("a", 45), entry("b", 45)));

    assertBalance(settled.get(0), 45, 0, 100);
    assertBalance(settled.get(1), 45, 0, 100);
  }

  @Test
  public void lease_over_isGivenBack() {
    store().reserve(id(), List.of(entry("a", 60), entry("b", 60)), SHORT);
    assertThat(ofAnotherProcess().balance(entry("a", 0)).reserved()).isEqualTo(60);

    await().untilAsserted(() -> assertBalance(store().balance(entry("a", 0)), 0, 0, 100));
    assertThat(store().reserve(id(), List.of(entry("b", 100)), LONG).granted()).isTrue();
  }

  @Test
  public void lease_overBeforeTheSettlement_stillCharges() {
    String id = id();
    store().reserve(id, List.of(entry("a", 60)), SHORT);
    await().untilAsserted(() -> assertThat(store().balance(entry("a", 0)).reserved()).isZero());

    store().settle(id, List.of(entry("a", 45)));
    store().settle(id, List.of(entry("a", 45)));

    assertBalance(store().balance(entry("a", 0)), 45, 0, 100);
  }

  @Test
  public void window_rolling_countsTheSlicesBefore() {
    for (int day = 0; day < 4; day++) {
      store().settle(id(), List.of(builder("a", 10 << day).window(day(day)).build()));
    }

    BudgetEntry threeDays =
        builder("a", 0)
            .window(BudgetWindow.of(TODAY + 3 * DAY, TODAY + 4 * DAY, TODAY + DAY, TODAY))
            .build();

    assertBalance(store().balance(threeDays), 20 + 40 + 80, 0, 100);
    assertThat(store().reserve(id(), List.of(threeDays), LONG).granted()).isFalse();
  }

  @Test
  public void window_rolling_countsSlicesOfAClockThatIsAheadByAMinuteAtMost() {
    store().settle(id(), List.of(builder("a", 60).window(slice(60)).build()));
    store().settle(id(), List.of(builder("a", 7).window(slice(62)).build()));

    assertBalance(store().balance(builder("a", 0).window(slice(0)).build()), 60, 0, 100);
    assertThat(
            store()
                .reserve(id(), List.of(builder("a", 50).window(slice(0)).build()), LONG)
                .granted())
        .isFalse();
    store().reset(budget, "a", slice(0));
    assertBalance(store().balance(builder("a", 0).window(slice(62)).build()), 7, 0, 100);
  }

  @Test
  public void window_lifetime_neverEnds() {
    BudgetEntry lifetime =
        builder("a", 30).window(BudgetWindow.of(0, BudgetWindow.NEVER, 0, 0)).build();
    String id = id();

    assertThat(store().reserve(id, List.of(lifetime), LONG).granted()).isTrue();
    store().settle(id, List.of(lifetime));

    assertBalance(ofAnotherProcess().balance(lifetime), 30, 0, 100);
  }

  @Test
  public void history_spentInSeveralWindows_isByTheirStart() {
    for (int day = 0; day < 3; day++) {
      store()
          .settle(
              id(),
              List.of(
                  builder("a", 10 << day)
                      .window(
                          BudgetWindow.of(
                              TODAY + day * DAY, TODAY + (day + 1) * DAY, TODAY + day * DAY, TODAY))
                      .build()));
    }

    assertThat(ofAnotherProcess().history(budget, "a", 10))
        .containsExactly(
            Map.entry(Instant.parse("2026-01-01T00:00:00Z"), 10L),
            Map.entry(Instant.parse("2026-01-02T00:00:00Z"), 20L),
            Map.entry(Instant.parse("2026-01-03T00:00:00Z"), 40L));
    assertThat(store().history(budget, "a", 1)).containsValue(40L).hasSize(1);
    assertThat(store().history(budget, "nobody", 10)).isEmpty();
  }

  @Test
  public void increase_holds_untilItsEnd() {
    store().settle(id(), List.of(entry("a", 100)));
    store().increase(budget, "a", 50, Instant.now().plusSeconds(3_600));
    assertBalance(ofAnotherProcess().balance(entry("a", 0)), 100, 0, 150);
    String id = id();

    assertThat(store().reserve(id, List.of(entry("a", 50)), LONG).granted()).isTrue();
    assertThat(store().reserve(id(), List.of(entry("a", 1)), LONG).granted()).isFalse();
    store().settle(id, List.of(entry("a", 0)));
    store().increase(budget, "a", 70, Instant.now().plus(SHORT));

    await().untilAsserted(() -> assertBalance(store().balance(entry("a", 0)), 100, 0, 100));
    assertThat(store().reserve(id(), List.of(entry("a", 1)), LONG).granted()).isFalse();
  }

  @Test
  public void increase_zero_endsIt() {
    store().increase(budget, "a", 50, Instant.now().plusSeconds(3_600));
    store().increase(budget, "a", 0, Instant.now().plusSeconds(3_600));

    assertBalance(ofAnotherProcess().balance(entry("a", 0)), 0, 0, 100);
  }

  @Test
  public void reset_spent_isForgottenButReservationsStay() {
    store().settle(id(), List.of(builder("a", 30).window(day(-1)).build()));
    store().settle(id(), List.of(entry("a", 80)));
    String running = id();
    store().reserve(running, List.of(entry("a", 20)), LONG);

    ofAnotherProcess().reset(budget, "a", day(0));

    assertBalance(store().balance(entry("a", 0)), 0, 20, 100);
    assertBalance(store().settle(running, List.of(entry("a", 15))).get(0), 15, 0, 100);
    assertBalance(store().balance(builder("a", 0).window(day(-1)).build()), 30, 0, 100);
  }

  @Test
  public void keys_accounts_areOfTheirBudgetOnly() {
    store().settle(id(), List.of(entry("b", 1), entry("a", 1), entry("", 1)));
    store().settle(id(), List.of(BudgetEntry.builder(budget + "x", "c").window(day(0)).build()));

    assertThat(ofAnotherProcess().keys(budget, 10)).containsExactly("", "a", "b");
    assertThat(store().keys(budget, 2)).hasSize(2);
    assertThat(store().keys(budget + "none", 10)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a b", "{a}:b", "ü€😀", "a'; drop table x; --", "%_\\", "a\nb\u0001"})
  public void key_anyText_isKeptApart(String key) {
    store().settle(id(), List.of(entry("other", 7), entry(key, 5)));

    assertBalance(ofAnotherProcess().balance(entry(key, 0)), 5, 0, 100);
    assertThat(store().keys(budget, 10)).contains(key, "other");
  }

  @Test
  public void amounts_beyondADouble_areExact() {
    BudgetEntry huge = builder("a", HUGE).limit(HUGE + 2).build();
    String id = id();

    BudgetDecision held = store().reserve(id, List.of(huge), LONG);
    assertBalance(held.balances().get(0), 0, HUGE, HUGE + 2);
    BudgetDecision refused = store().reserve(id(), List.of(huge.withAmount(3)), LONG);
    assertThat(refused.granted()).isFalse();
    assertThat(store().reserve(id(), List.of(huge.withAmount(2)), LONG).granted()).isTrue();

    List<BudgetBalance> settled = store().settle(id, List.of(huge.withAmount(HUGE + 1)));
    assertBalance(settled.get(0), HUGE + 1, 2, HUGE + 2);
    settled = store().settle(id(), List.of(huge.withAmount(1)));
    assertThat(settled.get(0).spentBefore()).isEqualTo(HUGE + 1);
    assertThat(settled.get(0).spent()).isEqualTo(HUGE + 2);
  }

  @Test
  public void amounts_nearTheLargest_areExact() {
    long most = Long.MAX_VALUE / 2;
    BudgetEntry entry = builder("a", most - 1).limit(most).build();

    assertThat(store().reserve(id(), List.of(entry), LONG).granted()).isTrue();

    assertThat(store().reserve(id(), List.of(entry.withAmount(2)), LONG).granted()).isFalse();
    assertThat(store().reserve(id(), List.of(entry.withAmount(1)), LONG).granted()).isTrue();
    assertBalance(store().balance(entry), 0, most, most);
  }

  @Test
  public void marks_settledByManyThreads_arePassedOnce() throws Exception {
    LongAdder passed = new LongAdder();

    inThreads(
        8,
        random -> {
          for (int i = 0; i < 25; i++) {
            BudgetBalance balance =
                (random.nextBoolean() ? store() : ofAnotherProcess())
                    .settle(id(), List.of(entry("a", 1)))
                    .get(0);
            if (balance.spentBefore() < 100 && 100 <= balance.spent()) {
              passed.increment();
            }
          }
        });

    assertThat(passed.sum()).isEqualTo(1);
    assertBalance(store().balance(entry("a", 0)), 200, 0, 100);
  }

  @Test
  public void reserve_manyThreadsOnNestedAccounts_neverTakeMoreThanTheLimit() throws Exception {
    long limit = 1_000;
    Map<String, LongAdder> spent = new HashMap<>();
    for (String key : List.of("all", "t0", "t1", "t2")) {
      spent.put(key, new LongAdder());
    }

    inThreads(
        8,
        random -> {
          BudgetStore mine = random.nextBoolean() ? store() : ofAnotherProcess();
          for (int i = 0; i < 60; i++) {
            String team = "t" + random.nextInt(3);
            BudgetEntry all = builder("all", random.nextInt(40)).limit(limit).build();
            BudgetEntry one = builder(team, all.amount()).limit(limit / 2).build();
            String id = id();
            BudgetDecision decision = mine.reserve(id, List.of(all, one), LONG);
            for (int k = 0; k < 2; k++) {
              BudgetBalance balance = decision.balances().get(k);
              assertThat(balance.spent() + balance.reserved()).isLessThanOrEqualTo(balance.limit());
            }
            if (decision.granted()) {
              long cost = random.nextInt(4) == 0 ? 0 : random.nextLong(all.amount() + 1);
              mine.settle(id, List.of(all.withAmount(cost), one.withAmount(cost)));
              spent.get("all").add(cost);
              spent.get(team).add(cost);
            }
          }
        });

    spent.forEach((key, sum) -> assertBalance(store().balance(entry(key, 0)), sum.sum(), 0, 100));
  }

  private void assertBalance(BudgetBalance balance, long spent, long reserved, long limit) {
    assertThat(List.of(balance.spent(), balance.reserved(), balance.limit()))
        .as("spent, reserved, limit")
        .containsExactly(spent, reserved, limit);
  }

  private BudgetEntry entry(String key, long amount) {
    return builder(key, amount).build();
  }

  /** An entry of today, in an account with a limit of 100. */
  private BudgetEntry.Builder builder(String key, long amount) {
    return BudgetEntry.builder(budget, key)
        .window(day(0))
        .amount(amount)
        .limit(100)
        .rejecting(true);
  }

  private static BudgetWindow day(int offset) {
    long start = TODAY + offset * DAY;
    return BudgetWindow.of(start, start + DAY, start, start - 10 * DAY);
  }

  /** One of the seconds that a minute rolls by. */
  private static BudgetWindow slice(int offset) {
    long start = TODAY + offset * 1_000L;
    return BudgetWindow.of(start, start + 1_000, start - 60_000, start - 60_000);
  }

  private String id() {
    return budget + "-" + ids.incrementAndGet();
  }

  private interface Body {
    void run(Random random);
  }

  private static void inThreads(int threads, Body body) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> all = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        Random random = new Random(i);
        all.add(pool.submit(() -> body.run(random)));
      }
      for (Future<?> each : all) {
        each.get();
      }
    } finally {
      pool.shutdown();
    }
  }
}

package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.tuple;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.TestClock;
import dev.agentops.event.BudgetEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.LongAdder;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What budgets do, wherever their accounts are. */
abstract class BudgetsContract {

  private static final Attributes NOBODY = Attributes.empty();

  final TestClock clock = TestClock.create();
  final List<BudgetEvent> events = new ArrayList<>();

  /** The store of the budgets, new in each test; null for this process. */
  abstract @Nullable BudgetStore store();

  @Test
  void status_reservedAndSpent_isTold() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")).rejectWhenExceeded());
    Reservation held = reserve(budgets, "0.4");
    assertStatus(budgets.status("daily", ""), "0", "0.4", "1");

    budgets.spend(held, Cost.usd("0.25"), NOBODY, clock.now(), events::add);

    assertStatus(budgets.status("daily", ""), "0.25", "0", "1");
    assertThat(budgets.status("daily", "").remaining()).isEqualTo(Cost.usd("0.75"));
    assertThat(budgets.status("daily", "").resetsAt()).isEqualTo("2026-01-02T00:00:00Z");
    assertThat(budgets.statuses("daily", 10)).hasSize(1);
    assertThat(budgets.budgets()).extracting(Budget::name).containsExactly("daily");
  }

  @Test
  void status_unknownBudget_isQuoted() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> budgets.status("dayly", ""))
        .withMessageContaining("'dayly'");
  }

  @Test
  void status_overspent_hasNothingRemaining() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")));
    spend(budgets, "3");

    assertThat(budgets.status("daily", "").remaining()).isEqualTo(Cost.ZERO);
  }

  @Test
  void hourly_nextHour_beginsAnew() {
    Budgets budgets = budgets(Budget.hourly(Cost.usd("1")).rejectWhenExceeded());
    clock.advance(Duration.ofMinutes(59));
    spend(budgets, "1");

    assertRefused(budgets, "0.1").satisfies(e -> assertThat(e.retryAfter()).hasMinutes(1));
    clock.advance(Duration.ofMinutes(1));
    reserve(budgets, "0.1");
  }

  @Test
  void zone_ofTheBudget_decidesItsDays() {
    Budgets budgets =
        budgets(
            Budget.daily(Cost.usd("1")).named("berlin").zone(ZoneId.of("Europe/Berlin")),
            Budget.daily(Cost.usd("1")).named("utc"));

    assertThat(budgets.status("berlin", "").resetsAt()).isEqualTo("2026-01-01T23:00:00Z");
    assertThat(budgets.status("utc", "").resetsAt()).isEqualTo("2026-01-02T00:00:00Z");
  }

  @Test
  void rolling_spending_countsForThePeriodAndNotMuchLonger() {
    Budgets budgets =
        budgets(Budget.rolling(Cost.usd("1"), Duration.ofHours(1)).rejectWhenExceeded());
    spend(budgets, "0.6");
    clock.advance(Duration.ofMinutes(30));
    spend(budgets, "0.4");

    clock.advance(Duration.ofMinutes(29));
    assertRefused(budgets, "0.1");
    clock.advance(Duration.ofMinutes(2));
    assertStatus(budgets.status("rolling", ""), "0.4", "0", "1");
    spend(budgets, "0.6");
    assertRefused(budgets, "0.1");
    clock.advance(Duration.ofMinutes(30));
    assertStatus(budgets.status("rolling", ""), "0.6", "0", "1");
    clock.advance(Duration.ofDays(1));
    assertStatus(budgets.status("rolling", ""), "0", "0", "1");
  }

  @Test
  void rolling_marksPassedAgainAndAgain_areToldOncePerPeriod() {
    Budgets budgets = budgets(Budget.rolling(Cost.usd("1"), Duration.ofHours(1)).warnAt(0.5));
    for (int minute = 0; minute < 240; minute++) {
      spend(budgets, minute % 2 == 0 ? "0.009" : "0.0075"); // hovers about the mark
      clock.advance(Duration.ofMinutes(1));
    }

    assertThat(events).hasSizeBetween(1, 4);
  }

  @Test
  void lifetime_years_doNotMatter() {
    Budgets budgets = budgets(Budget.lifetime(Cost.usd("1")).rejectWhenExceeded());
    spend(budgets, "1");
    clock.advance(Duration.ofDays(4_000));

    assertRefused(budgets, "0.1")
        .satisfies(e -> assertThat(e.resetsAt()).isNull())
        .satisfies(e -> assertThat(e.retryAfter()).isNull())
        .withMessageContaining("does not reset");
  }

  @Test
  void perRun_runs_areKeptApart() {
    Budgets budgets = budgets(Budget.perRun(Cost.usd("1")).rejectWhenExceeded());
    Attributes first = Attributes.of(Budget.RUN, "first");
    budgets.spend(Reservation.NONE, Cost.usd("1"), first, clock.now(), events::add);

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> budgets.reserve(Cost.usd("0.1"), first, events::add))
        .satisfies(e -> assertThat(e.key()).isEqualTo("first"));
    budgets.reserve(Cost.usd("0.1"), Attributes.of(Budget.RUN, "second"), events::add);
    for (int i = 0; i < 3; i++) {
      reserve(budgets, "0.9"); // in no run
    }
    assertThat(budgets.statuses("run", 10)).hasSize(2);
  }

  @Test
  void per_severalAttributes_keepsEachCombinationApart() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")).per("team", "user").rejectWhenExceeded());
    Map<String, Attributes> combinations =
        Map.of(
            "a,b", Attributes.of("team", "a", "user", "b"),
            "a\\,b,(none)", Attributes.of("team", "a,b"),
            "(none),\\(none)", Attributes.of("user", "(none)"),
            "x\\\\,y\\,z", Attributes.of("team", "x\\", "user", "y,z"),
            "x\\,y\\\\,z", Attributes.of("team", "x,y\\", "user", "z"),
            ",b", Attributes.of("team", "", "user", "b"),
            "(none),(none)", NOBODY);
    combinations.forEach(
        (key, call) ->
            budgets.spend(Reservation.NONE, Cost.usd("0.6"), call, clock.now(), events::add));

    combinations.forEach(
        (key, call) -> assertStatus(budgets.status("daily", key), "0.6", "0", "1"));
    assertThat(budgets.statuses("daily", 10)).hasSize(7);
  }

  @Test
  void per_longValues_areCutAndKeptApart() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")).per("user").rejectWhenExceeded());
    String lengthy = "x".repeat(222) + "\ud83d\ude00".repeat(2_000);
    for (String user : List.of(lengthy, lengthy + "1", "x".repeat(256))) {
      Attributes call = Attributes.of("user", user);
      budgets.spend(Reservation.NONE, Cost.usd("0.6"), call, clock.now(), events::add);
    }

    assertStatus(budgets.status("daily", lengthy), "0.6", "0", "1");
    assertThat(budgets.statuses("daily", 10))
        .hasSize(3)
        .allSatisfy(status -> assertThat(status.key()).hasSize(256).startsWith("x".repeat(190)))
        .allSatisfy(status -> assertStatus(budgets.status("daily", status.key()), "0.6", "0", "1"));
  }

  @Test
  void status_budgetThatAllShare_needsNoKey() {
    Budgets budgets =
        budgets(Budget.daily(Cost.usd("1")), Budget.daily(Cost.usd("1")).named("b").per("team"));
    spend(budgets, "0.5");

    assertStatus(budgets.status("daily"), "0.5", "0", "1");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> budgets.status("b"))
        .withMessage("budget 'b' is per team: say which key");
  }

  @Test
  void statuses_ofAWhileAgo_areToldAgain() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")));
    Duration second = Duration.ofSeconds(1);
    spend(budgets, "0.5");
    assertStatus(budgets.statuses("daily", 10, second).get(0), "0.5", "0", "1");
    spend(budgets, "0.1");

    clock.advance(second);
    assertStatus(budgets.statuses("daily", 10, second).get(0), "0.5", "0", "1");
    clock.advance(second);
    assertStatus(budgets.statuses("daily", 10, second).get(0), "0.6", "0", "1");
  }

  @Test
  void downgradeTo_shareReached_namesTheHighest() {
    Budgets budgets =
        budgets(
            Budget.daily(Cost.usd("1"))
                .downgradeTo(0.8, "tiny")
                .downgradeTo(0.5, model -> model + "-mini"),
            Budget.weekly(Cost.usd("100")).downgradeTo(0.001, "weekly"));
    assertThat(reserve(budgets, "0").downgrade("big")).isNull();

    spend(budgets, "0.3");
    assertThat(reserve(budgets, "0").downgrade("big")).isEqualTo("weekly");
    spend(budgets, "0.3");
    assertThat(reserve(budgets, "0").downgrade("big")).isEqualTo("big-mini");
    spend(budgets, "0.3");
    assertThat(reserve(budgets, "0").downgrade("big")).isEqualTo("tiny");
    assertThat(reserve(budgets, "0").downgrade("tiny")).isNull();
    assertThat(events)
        .extracting(BudgetEvent::type, BudgetEvent::share)
        .containsExactly(
            tuple(BudgetEvent.Type.DOWNGRADED, 0.001),
            tuple(BudgetEvent.Type.DOWNGRADED, 0.5),
            tuple(BudgetEvent.Type.DOWNGRADED, 0.8));

    clock.advance(Duration.ofDays(1));
    assertThat(reserve(budgets, "0").downgrade("big")).isEqualTo("weekly");
  }

  @Test
  void increase_untilItEnds_raisesTheLimitAndTheMarks() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")).warnAt(0.8).rejectWhenExceeded());
    spend(budgets, "1");
    assertRefused(budgets, "0.1");

    budgets.increase("daily", "", Cost.usd("1"), clock.now().plus(Duration.ofHours(30)));
    assertStatus(budgets.status("daily", ""), "1", "0", "2");
    assertThat(reserve(budgets, "0.1").end()).isTrue();
    events.clear();
    spend(budgets, "0.7");
    assertThat(events).extracting(BudgetEvent::share).containsExactly(0.8);
    assertThat(events.get(0).limit()).isEqualTo(Cost.usd("2"));

    clock.advance(Duration.ofHours(29));
    assertStatus(budgets.status("daily", ""), "0", "0.1", "2");
    clock.advance(Duration.ofHours(1));
    assertStatus(budgets.status("daily", ""), "0", "0.1", "1");
  }

  @Test
  void increase_endsAboveTheLimit_tellsItOnceAtTheNextCall() {
    Budgets budgets = budgets(Budget.monthly(Cost.usd("10")).warnAt(0.9));
    budgets.increase("monthly", "", Cost.usd("10"), clock.now().plus(Duration.ofHours(1)));
    spend(budgets, "15");
    events.clear();
    clock.advance(Duration.ofHours(2));

    spend(budgets, "1");
    spend(budgets, "1");

    assertThat(events)
        .extracting(BudgetEvent::type, BudgetEvent::share)
        .containsExactly(
            tuple(BudgetEvent.Type.WARNING, 0.9), tuple(BudgetEvent.Type.EXCEEDED, 1.0));
  }

  @Test
  void increase_negative_isQuoted() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")));

    assertThatIllegalArgumentException()
        .isThrownBy(() -> budgets.increase("daily", "", Cost.usd("-1"), clock.now()))
        .withMessageContaining("-$1.00");
  }

  @Test
  void reset_spent_isForgotten() {
    Budgets budgets =
        budgets(Budget.daily(Cost.usd("1")).per("team").warnAt(0.5).rejectWhenExceeded());
    Attributes team = Attributes.of("team", "a");
    budgets.spend(Reservation.NONE, Cost.usd("1"), team, clock.now(), events::add);
    events.clear();

    budgets.reset("daily", "a");
    budgets.reset("daily", "nobody");

    assertThat(events)
        .extracting(BudgetEvent::type)
        .containsExactly(BudgetEvent.Type.RESET, BudgetEvent.Type.RESET);
    assertStatus(budgets.status("daily", "a"), "0", "0", "1");
    budgets.spend(Reservation.NONE, Cost.usd("0.6"), team, clock.now(), events::add);
    assertThat(events).hasSize(3);
    assertStatus(budgets.status("daily", "a"), "0.6", "0", "1");
  }

  @Test
  void history_resetOnTheNextDay_keepsYesterday() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")));
    spend(budgets, "0.7");
    clock.advance(Duration.ofDays(1));

    budgets.reset("daily", "");

    assertThat(budgets.history("daily", ""))
        .containsEntry(Instant.parse("2026-01-01T00:00:00Z"), Cost.usd("0.7"));
  }

  @Test
  void history_days_areByTheirStart() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")));
    for (int day = 0; day < 40; day++) {
      budgets.spend(Reservation.NONE, Cost.usd("0.1").times(day), NOBODY, clock.now(), events::add);
      clock.advance(Duration.ofDays(1));
    }

    assertThat(budgets.history("daily", ""))
        .containsEntry(Instant.parse("2026-02-09T00:00:00Z"), Cost.usd("3.9"))
        .containsEntry(Instant.parse("2026-01-20T00:00:00Z"), Cost.usd("1.9"))
        .hasSizeBetween(32, 61);
  }

  @Test
  void spend_endedReservation_countsAllTheSame() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")));
    Reservation held = reserve(budgets, "0.4");
    held.release();

    budgets.spend(held, Cost.usd("0.1"), NOBODY, clock.now(), events::add);

    assertStatus(budgets.status("daily", ""), "0.1", "0", "1");
  }

  @Test
  void reserve_callThatOutlivesItsDay_isReservedInTheNextOne() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")).rejectWhenExceeded());
    Reservation held = reserve(budgets, "0.7");
    clock.advance(Duration.ofDays(1));

    assertRefused(budgets, "0.4");
    budgets.spend(held, Cost.usd("0.5"), NOBODY, clock.now(), events::add);

    assertStatus(budgets.status("daily", ""), "0.5", "0", "1");
  }

  @Test
  void reserve_64ThreadsOnNestedBudgets_neverTakeMoreThanTheLimits() throws Exception {
    Budgets budgets =
        budgets(
            Budget.daily(Cost.usd("3")).named("tenant").per("tenant").rejectWhenExceeded(),
            Budget.hourly(Cost.usd("1.6")).named("agent").per("agent").rejectWhenExceeded(),
            Budget.perRun(Cost.usd("0.09")).rejectWhenExceeded(),
            Budget.rolling(Cost.usd("0.9"), Duration.ofHours(1)));
    Map<String, LongAdder> spent = new HashMap<>();
    for (String key : List.of("t0", "t1", "a0", "a1", "a2", "a3")) {
      spent.put(key, new LongAdder());
    }
    LongAdder all = new LongAdder();
    ExecutorService pool = Executors.newFixedThreadPool(64);
    List<Future<?>> threads = new ArrayList<>();
    for (int t = 0; t < 64; t++) {
      Random random = new Random(t);
      String run = "r" + t;
      threads.add(
          pool.submit(
              () -> {
                for (int i = 0; i < 400; i++) {
                  int agent = random.nextInt(4);
                  Attributes call =
                      Attributes.of(
                          "tenant", "t" + agent / 2, "agent", "a" + agent, Budget.RUN, run);
                  long estimate = 1 + random.nextInt(1_000_000_000);
                  Reservation held;
                  try {
                    held = budgets.reserve(Cost.ofPicoUsd(estimate), call, event -> {});
                  } catch (BudgetExceededException e) {
                    continue;
                  }
                  assertWithinLimit(budgets, "tenant", "t" + agent / 2);
                  if (random.nextInt(3) == 0) {
                    held.release();
                  } else {
                    long cost = random.nextLong(estimate + 1);
                    budgets.spend(held, Cost.ofPicoUsd(cost), call, clock.now(), event -> {});
                    spent.get("t" + agent / 2).add(cost);
                    spent.get("a" + agent).add(cost);
                    all.add(cost);
                  }
                  held.release();
                }
              }));
    }
    for (Future<?> thread : threads) {
      thread.get();
    }
    pool.shutdown();

    for (Map.Entry<String, LongAdder> key : spent.entrySet()) {
      String budget = key.getKey().startsWith("t") ? "tenant" : "agent";
      BudgetStatus status = budgets.status(budget, key.getKey());
      assertThat(status.spent().picoUsd()).isEqualTo(key.getValue().sum());
      assertThat(status.reserved()).isEqualTo(Cost.ZERO);
      assertThat(status.spent()).isLessThanOrEqualTo(status.limit());
    }
    assertThat(budgets.status("rolling", "").spent().picoUsd()).isEqualTo(all.sum());
    assertThat(budgets.statuses("run", 100))
        .isNotEmpty()
        .allSatisfy(run -> assertThat(run.spent()).isLessThanOrEqualTo(run.limit()))
        .allSatisfy(run -> assertThat(run.reserved()).isEqualTo(Cost.ZERO));
  }

  private static void assertWithinLimit(Budgets budgets, String budget, String key) {
    BudgetStatus status = budgets.status(budget, key);
    assertThat(status.spent()).isLessThanOrEqualTo(status.limit());
  }

  Budgets budgets(Budget... budgets) {
    CostMonitor.Builder builder = CostMonitor.builder().catalog(TestPrices.catalog()).clock(clock);
    BudgetStore store = store();
    if (store != null) {
      builder.budgetStore(store).budgetLease(Duration.ofDays(10));
    }
    for (Budget budget : budgets) {
      builder.budget(budget.whenUnavailable(StoreOutage.REJECT));
    }
    return builder.listener(event -> events.add((BudgetEvent) event)).build().budgets();
  }

  private Reservation reserve(Budgets budgets, String amount) {
    return budgets.reserve(Cost.usd(amount), NOBODY, events::add);
  }

  private void spend(Budgets budgets, String amount) {
    budgets.spend(Reservation.NONE, Cost.usd(amount), NOBODY, clock.now(), events::add);
  }

  private ThrowableAssertAlternative<BudgetExceededException> assertRefused(
      Budgets budgets, String amount) {
    return assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> reserve(budgets, amount));
  }

  static void assertStatus(BudgetStatus status, String spent, String reserved, String limit) {
    assertThat(List.of(status.spent(), status.reserved(), status.limit()))
        .as("spent, reserved, limit")
        .containsExactly(Cost.usd(spent), Cost.usd(reserved), Cost.usd(limit));
  }
}

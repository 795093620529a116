package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.TestClock;
import dev.agentops.event.BudgetEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What only the accounts of this process do, beyond {@link BudgetsContract}. */
class BudgetsTest {

  private static final Attributes NOBODY = Attributes.empty();

  private final TestClock clock = TestClock.create();
  private final List<BudgetEvent> events = new ArrayList<>();

  @Test
  void perRun_moreRunsThanKept_forgetsThoseAtRest() {
    Budgets budgets = budgets(Budget.perRun(Cost.usd("1")).rejectWhenExceeded());
    Attributes inFlight = Attributes.of(Budget.RUN, "in flight");
    Attributes busy = Attributes.of(Budget.RUN, "busy");
    Reservation held = budgets.reserve(Cost.usd("0.6"), inFlight, events::add);

    for (int i = 0; i < 3 * Budgets.MAXIMUM_KEYS; i++) {
      spend(budgets, "1", Attributes.of(Budget.RUN, "run" + i));
      if (i % 1_000 == 0) {
        spend(budgets, "0.01", busy);
      }
    }

    assertThat(budgets.statuses("run", Integer.MAX_VALUE))
        .hasSizeLessThanOrEqualTo(Budgets.MAXIMUM_KEYS);
    assertThat(budgets.overflow()).isZero();
    assertThat(budgets.status("run", "busy").spent()).isEqualTo(Cost.usd("0.3"));
    budgets.spend(held, Cost.usd("0.5"), inFlight, clock.now(), events::add);
    assertThat(budgets.status("run", "in flight").spent()).isEqualTo(Cost.usd("0.5"));
    assertThat(budgets.status("run", "in flight").reserved()).isEqualTo(Cost.ZERO);
  }

  @Test
  void perRun_forgottenWhileOthersSpend_losesNothingOfThoseInFlight() throws Exception {
    Budgets budgets = budgets(Budget.perRun(Cost.usd("100")).rejectWhenExceeded());
    ExecutorService pool = Executors.newFixedThreadPool(8);
    List<Future<?>> threads = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Attributes mine = Attributes.of(Budget.RUN, "mine" + t);
      int thread = t;
      threads.add(
          pool.submit(
              () -> {
                Reservation always = budgets.reserve(Cost.usd("1"), mine, event -> {});
                for (int i = 0; i < 5_000; i++) {
                  Attributes other = Attributes.of(Budget.RUN, thread + "-" + i);
                  budgets.reserve(Cost.usd("0.001"), other, event -> {}).release();
                  Reservation held = budgets.reserve(Cost.ZERO, mine, event -> {});
                  budgets.spend(held, Cost.usd("0.001"), mine, clock.now(), event -> {});
                }
                assertThat(budgets.status("run", "mine" + thread).spent()).isEqualTo(Cost.usd("5"));
                always.release();
              }));
    }
    for (Future<?> thread : threads) {
      thread.get();
    }
    pool.shutdown();
  }

  @Test
  void perRun_allRunsHold_findsRoomOnceTheyHaveEnded() {
    Budgets budgets = budgets(Budget.perRun(Cost.usd("1")).rejectWhenExceeded());
    List<Reservation> running = new ArrayList<>();
    for (int i = 0; i < Budgets.MAXIMUM_KEYS; i++) {
      running.add(
          budgets.reserve(Cost.usd("0.6"), Attributes.of(Budget.RUN, "r" + i), events::add));
    }
    spend(budgets, "0.1", Attributes.of(Budget.RUN, "one too many"));
    assertThat(budgets.overflow()).isEqualTo(1);
    running.forEach(Reservation::release);

    for (int i = 0; i < Budgets.MAXIMUM_KEYS; i++) {
      spend(budgets, "0.1", Attributes.of(Budget.RUN, "next" + i));
    }

    assertThat(budgets.overflow()).isLessThanOrEqualTo(1 + Budgets.MAXIMUM_KEYS / 10);
  }

  @Test
  void increase_noRoomForTheKey_saysSoAndRaisesNobodyElse() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")).per("user"));
    for (int i = 0; i < Budgets.MAXIMUM_KEYS; i++) {
      spend(budgets, "0.1", Attributes.of("user", "u" + i));
    }

    assertThatThrownBy(
            () -> budgets.increase("daily", "vip", Cost.usd("9"), clock.now().plusSeconds(3_600)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("'vip'")
        .hasMessageContaining("10000");
    assertThat(budgets.status("daily", UsageLedger.OVERFLOW).limit()).isEqualTo(Cost.usd("1"));
  }

  @Test
  void increase_keyAtRest_isKeptWhileItHolds() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")).per("user"));
    budgets.increase("daily", "vip", Cost.usd("9"), clock.now().plus(Duration.ofDays(2)));
    for (int day = 0; day < 2; day++) {
      for (int i = 0; i < Budgets.MAXIMUM_KEYS; i++) {
        spend(budgets, "0.1", Attributes.of("user", day + "-" + i));
      }
      assertThat(budgets.status("daily", "vip").limit()).isEqualTo(Cost.usd("10"));
      clock.advance(Duration.ofDays(1));
    }

    spend(budgets, "0.1", Attributes.of("user", "last"));
    assertThat(budgets.statuses("daily", 20_000))
        .extracting(BudgetStatus::key)
        .doesNotContain("vip");
  }

  @Test
  void limit_aboveFourMillionDollars_countsNanoDollarsRoundedUp() {
    Budgets budgets = budgets(Budget.lifetime(Cost.usd("4000000000")).rejectWhenExceeded());

    spend(budgets, "3999999999", NOBODY);
    spend(budgets, "0.000000000001", NOBODY);

    assertThat(budgets.status("lifetime", "").spent()).isEqualTo(Cost.usd("3999999999.000000001"));
    assertThatThrownBy(() -> budgets.reserve(Cost.usd("1"), NOBODY, events::add))
        .isInstanceOf(BudgetExceededException.class);
    budgets.reserve(Cost.usd("0.999999999"), NOBODY, events::add);
  }

  @ParameterizedTest
  @ValueSource(strings = {"4000000000.000000001", "99999999999999999999"})
  void limit_aboveFourBillionDollars_isQuoted(String limit) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Budget.daily(Cost.usd(limit)))
        .withMessageContaining(Cost.usd(limit).toString());
  }

  @Test
  void spend_moreThanALongHolds_staysExceeded() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")).rejectWhenExceeded());

    for (int i = 0; i < 20; i++) {
      spend(budgets, "99999999999", NOBODY);
      assertThatThrownBy(() -> budgets.reserve(Cost.usd("0.1"), NOBODY, events::add))
          .isInstanceOf(BudgetExceededException.class);
    }

    assertThat(budgets.status("daily", "").spent()).isGreaterThan(Cost.usd("4000000"));
    clock.advance(Duration.ofDays(1));
    budgets.reserve(Cost.usd("0.1"), NOBODY, events::add);
    assertThat(budgets.status("daily", "").spent()).isEqualTo(Cost.ZERO);
  }

  @Test
  void spend_partOfAPicoDollar_isRoundedUp() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")));

    spend(budgets, "0.0000000000001", NOBODY);

    assertThat(budgets.status("daily", "").spent()).isEqualTo(Cost.ofPicoUsd(1));
  }

  @Test
  void clock_setBackALittle_doesNotReopenTheDayBefore() {
    Budgets budgets = budgets(Budget.daily(Cost.usd("1")).rejectWhenExceeded());
    clock.setWallTime(Instant.parse("2026-01-02T00:00:05Z"));
    spend(budgets, "1", NOBODY);

    for (int i = 0; i < 3; i++) {
      clock.setWallTime(Instant.parse("2026-01-01T23:59:50Z"));
      assertThat(budgets.status("daily", "").spent()).isEqualTo(Cost.usd("1"));
      clock.setWallTime(Instant.parse("2026-01-02T00:00:06Z"));
      assertThat(budgets.status("daily", "").spent()).isEqualTo(Cost.usd("1"));
    }
  }

  @Test
  void downgradeTo_choiceFails_isLoggedAndLeavesTheModel() {
    CostMonitor costs =
        builder()
            .budget(
                Budget.daily(Cost.usd("1"))
                    .downgradeTo(
                        0.5,
                        model -> {
                          throw new IllegalStateException("broken");
                        }))
            .build();
    spend(costs.budgets(), "0.6", NOBODY);

    assertThat(costs.budgets().reserve(Cost.ZERO, NOBODY, events::add).downgrade("big")).isNull();
    assertThat(costs.faults()).isEqualTo(1);
  }

  @Test
  void budgetStore_rejectingBudgetSaysNothingOfOutages_isRefused() {
    CostMonitor.Builder builder =
        builder()
            .budget(Budget.perRun(Cost.usd("1")).rejectWhenExceeded())
            .budget(Budget.daily(Cost.usd("1")).rejectWhenExceeded())
            .budgetStore(new NaiveBudgetStore(clock));

    assertThatIllegalArgumentException()
        .isThrownBy(builder::build)
        .withMessageContaining("'daily'")
        .withMessageContaining("whenUnavailable");
  }

  @Test
  void budgetStore_away_letsThroughOrRefusesAsSaidAndTellsOnce() {
    FlakyBudgetStore store = new FlakyBudgetStore(clock);
    CostMonitor open = shared(store, StoreOutage.ALLOW);
    CostMonitor closed = shared(store, StoreOutage.REJECT);
    store.away = true;

    for (int i = 0; i < 3; i++) {
      Reservation held = open.budgets().reserve(Cost.usd("0.9"), NOBODY, events::add);
      open.budgets().spend(held, Cost.usd("0.1"), NOBODY, clock.now(), events::add);
      assertThatThrownBy(() -> closed.budgets().reserve(Cost.usd("0.9"), NOBODY, events::add))
          .isInstanceOf(BudgetUnavailableException.class)
          .hasMessageContaining("'daily'");
    }
    assertThat(events)
        .extracting(BudgetEvent::type)
        .containsExactly(BudgetEvent.Type.STORE_UNAVAILABLE, BudgetEvent.Type.STORE_UNAVAILABLE);
    assertThat(closed.budgets().status("run", "r").reserved()).isEqualTo(Cost.ZERO);

    store.away = false;
    open.budgets().reserve(Cost.usd("0.9"), NOBODY, events::add).release();
    open.budgets().reserve(Cost.usd("0.9"), NOBODY, events::add).release();
    assertThat(events).hasSize(3);
    assertThat(events.get(2).type()).isEqualTo(BudgetEvent.Type.STORE_RECOVERED);
  }

  @Test
  void budgetStore_fails_neverReachesTheAgent() {
    FlakyBudgetStore store = new FlakyBudgetStore(clock);
    CostMonitor costs = shared(store, StoreOutage.ALLOW);
    store.broken = true;

    Reservation held = costs.budgets().reserve(Cost.usd("0.9"), NOBODY, events::add);
    costs.budgets().spend(held, Cost.usd("0.1"), NOBODY, clock.now(), events::add);
    costs.recordUsage("acme-plain", 1, 1);
    costs.close();

    assertThat(costs.faults()).isEqualTo(3);
    assertThat(store.closed).isTrue();
  }

  @Test
  void budgetStore_moreKeysThanAProcessKeeps_keepsThemApart() {
    Budget perUser =
        Budget.daily(Cost.usd("1"))
            .per("user")
            .rejectWhenExceeded()
            .whenUnavailable(StoreOutage.REJECT);
    NaiveBudgetStore store = new NaiveBudgetStore(clock);
    Budgets full = builder().budget(perUser).budgetStore(store).build().budgets();
    Budgets fresh = builder().budget(perUser).budgetStore(store).build().budgets();
    for (int i = 0; i < Budgets.MAXIMUM_KEYS + 10; i++) {
      spend(full, "0.1", Attributes.of("user", "u" + i));
    }
    Attributes vip = Attributes.of("user", "vip");
    spend(full, "0.6", vip);

    assertThatThrownBy(() -> fresh.reserve(Cost.usd("0.6"), vip, events::add))
        .isInstanceOf(BudgetExceededException.class);
    assertThat(full.overflow()).isZero();
    assertThat(fresh.status("daily", "u0").spent()).isEqualTo(Cost.usd("0.1"));
  }

  @Test
  void budgetStore_answerLost_givesBackWhatIsRejected() {
    FlakyBudgetStore store = new FlakyBudgetStore(clock);
    Budgets budgets = shared(store, StoreOutage.REJECT).budgets();
    store.answersLost = true;

    assertThatThrownBy(() -> budgets.reserve(Cost.usd("0.9"), NOBODY, events::add))
        .isInstanceOf(BudgetUnavailableException.class);

    assertThat(budgets.status("daily", "").reserved()).isEqualTo(Cost.ZERO);
  }

  @Test
  void budgetStore_interruptedCaller_saysNothingOfTheStore() {
    CostMonitor costs = shared(new FlakyBudgetStore(clock), StoreOutage.REJECT);

    Thread.currentThread().interrupt();
    try {
      assertThatThrownBy(() -> costs.budgets().reserve(Cost.usd("0.9"), NOBODY, events::add))
          .isInstanceOf(BudgetUnavailableException.class);
    } finally {
      assertThat(Thread.interrupted()).isTrue();
    }

    assertThat(events).isEmpty();
    assertThat(costs.faults()).isZero();
  }

  @Test
  void budgetStore_refusesTheRequest_isNoOutage() {
    FlakyBudgetStore store = new FlakyBudgetStore(clock);
    CostMonitor costs = shared(store, StoreOutage.ALLOW);
    store.refusing = true;

    Reservation held = costs.budgets().reserve(Cost.usd("0.9"), NOBODY, events::add);
    costs.budgets().spend(held, Cost.usd("0.1"), NOBODY, clock.now(), events::add);

    assertThat(events).isEmpty();
    assertThat(costs.faults()).isEqualTo(2);
  }

  @Test
  void budgetStore_budgetsOfRunsOnly_isNotAsked() {
    FlakyBudgetStore store = new FlakyBudgetStore(clock);
    CostMonitor costs = builder().budget(Budget.perRun(Cost.usd("1"))).budgetStore(store).build();

    costs.budgets().reserve(Cost.usd("0.9"), NOBODY, events::add).release();
    costs.recordUsage("acme-plain", 1, 1);
    costs.close();

    assertThat(store.asked).isZero();
    assertThat(store.closed).isTrue();
  }

  @Test
  void budgetStore_refuses_givesBackWhatThisProcessHolds() {
    FlakyBudgetStore store = new FlakyBudgetStore(clock);
    CostMonitor costs = shared(store, StoreOutage.ALLOW);
    Attributes run = Attributes.of(Budget.RUN, "r");
    spend(costs.budgets(), "1", NOBODY);

    assertThatThrownBy(() -> costs.budgets().reserve(Cost.usd("0.5"), run, events::add))
        .isInstanceOf(BudgetExceededException.class);

    assertThat(costs.budgets().status("run", "r").reserved()).isEqualTo(Cost.ZERO);
  }

  @Test
  void budgetStore_callsThatNeverEnd_areGivenBackWithTheirLease() {
    NaiveBudgetStore store = new NaiveBudgetStore(clock);
    CostMonitor costs =
        builder()
            .budget(
                Budget.monthly(Cost.usd("1"))
                    .rejectWhenExceeded()
                    .whenUnavailable(StoreOutage.REJECT))
            .budgetStore(store)
            .budgetLease(Duration.ofMinutes(5))
            .build();
    for (int i = 0; i < 10; i++) {
      costs.budgets().reserve(Cost.usd("0.1"), NOBODY, events::add);
    }
    assertThat(costs.budgets().status("monthly", "").remaining()).isEqualTo(Cost.ZERO);

    clock.advance(Duration.ofMinutes(5));

    assertThat(costs.budgets().status("monthly", "").remaining()).isEqualTo(Cost.usd("1"));
  }

  private CostMonitor shared(BudgetStore store, StoreOutage outage) {
    return builder()
        .budget(Budget.daily(Cost.usd("1")).rejectWhenExceeded().whenUnavailable(outage))
        .budget(Budget.perRun(Cost.usd("1")).rejectWhenExceeded())
        .budgetStore(store)
        .build();
  }

  private Budgets budgets(Budget budget) {
    return builder().budget(budget).build().budgets();
  }

  private CostMonitor.Builder builder() {
    return CostMonitor.builder().catalog(TestPrices.catalog()).clock(clock);
  }

  private void spend(Budgets budgets, String amount, Attributes call) {
    budgets.spend(Reservation.NONE, Cost.usd(amount), call, clock.now(), events::add);
  }
}

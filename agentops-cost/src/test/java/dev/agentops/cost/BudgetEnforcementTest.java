package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.Usage;
import dev.agentops.event.BudgetEvent;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetEnforcementTest {

  private static final int THREADS = 32;

  private final TestClock clock = TestClock.create();
  private final List<BudgetEvent> events = new CopyOnWriteArrayList<>();

  @Test
  void chat_32ThreadsWithinTheirReservations_neverOverspend() throws Exception {
    CostMonitor costs = monitor(Budget.daily(Cost.usd("0.05")).rejectWhenExceeded());
    AgentOps ops = AgentOps.with(CostInterceptor.of(costs)).build();
    ChatModel model =
        ops.wrap(FakeModels.chat(() -> FakeModels.answer("acme-plain", new TokenUsage(1, 100))));

    inThreads(
        () -> {
          for (int i = 0; i < 100; i++) {
            try {
              model.chat(FakeModels.request("hi", 100));
            } catch (BudgetExceededException e) {
              assertThat(e.budget()).isEqualTo("daily");
            }
          }
        });

    Cost spent = costs.statistics().totalCost();
    assertThat(spent).isLessThanOrEqualTo(Cost.usd("0.05"));
    // no reservation is left behind: all but the rest that is too small for a call was used
    assertThat(spent.plus(Cost.usd("0.000120"))).isGreaterThan(Cost.usd("0.05"));
    costs.reserve(Cost.usd("0.05").minus(spent), Attributes.empty(), null, event -> {}).release();
  }

  @Test
  void chat_32CallsAtOnceBeyondTheirReservations_overspendByTheDifferenceOnly() throws Exception {
    Cost reserved = Cost.usd("0.000106"); // "hi" is about 6 tokens, and 100 may come back
    CostMonitor costs = monitor(Budget.daily(reserved.times(10)).rejectWhenExceeded());
    CountDownLatch settled = new CountDownLatch(THREADS);
    AtomicInteger asked = new AtomicInteger();
    ChatModel model =
        AgentOps.with(CostInterceptor.of(costs))
            .build()
            .wrap(
                FakeModels.chat(
                    () -> {
                      asked.incrementAndGet();
                      settled.countDown();
                      await(settled); // until each thread is either here or refused
                      return FakeModels.answer("acme-plain", new TokenUsage(1_000, 0));
                    }));

    inThreads(
        () -> {
          try {
            model.chat(FakeModels.request("hi", 100));
          } catch (BudgetExceededException e) {
            settled.countDown();
          }
        });

    int fit = asked.get();
    assertThat(fit).isEqualTo(10); // as many as the limit holds of what one call reserves
    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("0.001").times(fit));
  }

  @ParameterizedTest
  @CsvSource({
    // a day of 23 hours, one of 25, and one that ends where the next has no midnight
    "Europe/Berlin, 2026-03-28T23:30:00Z, 2026-03-29T22:00:00Z",
    "Europe/Berlin, 2026-10-24T22:00:00Z, 2026-10-25T23:00:00Z",
    "America/Sao_Paulo, 2018-11-03T12:00:00Z, 2018-11-04T03:00:00Z",
    "UTC, 2028-02-28T00:00:00Z, 2028-02-29T00:00:00Z",
  })
  void daily_endOfTheDay_followsTheZone(String zone, Instant now, Instant end) {
    TestClock clock = TestClock.at(now);
    CostMonitor costs =
        builder(clock)
            .zone(ZoneId.of(zone))
            .budget(Budget.daily(Cost.usd("1")).rejectWhenExceeded())
            .build();
    ChatModel model = model(costs);
    costs.recordUsage("acme-plain", 1_000_000, 0);

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> model.chat("hi"))
        .satisfies(e -> assertThat(e.resetsAt()).isEqualTo(end))
        .satisfies(e -> assertThat(e.retryAfter()).isEqualTo(Duration.between(now, end)));
    clock.advance(Duration.between(now, end).minusNanos(1));
    assertThatExceptionOfType(BudgetExceededException.class).isThrownBy(() -> model.chat("hi"));
    clock.advance(Duration.ofNanos(1));
    assertThat(model.chat("hi")).isEqualTo("twelve chars");
  }

  @Test
  void weeklyAndMonthly_end_atMondayAndTheFirst() {
    TestClock clock = TestClock.at(Instant.parse("2026-01-28T10:00:00Z")); // a Wednesday
    List<BudgetEvent> told = new ArrayList<>();
    CostMonitor costs =
        builder(clock)
            .budget(Budget.weekly(Cost.usd("1")))
            .budget(Budget.monthly(Cost.usd("1")))
            .listener(event -> told.add((BudgetEvent) event))
            .build();

    costs.recordUsage("acme-plain", 1_000_000, 0);

    assertThat(told)
        .extracting(BudgetEvent::resetsAt)
        .containsExactly(
            Instant.parse("2026-02-02T00:00:00Z"), Instant.parse("2026-02-01T00:00:00Z"));
  }

  @Test
  void daily_clockGoesBack_keepsWhatIsSpent() {
    TestClock clock = TestClock.at(Instant.parse("2026-01-02T00:10:00Z"));
    CostMonitor costs =
        builder(clock).budget(Budget.daily(Cost.usd("1")).rejectWhenExceeded()).build();
    costs.recordUsage("acme-plain", 1_000_000, 0);

    clock.setWallTime(Instant.parse("2026-01-01T23:50:00Z"));

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> model(costs).chat("hi"));
  }

  @Test
  void daily_clockWasAheadAndCameBack_keepsWhatIsSpentUntilTheDayEnds() {
    TestClock clock = TestClock.at(Instant.parse("2027-01-02T12:00:00Z")); // a year ahead
    CostMonitor costs =
        builder(clock).budget(Budget.daily(Cost.usd("1")).rejectWhenExceeded()).build();
    Reservation held = costs.reserve(Cost.usd("0.4"), Attributes.empty(), null, event -> {});
    costs.recordUsage("acme-plain", 600_000, 0);

    clock.setWallTime(Instant.parse("2026-01-01T12:00:00Z"));

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> model(costs).chat("hi"))
        .satisfies(e -> assertThat(e.resetsAt()).isEqualTo("2026-01-02T00:00:00Z"));
    held.release();
    assertThat(model(costs).chat("hi")).isEqualTo("twelve chars");
    costs.recordUsage("acme-plain", 600_000, 0);
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> model(costs).chat("hi"));
    clock.advance(Duration.ofHours(12));
    assertThat(model(costs).chat("hi")).isEqualTo("twelve chars");
  }

  @Test
  void chat_32CallsAtOnceAboveTheWholeLimit_oneIsLetThrough() throws Exception {
    CostMonitor costs = monitor(Budget.daily(Cost.usd("0.00005")).rejectWhenExceeded());
    CountDownLatch settled = new CountDownLatch(THREADS);
    AtomicInteger asked = new AtomicInteger();
    ChatModel model =
        AgentOps.with(CostInterceptor.of(costs))
            .build()
            .wrap(
                FakeModels.chat(
                    () -> {
                      asked.incrementAndGet();
                      settled.countDown();
                      await(settled); // until each thread is either here or refused
                      return FakeModels.answer("acme-plain", new TokenUsage(0, 70));
                    }));

    inThreads(
        () -> {
          try {
            model.chat(FakeModels.request("hi", 100));
          } catch (BudgetExceededException e) {
            assertThat(e).hasMessageContaining("reserved $0.00005 of $0.00005");
            settled.countDown();
          }
        });

    assertThat(asked).hasValue(1);
    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("0.00007"));
    assertThatExceptionOfType(BudgetExceededException.class).isThrownBy(() -> model.chat("hi"));
  }

  @Test
  void chat_answersAboveTheWholeLimit_oneCallADayIsLetThrough() {
    CostMonitor costs = monitor(Budget.daily(Cost.usd("0.01")).rejectWhenExceeded());
    ChatModel model =
        AgentOps.with(CostInterceptor.of(costs))
            .build()
            .wrap(
                FakeModels.chat(() -> FakeModels.answer("acme-plain", new TokenUsage(1, 50_000))));

    for (int day = 0; day < 5; day++) {
      assertThat(model.chat("hi")).isEqualTo("twelve chars");
      assertThatExceptionOfType(BudgetExceededException.class).isThrownBy(() -> model.chat("hi"));
      clock.advance(Duration.ofDays(1));
    }
  }

  @Test
  void chat_oneVeryLongAnswer_doesNotRuleTheEstimate() {
    CostMonitor costs = monitor(Budget.daily(Cost.usd("0.01")).rejectWhenExceeded());
    AtomicInteger tokens = new AtomicInteger(1_000_000);
    ChatModel model =
        AgentOps.with(CostInterceptor.of(costs))
            .build()
            .wrap(
                FakeModels.chat(
                    () -> FakeModels.answer("acme-plain", new TokenUsage(1, tokens.get()))));
    model.chat("hi");
    tokens.set(100);
    clock.advance(Duration.ofDays(1));

    for (int i = 0; i < 50; i++) {
      assertThat(model.chat("hi")).isEqualTo("twelve chars");
    }
    tokens.set(2_000);
    assertThat(model.chat("hi")).isEqualTo("twelve chars");
    assertThat(model.chat("hi")).isEqualTo("twelve chars");
    // spent about 0.0091 and twice 2,000 of late: the next is expected to be as long
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> model.chat("hi"))
        .withMessageContaining("about $0.002");
  }

  @Test
  void spend_marksPassed_areToldOncePerPeriodInOrder() {
    CostMonitor costs = monitor(Budget.daily(Cost.usd("1")).named("d").warnAt(0.8, 0.5));

    costs.recordUsage("acme-plain", 499_999, 0);
    assertThat(events).isEmpty();
    costs.recordUsage("acme-plain", 1, 0);
    costs.recordUsage("acme-plain", 1, 0);
    assertThat(events).extracting(BudgetEvent::share).containsExactly(0.5);
    costs.recordUsage("acme-plain", 5_000_000, 0);
    costs.recordUsage("acme-plain", 5_000_000, 0);
    assertThat(events).extracting(BudgetEvent::share).containsExactly(0.5, 0.8, 1.0);
    assertThat(events)
        .extracting(BudgetEvent::type)
        .containsExactly(
            BudgetEvent.Type.WARNING, BudgetEvent.Type.WARNING, BudgetEvent.Type.EXCEEDED);
    assertThat(events.get(2).spent()).isEqualTo(Cost.usd("5.500001"));

    clock.advance(Duration.ofDays(1));
    costs.recordUsage("acme-plain", 600_000, 0);
    assertThat(events).hasSize(4);
    assertThat(events.get(3).spent()).isEqualTo(Cost.usd("0.6"));
  }

  @Test
  void per_attribute_keepsEachValueApart() {
    CostMonitor costs =
        monitor(Budget.daily(Cost.usd("1")).named("team").per("team").rejectWhenExceeded());
    AgentOps ops = AgentOps.with(CostInterceptor.of(costs)).build();
    ChatModel model =
        ops.wrap(FakeModels.chat(() -> FakeModels.answer("acme-plain", new TokenUsage(1, 1))));
    costs.recordUsage("acme", "acme-plain", Usage.of(2_000_000, 0), Attributes.of("team", "a"));
    costs.recordUsage("acme-plain", 2_000_000, 0);

    try (Scope scope = ops.scope(Attributes.of("team", "a"))) {
      assertThatExceptionOfType(BudgetExceededException.class)
          .isThrownBy(() -> model.chat("hi"))
          .satisfies(e -> assertThat(e.key()).isEqualTo("a"))
          .withMessageContaining("'team' of 'a'")
          .withMessageContaining("$2.00");
    }
    try (Scope scope = ops.scope(Attributes.of("team", "b"))) {
      assertThat(model.chat("hi")).isEqualTo("twelve chars");
    }
    assertThatExceptionOfType(BudgetExceededException.class).isThrownBy(() -> model.chat("hi"));
    assertThat(events)
        .filteredOn(event -> event.type() == BudgetEvent.Type.REJECTED)
        .extracting(BudgetEvent::key)
        .containsExactly("a", "(none)");
  }

  @Test
  void reserve_secondBudgetHasNoRoom_takesNothingFromTheFirst() {
    CostMonitor costs =
        builder(clock)
            .budget(Budget.daily(Cost.usd("1")).rejectWhenExceeded())
            .budget(Budget.monthly(Cost.usd("0.5")).rejectWhenExceeded())
            .build();
    costs.recordUsage("acme-plain", 1, 0); // the first call of a period is never refused

    for (int i = 0; i < 3; i++) {
      assertThatExceptionOfType(BudgetExceededException.class)
          .isThrownBy(() -> costs.reserve(Cost.usd("0.6"), Attributes.empty(), null, event -> {}))
          .satisfies(e -> assertThat(e.budget()).isEqualTo("monthly"));
    }
    costs.reserve(Cost.usd("0.499999"), Attributes.empty(), null, event -> {}).release();
  }

  @Test
  void release_twice_givesBackOnce() {
    CostMonitor costs = monitor(Budget.daily(Cost.usd("1")).rejectWhenExceeded());
    Reservation first = costs.reserve(Cost.usd("0.6"), Attributes.empty(), null, event -> {});
    first.release();
    first.release();
    costs.reserve(Cost.usd("0.6"), Attributes.empty(), null, event -> {});

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> costs.reserve(Cost.usd("0.6"), Attributes.empty(), null, event -> {}));
  }

  @Test
  void reserve_callThatOutlivesItsDay_spendsInTheNewOne() {
    CostMonitor costs = monitor(Budget.daily(Cost.usd("1")).warnAt(0.5).rejectWhenExceeded());
    Reservation held = costs.reserve(Cost.usd("0.9"), Attributes.empty(), null, event -> {});
    clock.advance(Duration.ofDays(1));

    costs.settle(held, TestCharges.of("acme-plain", Usage.of(600_000, 0)), event -> {});

    assertThat(events).extracting(BudgetEvent::spent).containsExactly(Cost.usd("0.6"));
    costs.reserve(Cost.usd("0.4"), Attributes.empty(), null, event -> {}).release();
  }

  @Test
  void per_moreKeysThanKept_shareOneBudget() {
    CostMonitor costs = monitor(Budget.daily(Cost.usd("1")).per("user").rejectWhenExceeded());
    for (int i = 0; i < Budgets.MAXIMUM_KEYS; i++) {
      user(costs, i, "0.000001").release();
    }

    user(costs, -1, "0.7");

    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> user(costs, -2, "0.7"))
        .satisfies(e -> assertThat(e.limit()).isEqualTo(Cost.usd("1")))
        .satisfies(e -> assertThat(e.key()).isEqualTo("(other)"))
        .withMessageContaining("'daily' of '(other)'");
    assertThat(events).extracting(BudgetEvent::key).containsExactly("(other)");
    assertThat(costs.budgetOverflows()).isEqualTo(2);
    clock.advance(Duration.ofDays(1));
    user(costs, -2, "0.7");
    user(costs, -3, "0.7");
  }

  @ParameterizedTest
  @ValueSource(strings = {"(none)", "(other)"})
  void per_valueSpelledLikeASharedKey_hasABudgetOfItsOwn(String value) {
    CostMonitor costs = monitor(Budget.daily(Cost.usd("1")).per("user").rejectWhenExceeded());
    for (int i = 1; i < Budgets.MAXIMUM_KEYS; i++) {
      user(costs, i, "0.000001").release();
    }
    Attributes spelled = Attributes.of("user", value);
    costs.recordUsage("acme", "acme-plain", Usage.of(2_000_000, 0), spelled);

    costs.reserve(Cost.usd("0.7"), Attributes.empty(), null, event -> {});
    user(costs, -1, "0.7"); // counted under (other): there is no room for its key

    assertThat(costs.budgetOverflows()).isEqualTo(1);
    assertThatExceptionOfType(BudgetExceededException.class)
        .isThrownBy(() -> costs.reserve(Cost.usd("0.1"), spelled, null, event -> {}));
  }

  @Test
  void recordUsage_budgetExceeded_isNeverRefused() {
    CostMonitor costs = monitor(Budget.daily(Cost.usd("1")).rejectWhenExceeded());

    costs.recordUsage("acme-plain", 9_000_000, 0);
    costs.recordUsage("acme-plain", 9_000_000, 0);

    assertThat(costs.statistics().totalCost()).isEqualTo(Cost.usd("18"));
  }

  @Test
  void listener_throws_isKeptFromTheAgent() {
    CostMonitor costs =
        builder(clock)
            .budget(Budget.daily(Cost.usd("1")))
            .listener(
                event -> {
                  throw new IllegalStateException("broken");
                })
            .build();

    costs.recordUsage("acme-plain", 9_000_000, 0);

    assertThat(costs.faults()).isEqualTo(1);
    assertThat(costs.statistics().totalRequests()).isEqualTo(1);
  }

  private static Reservation user(CostMonitor costs, int user, String amount) {
    return costs.reserve(Cost.usd(amount), Attributes.of("user", "u" + user), null, event -> {});
  }

  private CostMonitor monitor(Budget budget) {
    return builder(clock).budget(budget).listener(event -> events.add((BudgetEvent) event)).build();
  }

  private static CostMonitor.Builder builder(TestClock clock) {
    return CostMonitor.builder().catalog(TestPrices.catalog()).clock(clock);
  }

  private static ChatModel model(CostMonitor costs) {
    return AgentOps.with(CostInterceptor.of(costs))
        .build()
        .wrap(FakeModels.chat(() -> FakeModels.answer("acme-plain", new TokenUsage(1, 1))));
  }

  private static void inThreads(Runnable body) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    CountDownLatch start = new CountDownLatch(1);
    List<Future<?>> all = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      all.add(
          pool.submit(
              () -> {
                await(start);
                body.run();
              }));
    }
    start.countDown();
    for (Future<?> each : all) {
      each.get();
    }
    pool.shutdown();
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}

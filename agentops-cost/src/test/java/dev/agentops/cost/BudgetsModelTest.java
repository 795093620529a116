package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.TestClock;
import dev.agentops.event.BudgetEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The accounts of this process, and the plainest possible ones, say the same of everything. */
class BudgetsModelTest {

  private static final List<String> TEAMS = List.of("a", "b", "(none)", "");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void anything_atRandom_isAsInTheModel(long seed) {
    Random random = new Random(seed);
    TestClock clock = TestClock.at(Instant.parse("2026-10-23T17:12:44.123Z")); // clocks change soon
    List<Budget> set = budgets(random);
    Side engine = new Side(set, clock, null);
    Side model = new Side(set, clock, new NaiveBudgetStore(clock));

    for (int step = 0; step < 1_000; step++) {
      Consumer<Side> action = action(random, clock, engine.held.size());
      action.accept(engine);
      action.accept(model);
      assertThat(engine.told).as("step %s of seed %s", step, seed).isEqualTo(model.told);
      engine.told.clear();
      model.told.clear();
      for (Budget budget : set) {
        String key = TEAMS.get(random.nextInt(TEAMS.size()));
        assertThat(engine.budgets.status(budget.name(), key).toString())
            .as("step %s of seed %s", step, seed)
            .isEqualTo(model.budgets.status(budget.name(), key).toString());
      }
    }
    for (Budget budget : set) {
      for (String key : TEAMS) {
        Instant kept = clock.now().minus(Duration.ofMinutes(30)); // the model forgets nothing
        assertThat(engine.budgets.history(budget.name(), key).tailMap(kept))
            .isEqualTo(model.budgets.history(budget.name(), key).tailMap(kept));
      }
    }
  }

  /** Without downgrades, of which a model would have to be told. */
  private static List<Budget> budgets(Random random) {
    ZoneId zone = ZoneId.of("Europe/Berlin");
    List<Budget> all =
        new ArrayList<>(
            List.of(
                Budget.hourly(Cost.usd("3")).warnAt(0.2, 0.7),
                Budget.daily(Cost.usd("20")).warnAt(0.5),
                Budget.rolling(Cost.usd("5"), Duration.ofHours(2)).warnAt(0.9),
                Budget.weekly(Cost.usd("90")),
                Budget.monthly(Cost.usd("5000000")), // counted in larger units
                Budget.lifetime(Cost.usd("400")).warnAt(0.1, 0.2, 0.3)));
    all.replaceAll(
        budget ->
            random.nextInt(3) == 0
                ? budget.zone(zone)
                : budget.whenUnavailable(StoreOutage.REJECT));
    all.replaceAll(
        budget ->
            random.nextBoolean()
                ? budget.rejectWhenExceeded().whenUnavailable(StoreOutage.REJECT)
                : budget);
    all.replaceAll(budget -> random.nextInt(4) == 0 ? budget : budget.per("team"));
    return all;
  }

  private static Consumer<Side> action(Random random, TestClock clock, int held) {
    String team = TEAMS.get(random.nextInt(TEAMS.size()));
    Attributes call = team.equals("(none)") ? Attributes.empty() : Attributes.of("team", team);
    Cost amount = Cost.ofPicoUsd(random.nextLong(1_200_000_000_000L));
    int which = held == 0 ? 0 : random.nextInt(held);
    int kind = random.nextInt(100);
    if (kind < 40) {
      return side -> side.reserve(amount, call);
    } else if (kind < 70 && held > 0) {
      return side -> side.spend(side.held.remove(which), amount, call);
    } else if (kind < 80 && held > 0) {
      return side -> side.held.remove(which).release();
    } else if (kind < 84) {
      return side -> side.spend(Reservation.NONE, amount, call);
    } else if (kind < 85) {
      return side -> side.increase(team, amount, clock.now().plusSeconds(5_000));
    } else if (kind < 86) {
      return side -> side.reset(team);
    }
    clock.advance(Duration.ofMillis(random.nextLong(kind == 99 ? 90_000_000 : 600_000)));
    return side -> {};
  }

  /** Budgets and what became of them. */
  private static final class Side {

    private final List<Budget> set;
    private final TestClock clock;
    private final Budgets budgets;
    private final List<Reservation> held = new ArrayList<>();
    private final List<String> told = new ArrayList<>();

    Side(List<Budget> set, TestClock clock, @Nullable BudgetStore store) {
      this.set = set;
      this.clock = clock;
      CostMonitor.Builder builder =
          CostMonitor.builder().catalog(TestPrices.catalog()).clock(clock);
      set.forEach(builder::budget);
      if (store != null) {
        builder.budgetStore(store).budgetLease(Duration.ofDays(1_000));
      }
      budgets = builder.listener(event -> tell((BudgetEvent) event)).build().budgets();
    }

    void reserve(Cost amount, Attributes call) {
      try {
        held.add(budgets.reserve(amount, call, this::tell));
      } catch (BudgetExceededException e) {
        told.add(e.getMessage());
      }
    }

    void spend(Reservation reservation, Cost amount, Attributes call) {
      budgets.spend(reservation, amount, call, clock.now(), this::tell);
    }

    void increase(String key, Cost by, Instant until) {
      set.forEach(budget -> budgets.increase(budget.name(), key, by, until));
    }

    void reset(String key) {
      set.forEach(budget -> budgets.reset(budget.name(), key));
    }

    private void tell(BudgetEvent event) {
      told.add(event.toString());
    }
  }
}

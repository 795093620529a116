package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Cost;
import dev.agentops.event.BudgetEvent;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** All budgets of a monitor: a call passes each of them or none. Thread-safe. */
final class Budgets {

  static final int MAXIMUM_KEYS = 10_000;

  private final List<BudgetKeeper> keepers;
  private final Clock clock;

  Budgets(List<Budget> budgets, ZoneId zone, Clock clock) {
    this.keepers =
        budgets.stream().map(budget -> new BudgetKeeper(budget, zone, MAXIMUM_KEYS)).toList();
    this.clock = clock;
  }

  /**
   * Takes an amount from every budget.
   *
   * @throws BudgetExceededException if it does not fit in one of them; then nothing is taken from
   *     any
   */
  Reservation reserve(Cost amount, Attributes attributes, Consumer<BudgetEvent> events) {
    if (keepers.isEmpty()) {
      return Reservation.NONE;
    }
    Instant now = clock.now();
    List<BudgetKeeper.Hold> holds = new ArrayList<>(keepers.size());
    try {
      for (BudgetKeeper keeper : keepers) {
        holds.add(keeper.reserve(amount, attributes, now, events));
      }
    } catch (Throwable t) {
      holds.forEach(BudgetKeeper.Hold::release);
      throw t;
    }
    return new Reservation(holds);
  }

  /** Ends a reservation with what the call has cost. */
  void spend(
      Reservation reservation, Cost cost, Attributes attributes, Consumer<BudgetEvent> events) {
    Instant now = clock.now();
    List<BudgetKeeper.Hold> holds = reservation.end();
    for (BudgetKeeper keeper : keepers) {
      keeper.spend(holdOf(keeper, holds), cost, attributes, now, events);
    }
  }

  long overflow() {
    return keepers.stream().mapToLong(BudgetKeeper::overflow).sum();
  }

  private static BudgetKeeper.@Nullable Hold holdOf(
      BudgetKeeper keeper, List<BudgetKeeper.Hold> holds) {
    for (BudgetKeeper.Hold hold : holds) {
      if (hold.keeper() == keeper) {
        return hold;
      }
    }
    return null;
  }
}

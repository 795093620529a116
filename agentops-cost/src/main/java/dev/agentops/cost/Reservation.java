package dev.agentops.cost;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * What is held of all budgets for one running call. Ends once, with a cost or without; a second end
 * does nothing.
 */
final class Reservation {

  /** Nothing. */
  static final Reservation NONE = new Reservation(List.of());

  private final List<BudgetKeeper.Hold> holds;
  private final AtomicBoolean ended = new AtomicBoolean();

  Reservation(List<BudgetKeeper.Hold> holds) {
    this.holds = holds;
  }

  /** Ends the reservation and hands over what it held; empty if it had ended. */
  List<BudgetKeeper.Hold> end() {
    return ended.compareAndSet(false, true) ? holds : List.of();
  }

  void release() {
    end().forEach(BudgetKeeper.Hold::release);
  }
}

package dev.agentops.cost;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/**
 * What is held of all budgets for one running call. Ends once, with a cost or without; a second end
 * does nothing. Thread-safe.
 */
final class Reservation {

  /** Nothing. */
  static final Reservation NONE = new Reservation(null, new BudgetAccount[0], new long[0]);

  private static final VarHandle ENDED;

  static {
    try {
      ENDED = MethodHandles.lookup().findVarHandle(Reservation.class, "ended", boolean.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private final @Nullable Budgets budgets;
  private final @Nullable BudgetAccount[] accounts;
  private final long[] held;
  private SharedBudgets.@Nullable Hold shared;
  private Budget.@Nullable Downgrade downgrade;

  @SuppressWarnings("UnusedVariable") // by its handle
  private volatile boolean ended;

  /** A reservation in the accounts of this process, those that are not null. */
  Reservation(@Nullable Budgets budgets, @Nullable BudgetAccount[] accounts, long[] held) {
    this.budgets = budgets;
    this.accounts = accounts;
    this.held = held;
  }

  /** Whether it is of this process's budgets and has not ended; it has then. */
  boolean end() {
    return budgets != null && ENDED.compareAndSet(this, false, true);
  }

  /** Gives back what is held, unless it has ended. */
  void release() {
    if (budgets != null && end()) {
      budgets.release(this);
    }
  }

  /** The cheaper model that a budget asks for in place of this one; null where none does. */
  @Nullable String downgrade(String model) {
    return budgets == null || downgrade == null ? null : budgets.downgraded(downgrade, model);
  }

  /** By local budget; null where the call does not count in it. */
  @Nullable BudgetAccount[] accounts() {
    return accounts;
  }

  /** By local budget. */
  long[] held() {
    return held;
  }

  SharedBudgets.@Nullable Hold shared() {
    return shared;
  }

  void shared(SharedBudgets.Hold hold) {
    shared = hold;
  }

  /** Remembers the downgrade of the highest share; of two, the first. */
  void downgradeBy(Budget.@Nullable Downgrade other) {
    if (other != null && (downgrade == null || other.share() > downgrade.share())) {
      downgrade = other;
    }
  }
}

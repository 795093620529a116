package dev.agentops.cost;

import dev.agentops.CallRejectedException;

/**
 * A call was refused because the store of a budget is away, and the budget is to {@linkplain
 * StoreOutage#REJECT reject} meanwhile.
 */
public final class BudgetUnavailableException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final String budget;

  BudgetUnavailableException(String budget, Throwable cause) {
    super("budget '" + budget + "' cannot be told: its store is away: " + cause.getMessage());
    this.budget = budget;
    initCause(cause);
  }

  /** The name of the budget. */
  public String budget() {
    return budget;
  }
}

package dev.agentops.cost;

import dev.agentops.CallRejectedException;
import dev.agentops.Cost;
import java.time.Duration;
import java.time.Instant;

/** A call was refused because its budget has no room for it. */
public final class BudgetExceededException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final String budget;
  private final String key;
  private final transient Cost spent;
  private final transient Cost limit;
  private final Instant resetsAt;
  private final Duration retryAfter;

  BudgetExceededException(
      Budget budget,
      String key,
      Balance balance,
      Cost estimate,
      Instant resetsAt,
      Duration retryAfter) {
    super(message(budget, key, balance, estimate, resetsAt));
    this.budget = budget.name();
    this.key = key;
    this.spent = balance.spent();
    this.limit = budget.limit();
    this.resetsAt = resetsAt;
    this.retryAfter = retryAfter;
  }

  /** The name of the budget. */
  public String budget() {
    return budget;
  }

  /** Whose share of it, such as a team; empty where all share one. */
  public String key() {
    return key;
  }

  /** What is spent in this period, without what running calls have reserved. */
  public Cost spent() {
    return spent;
  }

  /** What may be spent in a period. */
  public Cost limit() {
    return limit;
  }

  /** When the next period begins. */
  public Instant resetsAt() {
    return resetsAt;
  }

  /**
   * The time until the next period begins; a call may fit earlier where running calls cost less
   * than they reserved. Never negative.
   */
  @Override
  public Duration retryAfter() {
    return retryAfter;
  }

  private static String message(
      Budget budget, String key, Balance balance, Cost estimate, Instant resetsAt) {
    return "budget '"
        + budget.name()
        + (key.isEmpty() ? "'" : "' of '" + key + "'")
        + " has no room for a call of about "
        + estimate
        + ": spent "
        + balance.spent()
        + " and reserved "
        + balance.reserved()
        + " of "
        + budget.limit()
        + "; resets at "
        + resetsAt;
  }
}

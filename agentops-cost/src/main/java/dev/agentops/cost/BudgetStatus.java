package dev.agentops.cost;

import dev.agentops.Cost;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** How a budget stands for one key at a moment. Immutable. */
public final class BudgetStatus {

  private final Budget budget;
  private final String key;
  private final Cost spent;
  private final Cost reserved;
  private final Cost limit;
  private final @Nullable Instant resetsAt;

  BudgetStatus(
      Budget budget,
      String key,
      Cost spent,
      Cost reserved,
      Cost limit,
      @Nullable Instant resetsAt) {
    this.budget = budget;
    this.key = key;
    this.spent = spent;
    this.reserved = reserved;
    this.limit = limit;
    this.resetsAt = resetsAt;
  }

  public Budget budget() {
    return budget;
  }

  /** Whose share of the budget; empty where all share one. */
  public String key() {
    return key;
  }

  /** What ended calls have cost in the current window. */
  public Cost spent() {
    return spent;
  }

  /** What running calls may cost. */
  public Cost reserved() {
    return reserved;
  }

  /** What may be spent in the window, an increase included. */
  public Cost limit() {
    return limit;
  }

  /** What is left for the next call; never negative. */
  public Cost remaining() {
    Cost left = limit.minus(spent).minus(reserved);
    return left.signum() < 0 ? Cost.ZERO : left;
  }

  /**
   * When the window ends, or for a rolling one its current slice, the earliest time at which
   * something spent stops to count; null where it does not end.
   */
  public @Nullable Instant resetsAt() {
    return resetsAt;
  }

  @Override
  public String toString() {
    return "BudgetStatus{"
        + budget.name()
        + (key.isEmpty() ? "" : "/" + key)
        + ": spent "
        + spent
        + " and reserved "
        + reserved
        + " of "
        + limit
        + ", resets at "
        + resetsAt
        + '}';
  }
}

package dev.agentops.cost;

import dev.agentops.CallRejectedException;
import dev.agentops.Cost;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** A call was refused because its budget has no room for it. */
public final class BudgetExceededException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final String budget;
  private final String key;
  private final transient Cost spent;
  private final transient Cost limit;
  private final @Nullable Instant resetsAt;
  private final @Nullable Duration retryAfter;

  BudgetExceededException(BudgetStatus status, Cost estimate, long nowMillis) {
    super(message(status, estimate));
    budget = status.budget().name();
    key = status.key();
    spent = status.spent();
    limit = status.limit();
    resetsAt = status.resetsAt();
    retryAfter = resetsAt == null ? null : Duration.ofMillis(resetsAt.toEpochMilli() - nowMillis);
  }

  /** The name of the budget. */
  public String budget() {
    return budget;
  }

  /** Whose share of it, such as a team; empty where all share one. */
  public String key() {
    return key;
  }

  /** What is spent in this window, without what running calls have reserved. */
  public Cost spent() {
    return spent;
  }

  /** What may be spent in the window. */
  public Cost limit() {
    return limit;
  }

  /** When the window ends; null where it does not. See {@link BudgetStatus#resetsAt()}. */
  public @Nullable Instant resetsAt() {
    return resetsAt;
  }

  /**
   * The time until the window ends, null where it does not; a call may fit earlier where running
   * calls cost less than they reserved. Never negative.
   */
  @Override
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }

  private static String message(BudgetStatus status, Cost estimate) {
    return "budget '"
        + status.budget().name()
        + (status.key().isEmpty() ? "'" : "' of '" + status.key() + "'")
        + " has no room for a call of about "
        + estimate
        + ": spent "
        + status.spent()
        + " and reserved "
        + status.reserved()
        + " of "
        + status.limit()
        + (status.resetsAt() == null ? "; does not reset" : "; resets at " + status.resetsAt());
  }
}

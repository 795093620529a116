package dev.agentops.event;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import java.time.Instant;

/**
 * A budget has passed one of its marks, or refused a call.
 *
 * @param timestamp when
 * @param budget the budget's name
 * @param key whose share of it, such as a team; empty where all share one
 * @param type what happened
 * @param share the mark as a share of the limit: 0.8 for a warning at 80 %, 1.0 for the limit
 * @param spent what is spent in this period
 * @param limit what may be spent in a period
 * @param resetsAt when the next period begins
 * @param attributes those of the scopes around the call
 */
public record BudgetEvent(
    Instant timestamp,
    String budget,
    String key,
    Type type,
    double share,
    Cost spent,
    Cost limit,
    Instant resetsAt,
    Attributes attributes)
    implements OpsEvent {

  /** What happened to a budget. */
  public enum Type {
    /** Spending passed a warning mark; told once a period for each mark. */
    WARNING,
    /** Spending passed the limit; told once a period. */
    EXCEEDED,
    /** A call was refused because the limit is spent. */
    REJECTED
  }
}

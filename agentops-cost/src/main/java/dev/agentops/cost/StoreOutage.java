package dev.agentops.cost;

/** What becomes of calls while the store of a shared budget is away. */
public enum StoreOutage {
  /** They are let through, and counted once the store is back. */
  ALLOW,
  /** They are refused with a {@link BudgetUnavailableException}. */
  REJECT
}

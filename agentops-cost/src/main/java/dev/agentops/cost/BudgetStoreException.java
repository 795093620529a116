package dev.agentops.cost;

import dev.agentops.AgentOpsException;
import org.jspecify.annotations.Nullable;

/** A store of budgets cannot be reached, or did not answer in time. */
public class BudgetStoreException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  public BudgetStoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

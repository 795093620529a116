package dev.agentops.cost;

import dev.agentops.AgentOpsException;
import org.jspecify.annotations.Nullable;

/** A ledger could not keep or find what it was asked for. */
public final class LedgerException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  public LedgerException(String message) {
    super(message);
  }

  public LedgerException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package dev.agentops.cost;

import dev.agentops.AgentOpsException;

/** A ledger could not keep or find what it was asked for. */
public final class LedgerException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  public LedgerException(String message) {
    super(message);
  }

  public LedgerException(String message, Throwable cause) {
    super(message, cause);
  }
}

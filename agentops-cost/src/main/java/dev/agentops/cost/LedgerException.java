package dev.agentops.cost;

import dev.agentops.AgentOpsException;
import org.jspecify.annotations.Nullable;

/** A ledger could not keep or find what it was asked for, or not yet: see {@link #isPending()}. */
public final class LedgerException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  private final boolean pending;

  public LedgerException(String message) {
    this(message, null);
  }

  public LedgerException(String message, @Nullable Throwable cause) {
    this(message, cause, false);
  }

  private LedgerException(String message, @Nullable Throwable cause, boolean pending) {
    super(message, cause);
    this.pending = pending;
  }

  /** One of a record that waits and will be written, unless the process ends before. */
  public static LedgerException pending(String message) {
    return new LedgerException(message, null, true);
  }

  /**
   * Whether the record waits and is tried further: true if it will be written unless the process
   * ends before, false if it is lost.
   */
  public boolean isPending() {
    return pending;
  }
}

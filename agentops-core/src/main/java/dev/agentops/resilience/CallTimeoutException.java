package dev.agentops.resilience;

import dev.agentops.AgentOpsException;
import java.time.Duration;

/** A model took longer than {@link Timeouts} or a deadline allow. */
public final class CallTimeoutException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  private final Duration limit;

  CallTimeoutException(String message, Duration limit) {
    super(message);
    this.limit = limit;
  }

  /** How long it was allowed to take. */
  public Duration limit() {
    return limit;
  }
}

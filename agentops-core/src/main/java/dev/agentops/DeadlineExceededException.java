package dev.agentops;

import java.time.Duration;

/**
 * The {@link Deadline} came while a call was under way, which was broken off. What the provider had
 * done by then, it may bill.
 */
public final class DeadlineExceededException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  private final Duration elapsed;

  DeadlineExceededException(String message, Duration elapsed) {
    super(message);
    this.elapsed = elapsed;
  }

  /** How long the call had been going on. */
  public Duration elapsed() {
    return elapsed;
  }
}

package dev.agentops;

import java.time.Duration;

/**
 * A stream fell silent for longer than it may; see {@link AgentOps.Builder#idleTimeout(Duration)}.
 */
public final class StreamTimeoutException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  private final Duration silence;

  StreamTimeoutException(String message, Duration silence) {
    super(message);
    this.silence = silence;
  }

  /** For how long nothing had arrived. */
  public Duration silence() {
    return silence;
  }
}

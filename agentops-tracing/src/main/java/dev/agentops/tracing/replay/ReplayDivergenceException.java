package dev.agentops.tracing.replay;

import dev.agentops.AgentOpsException;

/**
 * A replay has left its record: a call came that was not recorded so, or one that was recorded did
 * not come.
 */
public final class ReplayDivergenceException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  private final Divergence divergence;

  ReplayDivergenceException(Divergence divergence) {
    super("the replay has left the record at " + divergence);
    this.divergence = divergence;
  }

  /** The first one of the replay. */
  public Divergence divergence() {
    return divergence;
  }
}

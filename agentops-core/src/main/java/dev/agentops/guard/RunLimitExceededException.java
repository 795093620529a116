package dev.agentops.guard;

import dev.agentops.CallRejectedException;

/**
 * A call was refused because the run that it belongs to was stopped by one of its limits. Every
 * later call of that run is refused with the same limit; waiting does not help.
 */
public final class RunLimitExceededException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final RunBound bound;
  private final String allowed;
  private final String used;
  private final String runId;
  private final String agent;
  private final transient RunSpending spent;

  RunLimitExceededException(String runId, String agent, Reading reading, RunSpending spent) {
    super(
        "the run "
            + runId
            + " of the agent '"
            + agent
            + "' is stopped by "
            + reading.bound().limitName()
            + '('
            + reading.allowed()
            + "): "
            + reading.detail()
            + "; spent: "
            + spent);
    this.bound = reading.bound();
    this.allowed = reading.allowed();
    this.used = reading.used();
    this.runId = runId;
    this.agent = agent;
    this.spent = spent;
  }

  public RunBound bound() {
    return bound;
  }

  /** The name of the limit, such as {@code maxModelCalls}. */
  public String limit() {
    return bound.limitName();
  }

  /** What the limit allows, in its unit. */
  public String allowed() {
    return allowed;
  }

  /** How much of the limit was used when it stopped the run. */
  public String used() {
    return used;
  }

  /** All that the run had spent when it was stopped. */
  public RunSpending spent() {
    return spent;
  }

  public String runId() {
    return runId;
  }

  /** The agent whose limit it is. */
  public String agent() {
    return agent;
  }

  /** Always true: no other try and no other model may go on with it. */
  @Override
  public boolean isFinal() {
    return true;
  }
}

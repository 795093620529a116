package dev.agentops.guard;

/** The limits that a run of an agent can have, each under its name in {@link RunLimits.Builder}. */
public enum RunBound {
  MODEL_CALLS("maxModelCalls"),
  TOOL_CALLS("maxToolCalls"),
  TOKENS("maxTokens"),
  COST("maxCost"),
  DURATION("maxDuration"),
  DEPTH("maxDepth"),
  IDENTICAL_TOOL_CALLS("maxIdenticalToolCalls"),
  REPEATED_CYCLES("maxRepeatedCycles"),
  STALLED_ANSWERS("maxStalledAnswers"),
  TOKEN_VELOCITY("maxTokenVelocity");

  private final String limitName;

  RunBound(String limitName) {
    this.limitName = limitName;
  }

  /** The name of the setting, such as {@code maxModelCalls}. */
  public String limitName() {
    return limitName;
  }
}

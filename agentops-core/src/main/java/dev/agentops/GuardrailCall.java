package dev.agentops;

import java.time.Duration;

/** One execution of a guardrail, which has ended already: LangChain4j tells of it afterwards. */
public final class GuardrailCall extends Call {

  /** What a guardrail looks at. */
  public enum Type {
    /** The message of the user. */
    INPUT,
    /** The answer of the model. */
    OUTPUT
  }

  private final String name;
  private final Type type;
  private final Duration duration;

  GuardrailCall(AgentOps ops, Context callerContext, String name, Type type, Duration duration) {
    super(ops, callerContext, duration);
    this.name = name;
    this.type = type;
    this.duration = duration;
  }

  /** The guardrail's name: the simple name of its class unless it says otherwise. */
  public String name() {
    return name;
  }

  public Type type() {
    return type;
  }

  /** How long it ran. */
  public Duration duration() {
    return duration;
  }
}

package dev.agentops;

import dev.langchain4j.guardrail.GuardrailResult;

/**
 * Is told of every guardrail that an AI service of {@link AgentOps#aiServices} has run.
 *
 * <p>There is no {@code before}, since LangChain4j tells of guardrails when they are done, and not
 * at all of one that throws: that ends the run of the agent with a {@code GuardrailException}.
 */
public interface GuardrailInterceptor {

  /** Runs after the guardrail, on its thread. Exceptions are logged and ignored. */
  default void after(GuardrailCall call, Outcome<GuardrailResult<?>> outcome) {}
}

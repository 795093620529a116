package dev.agentops;

/**
 * Stands around every run of an agent that {@link AgentOps#aiServices} has built; the rules are
 * those of {@link ChatInterceptor}, but an agent cannot be answered for.
 */
public interface AgentInterceptor {

  /**
   * Runs before the agent.
   *
   * @throws CallRejectedException to refuse the run: it is thrown to the caller of the AI service;
   *     any other exception is logged and ignored
   */
  default void before(AgentCall call) {}

  /**
   * Runs after the agent, exactly once for every {@code before} that was entered: when the method
   * returned or threw, or when the stream that it returned has ended. The response is what the
   * method returned, a {@code ChatResponse} for a stream; null for a method without a result.
   */
  default void after(AgentCall call, Outcome<Object> outcome) {}
}

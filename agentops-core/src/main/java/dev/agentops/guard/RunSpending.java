package dev.agentops.guard;

import dev.agentops.Cost;
import java.time.Duration;

/** What a run of an agent has spent so far. Immutable. */
public final class RunSpending {

  private final long modelCalls;
  private final long toolCalls;
  private final long tokens;
  private final Cost cost;
  private final Duration duration;

  RunSpending(long modelCalls, long toolCalls, long tokens, Cost cost, Duration duration) {
    this.modelCalls = modelCalls;
    this.toolCalls = toolCalls;
    this.tokens = tokens;
    this.cost = cost;
    this.duration = duration;
  }

  /** Calls of chat models that have begun, those that a cache answered among them. */
  public long modelCalls() {
    return modelCalls;
  }

  /** Executions of tools that have begun. */
  public long toolCalls() {
    return toolCalls;
  }

  /** Input and output tokens of the calls that have ended, those of embeddings among them. */
  public long tokens() {
    return tokens;
  }

  /** What the calls that have ended cost, as far as their prices are known. */
  public Cost cost() {
    return cost;
  }

  /** For how long the run has been going on. */
  public Duration duration() {
    return duration;
  }

  @Override
  public String toString() {
    return modelCalls
        + " model calls, "
        + toolCalls
        + " tool calls, "
        + tokens
        + " tokens, "
        + cost
        + " in "
        + duration;
  }
}

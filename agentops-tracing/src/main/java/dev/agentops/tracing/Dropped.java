package dev.agentops.tracing;

import dev.agentops.Cost;

/**
 * What the spans that were dropped for one reason add up to, exactly, so that totals stay right.
 * Immutable.
 *
 * @param spans how many
 * @param inputTokens of model calls, as far as providers told
 * @param outputTokens of model calls, as far as providers told
 * @param cost of model calls, as far as their prices are known
 */
public record Dropped(long spans, long inputTokens, long outputTokens, Cost cost) {

  /** Nothing. */
  public static final Dropped NOTHING = new Dropped(0, 0, 0, Cost.ZERO);

  /** Both together. */
  public Dropped plus(Dropped other) {
    return new Dropped(
        spans + other.spans,
        inputTokens + other.inputTokens,
        outputTokens + other.outputTokens,
        cost.plus(other.cost));
  }
}

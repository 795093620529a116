package dev.agentops.cost;

import java.util.concurrent.ConcurrentHashMap;

/**
 * How many tokens a model is likely to answer with, learned from its answers: rises quickly, falls
 * slowly, so that a reservation is seldom too small and never as far off as the model's maximum
 * would be. Bounded; thread-safe.
 */
final class OutputEstimate {

  /** {@value} tokens, before the first answer. */
  static final long DEFAULT_TOKENS = 256;

  private static final int MAXIMUM_MODELS = 1_000;

  private final ConcurrentHashMap<String, Long> learned = new ConcurrentHashMap<>();

  long tokens(String model) {
    return learned.getOrDefault(model, DEFAULT_TOKENS);
  }

  void learn(String model, long outputTokens) {
    if (learned.containsKey(model) || learned.size() < MAXIMUM_MODELS) {
      learned.merge(
          model,
          outputTokens,
          (old, latest) -> latest > old ? old + (latest - old + 1) / 2 : old - (old - latest) / 16);
    }
  }
}

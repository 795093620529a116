package dev.agentops.cost;

import java.util.Arrays;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many tokens a model is likely to answer with: the second longest of its latest {@value
 * #LATEST} answers, so that a reservation is seldom too small, a single long answer does not count,
 * and what was long ago is forgotten. Bounded; thread-safe.
 */
final class OutputEstimate {

  /** {@value} tokens, before the first answer. */
  static final long DEFAULT_TOKENS = 256;

  private static final int LATEST = 16;
  private static final int MAXIMUM_MODELS = 1_000;
  private static final long[] NO_ANSWER = {DEFAULT_TOKENS};

  /** The oldest answer first; arrays are replaced, never changed. */
  private final ConcurrentHashMap<String, long[]> answers = new ConcurrentHashMap<>();

  long tokens(String model) {
    long[] latest = answers.get(model);
    if (latest == null) {
      return DEFAULT_TOKENS;
    }
    long longest = 0;
    long second = 0;
    for (long tokens : latest) {
      second = Math.max(second, Math.min(tokens, longest));
      longest = Math.max(longest, tokens);
    }
    return second;
  }

  void learn(String model, long outputTokens) {
    if (answers.containsKey(model) || answers.size() < MAXIMUM_MODELS) {
      answers.compute(
          model, (ignored, old) -> appended(old == null ? NO_ANSWER : old, outputTokens));
    }
  }

  private static long[] appended(long[] old, long outputTokens) {
    int from = old.length < LATEST ? 0 : 1;
    long[] latest = Arrays.copyOfRange(old, from, old.length + 1);
    latest[latest.length - 1] = outputTokens;
    return latest;
  }
}

package dev.agentops.ratelimit;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * How many output tokens a call will take, learned from those before it by the same agent with the
 * same model. Thread-safe.
 *
 * <p>Keeps {@value #MOST_PAIRS} pairs of model and agent, about 1 KB each, and forgets the one that
 * was not asked for longest.
 */
final class OutputEstimates {

  static final int MOST_PAIRS = 1_000;

  /** Fewer calls tell nothing of a high quantile. */
  static final int ENOUGH = 20;

  private final double quantile;
  private final Map<Pair, TokenHistogram> pairs =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Pair, TokenHistogram> eldest) {
          return size() > MOST_PAIRS;
        }
      };

  OutputEstimates(double quantile) {
    this.quantile = quantile;
  }

  /** So many that this share of the calls takes no more; empty where too few were seen. */
  synchronized OptionalLong of(String model, String agent) {
    TokenHistogram seen = pairs.get(new Pair(model, agent));
    return seen == null || seen.calls() < ENOUGH
        ? OptionalLong.empty()
        : OptionalLong.of(seen.quantile(quantile));
  }

  /** A call has answered with so many. */
  synchronized void learn(String model, String agent, long outputTokens) {
    pairs.computeIfAbsent(new Pair(model, agent), pair -> new TokenHistogram()).add(outputTokens);
  }

  synchronized int size() {
    return pairs.size();
  }

  private record Pair(String model, String agent) {}
}

package dev.agentops.cost;

import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * How many tokens a model is likely to answer an agent with: the 95th percentile of its latest
 * answers, so that a reservation is seldom too small, few long answers do not count, and what was
 * long ago is forgotten. An agent that has asked little is told what all agents got. Bounded: of
 * too many, those are forgotten that rested while others came, so agents before their model.
 * Thread-safe.
 */
final class OutputEstimate {

  /** {@value} tokens, before the first answer. */
  static final long DEFAULT_TOKENS = 256;

  private static final int MAXIMUM_SOURCES = 2_000;
  private static final int ENOUGH_ANSWERS = 16;

  private final ConcurrentHashMap<Source, AnswerLengths> answers = new ConcurrentHashMap<>();

  /** How many sources ever came; written under the lock. */
  private volatile long sources;

  /**
   * An estimate.
   *
   * @param agent null where none is known
   */
  long tokens(String model, @Nullable String agent) {
    AnswerLengths own = agent == null ? null : answers.get(new Source(model, agent));
    if (own != null && own.count() >= ENOUGH_ANSWERS) {
      return own.percentile();
    }
    AnswerLengths all = answers.get(new Source(model, null));
    return all == null ? DEFAULT_TOKENS : all.percentile();
  }

  void learn(String model, @Nullable String agent, long outputTokens) {
    learn(new Source(model, null), outputTokens);
    if (agent != null) {
      learn(new Source(model, agent), outputTokens);
    }
  }

  private void learn(Source source, long outputTokens) {
    AnswerLengths lengths = answers.get(source);
    if (lengths == null) {
      lengths = admit(source);
    }
    lengths.usedAt(sources);
    lengths.add(outputTokens);
  }

  private synchronized AnswerLengths admit(Source source) {
    for (long others = MAXIMUM_SOURCES / 2; others > 0 && full(); others /= 2) {
      long since = sources - others;
      answers.values().removeIf(lengths -> lengths.usedAt() <= since);
    }
    if (full()) {
      answers.keySet().removeIf(busy -> busy.agent != null);
    }
    if (full()) {
      answers.clear();
    }
    sources = sources + 1; // under the lock
    AnswerLengths lengths =
        answers.computeIfAbsent(source, one -> new AnswerLengths(DEFAULT_TOKENS));
    lengths.usedAt(sources);
    return lengths;
  }

  private boolean full() {
    return answers.size() >= MAXIMUM_SOURCES;
  }

  /** A model, and an agent or all of them. */
  private record Source(String model, @Nullable String agent) {}
}

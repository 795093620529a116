package dev.agentops;

import org.jspecify.annotations.Nullable;

/**
 * Counts the tokens of a text, for calls of which the provider told no usage. Thread-safe.
 *
 * <p>What it throws is counted in {@link AgentOps#faults()}, and the text is estimated by its
 * length.
 */
@FunctionalInterface
public interface TokenCounter {

  /**
   * The tokens of a text, as a model would count them.
   *
   * @param model that reads or writes the text; null where it is not known
   */
  long count(@Nullable String model, String text);
}

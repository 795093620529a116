package dev.agentops.cache;

import java.util.Map;

/**
 * The cosines that the guard asks for.
 *
 * <p>They come from development pairs, English and Chinese: the words decide, and the cosine only
 * where they leave a question open. From 0.65 to 0.80 English false hits stay at none while recall
 * falls by a tenth; 0.75 is on the safe side of the middle.
 */
final class Thresholds {

  /** For questions that say the same words, perhaps misspelt. */
  static final double SAME_WORDS = 0.20;

  /** For a question that says part of the words only in the story before it. */
  static final double TOLD = 0.60;

  private static final double UNKNOWN = 0.85;

  private static final Map<String, Double> REWORDED =
      Map.of(
          "all-minilm-l6-v2-q", 0.75,
          "all-minilm-l6-v2", 0.75,
          "bge-small-zh-v15-q", 0.75,
          "bge-small-zh-v15", 0.75);

  private Thresholds() {}

  /** For questions that say it in other words; high for a model that nobody calibrated. */
  static double reworded(String space) {
    return REWORDED.getOrDefault(space, UNKNOWN);
  }
}

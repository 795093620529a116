package dev.agentops.cache;

import java.util.Set;

/**
 * The cosines that the guard asks for. Immutable.
 *
 * @param least what a question in other words needs that shares no word with the stored one
 * @param slope how much more it needs for all words in the same order
 * @param floor what it needs in any case
 */
record Thresholds(double least, double slope, double floor) {

  /** For questions that say the same words, perhaps misspelt. */
  static final double SAME_WORDS = 0.20;

  private static final Thresholds KNOWN = new Thresholds(0.55, 0.3, 0.6);
  private static final Thresholds UNKNOWN = new Thresholds(0.85, 0, 0.85);

  private static final Set<String> MODELS =
      Set.of(
          "all-minilm-l6-v2-q", "all-minilm-l6-v2", "bge-small-zh-v15-q", "bge-small-zh-v15");

  /** High for a model that nobody calibrated. */
  static Thresholds of(String space) {
    return MODELS.contains(space) ? KNOWN : UNKNOWN;
  }

  /**
   * For questions in other words.
   *
   * @param alike the share of the words that both have in the same order, 0 to 1: words in common
   *     raise the cosine whatever the others mean
   */
  double reworded(double alike) {
    return Math.max(floor, least + slope * alike);
  }
}

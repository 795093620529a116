package dev.agentops.cache.wording;

import java.util.Map;

/**
 * The cosines that the guard asks for. Immutable.
 *
 * <p>Fitted to pairs of three sources that were written apart from each other (1,234, one source
 * left out at a time), and to all pairs of their questions across topics (1.9 million), which mean
 * different things: of those, some twenty serve for each other.
 *
 * @param least what a question with other words needs that has no word where the stored one has it
 * @param step how much less it needs for each word that stands for another, up to {@value #STEPS}:
 *     that many at once are hardly another topic with so near a vector; 0 for a model that finds
 *     most short questions near
 */
record Thresholds(double least, double step) {

  /** For questions that say the same words, perhaps misspelt. */
  static final double SAME_WORDS = 0.20;

  /** For a question that says part of the words only in the story before it. */
  static final double TOLD = 0.60;

  private static final int STEPS = 2;

  /** How much more all words in common need: they raise the cosine whatever the others mean. */
  private static final double SLOPE = 0.3;

  private static final double FLOOR = 0.6;

  private static final Thresholds ENGLISH = new Thresholds(0.65, 0.05);
  private static final Thresholds CHINESE = new Thresholds(0.65, 0);
  private static final Thresholds UNKNOWN = new Thresholds(0.85, 0);

  private static final Map<String, Thresholds> KNOWN =
      Map.of(
          "all-minilm-l6-v2-q", ENGLISH,
          "all-minilm-l6-v2", ENGLISH,
          "bge-small-zh-v15-q", CHINESE,
          "bge-small-zh-v15", CHINESE);

  /** High for a model that nobody calibrated. */
  static Thresholds of(String space) {
    return KNOWN.getOrDefault(space, UNKNOWN);
  }

  /** Whether a near vector says enough where most words are others. */
  boolean trustsRewording() {
    return step > 0;
  }

  /**
   * For questions in other words.
   *
   * @param alike the share of the words that both have in the same order, 0 to 1
   * @param others how many words of content, at least, each has that the other has not; 0 where one
   *     of them only says more, or one word is put for another
   */
  double needed(double alike, int others) {
    return Math.max(FLOOR, least - step * Math.min(others, STEPS) + SLOPE * alike);
  }
}

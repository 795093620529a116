package dev.agentops;

/** Something about a usage that the provider did not tell, though it changes the price. */
public enum UsageGap {
  /**
   * How many of the input tokens were read from the provider's cache: none of them, all of them, or
   * any number between.
   */
  CACHE_READS,
  /** How many of the input tokens were written to the provider's cache. */
  CACHE_WRITES,
  /**
   * How many of the tokens that were written to the provider's cache are kept for an hour rather
   * than for the shorter time: none of them, all of them, or any number between.
   */
  CACHE_WRITE_LIFETIMES,
  /** How many of the tokens were audio or images. */
  MODALITIES,
  /** Input tokens, which were counted by a tokenizer or guessed. */
  INPUT,
  /**
   * Output tokens, which were counted by a tokenizer or guessed, from what was delivered: the
   * provider may have generated more.
   */
  OUTPUT
}

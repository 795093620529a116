package dev.agentops.cost;

import dev.agentops.Usage;
import org.jspecify.annotations.Nullable;

/** The kinds of tokens that have a price of their own; each token is of exactly one. */
public enum TokenKind {
  /** Text of the prompt that is in no other kind. */
  INPUT("input"),
  /** Text that was read from the provider's cache. */
  CACHE_READ("cacheRead"),
  /** Text that was written to the provider's cache, for the shorter time to live. */
  CACHE_WRITE("cacheWrite"),
  /** Text that was written to the provider's cache, for an hour. */
  CACHE_WRITE_1H("cacheWrite1h"),
  /** Audio in the prompt that was not read from the cache. */
  INPUT_AUDIO("inputAudio"),
  /** Audio that was read from the provider's cache. */
  CACHE_READ_AUDIO("cacheReadAudio"),
  /** Images in the prompt; without a rate they cost what text costs. */
  INPUT_IMAGE("inputImage"),
  /** Generated text that is in no other kind. */
  OUTPUT("output"),
  /** Reasoning; without a rate it costs what other output costs. */
  REASONING("reasoning"),
  /** Generated audio. */
  OUTPUT_AUDIO("outputAudio"),
  /** Generated images. */
  OUTPUT_IMAGE("outputImage");

  private final String rateName;

  TokenKind(String rateName) {
    this.rateName = rateName;
  }

  /** The name of the rate in a price file, such as {@code cacheRead}. */
  public String rateName() {
    return rateName;
  }

  static @Nullable TokenKind named(String rateName) {
    for (TokenKind kind : values()) {
      if (kind.rateName.equals(rateName)) {
        return kind;
      }
    }
    return null;
  }

  /**
   * How many tokens of a usage are of this kind; negative where parts overlap in a way that the
   * usage does not tell, such as audio that was written to the cache.
   *
   * @param imagesApart whether input images are not counted as text
   * @param reasoningApart whether reasoning is not counted as output
   */
  long count(Usage usage, boolean imagesApart, boolean reasoningApart) {
    return switch (this) {
      case INPUT ->
          usage.inputTokens()
              - usage.cacheReadTokens()
              - usage.cacheWriteTokens()
              - (usage.inputAudioTokens() - usage.cacheReadAudioTokens())
              - (imagesApart ? usage.inputImageTokens() : 0);
      case CACHE_READ -> usage.cacheReadTokens() - usage.cacheReadAudioTokens();
      case CACHE_WRITE -> usage.cacheWriteTokens() - usage.cacheWrite1hTokens();
      case CACHE_WRITE_1H -> usage.cacheWrite1hTokens();
      case INPUT_AUDIO -> usage.inputAudioTokens() - usage.cacheReadAudioTokens();
      case CACHE_READ_AUDIO -> usage.cacheReadAudioTokens();
      case INPUT_IMAGE -> imagesApart ? usage.inputImageTokens() : 0;
      case OUTPUT ->
          usage.outputTokens()
              - (reasoningApart ? usage.reasoningTokens() : 0)
              - usage.outputAudioTokens()
              - usage.outputImageTokens();
      case REASONING -> reasoningApart ? usage.reasoningTokens() : 0;
      case OUTPUT_AUDIO -> usage.outputAudioTokens();
      case OUTPUT_IMAGE -> usage.outputImageTokens();
    };
  }
}

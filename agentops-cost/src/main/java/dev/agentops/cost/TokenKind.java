package dev.agentops.cost;

import dev.agentops.Usage;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The kinds of tokens that can have a price of their own; each token is of exactly one. Where a
 * price list has no rate for a kind, its tokens cost what those of the whole cost that they are a
 * part of: input or output.
 */
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
   * The kind at whose rate a token is charged where its own has none; itself where it is no part.
   *
   * <p>Audio that was read from the cache is a part of two: it is charged as audio where that has a
   * rate, for a discount that is not listed is none.
   *
   * @param rated the kinds that have a rate
   */
  TokenKind whole(Set<TokenKind> rated) {
    return switch (this) {
      case INPUT, CACHE_READ, CACHE_WRITE, INPUT_AUDIO, INPUT_IMAGE -> INPUT;
      case CACHE_WRITE_1H -> CACHE_WRITE;
      case CACHE_READ_AUDIO -> rated.contains(INPUT_AUDIO) ? INPUT_AUDIO : CACHE_READ;
      case OUTPUT, REASONING, OUTPUT_AUDIO, OUTPUT_IMAGE -> OUTPUT;
    };
  }

  /**
   * Whether that is how every provider bills that lists no rate of its own for it, and not an
   * assumption.
   */
  boolean billedAsWhole() {
    return this == INPUT_IMAGE || this == REASONING;
  }

  /**
   * How many tokens of a usage are of this kind; negative where parts overlap in a way that the
   * usage does not tell, such as cached images.
   */
  long count(Usage usage) {
    return switch (this) {
      case INPUT ->
          usage.inputTokens()
              - usage.cacheReadTokens()
              - usage.cacheWriteTokens()
              - (usage.inputAudioTokens() - usage.cacheReadAudioTokens())
              - usage.inputImageTokens();
      case CACHE_READ -> usage.cacheReadTokens() - usage.cacheReadAudioTokens();
      case CACHE_WRITE -> usage.cacheWriteTokens() - usage.cacheWrite1hTokens();
      case CACHE_WRITE_1H -> usage.cacheWrite1hTokens();
      case INPUT_AUDIO -> usage.inputAudioTokens() - usage.cacheReadAudioTokens();
      case CACHE_READ_AUDIO -> usage.cacheReadAudioTokens();
      case INPUT_IMAGE -> usage.inputImageTokens();
      case OUTPUT ->
          usage.outputTokens()
              - usage.reasoningTokens()
              - usage.outputAudioTokens()
              - usage.outputImageTokens();
      case REASONING -> usage.reasoningTokens();
      case OUTPUT_AUDIO -> usage.outputAudioTokens();
      case OUTPUT_IMAGE -> usage.outputImageTokens();
    };
  }
}

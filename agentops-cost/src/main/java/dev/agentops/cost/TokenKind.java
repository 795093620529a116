package dev.agentops.cost;

import org.jspecify.annotations.Nullable;

/** The kinds of tokens that have a price of their own. */
enum TokenKind {
  INPUT("input"),
  CACHE_READ("cacheRead"),
  CACHE_WRITE("cacheWrite"),
  CACHE_WRITE_1H("cacheWrite1h"),
  INPUT_AUDIO("inputAudio"),
  CACHE_READ_AUDIO("cacheReadAudio"),
  INPUT_IMAGE("inputImage"),
  OUTPUT("output"),
  REASONING("reasoning"),
  OUTPUT_AUDIO("outputAudio"),
  OUTPUT_IMAGE("outputImage");

  private final String rateName;

  TokenKind(String rateName) {
    this.rateName = rateName;
  }

  /** The name of the rate in a price file. */
  String rateName() {
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
}

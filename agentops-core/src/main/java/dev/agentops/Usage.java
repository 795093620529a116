package dev.agentops;

import java.math.BigDecimal;
import java.util.Collections;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one call consumed. Immutable, hence thread-safe.
 *
 * <p>The meaning of the totals is OpenTelemetry's: {@link #inputTokens()} includes tokens read from
 * and written to the provider's cache and audio and image tokens, {@link #outputTokens()} includes
 * reasoning, audio and image tokens. The parts are told beside them and never exceed their whole.
 * Things that are not tokens (web searches, pages, seconds) are {@link #units()}.
 */
public final class Usage {

  /** Far beyond any count of anything, and before exact arithmetic gets slow. */
  private static final int MOST_DIGITS = 40;

  private static final Usage NONE = builder().build();

  private final long inputTokens;
  private final long cacheReadTokens;
  private final long cacheWriteTokens;
  private final long cacheWrite1hTokens;
  private final long inputAudioTokens;
  private final long cacheReadAudioTokens;
  private final long inputImageTokens;
  private final long outputTokens;
  private final long reasoningTokens;
  private final long outputAudioTokens;
  private final long outputImageTokens;
  private final Map<String, BigDecimal> units;

  private Usage(Builder from) {
    inputTokens = from.inputTokens;
    cacheReadTokens = from.cacheReadTokens;
    cacheWriteTokens = from.cacheWriteTokens;
    cacheWrite1hTokens = from.cacheWrite1hTokens;
    inputAudioTokens = from.inputAudioTokens;
    cacheReadAudioTokens = from.cacheReadAudioTokens;
    inputImageTokens = from.inputImageTokens;
    outputTokens = from.outputTokens;
    reasoningTokens = from.reasoningTokens;
    outputAudioTokens = from.outputAudioTokens;
    outputImageTokens = from.outputImageTokens;
    units =
        from.units.isEmpty() ? Map.of() : Collections.unmodifiableMap(new TreeMap<>(from.units));
  }

  /** No consumption at all. */
  public static Usage none() {
    return NONE;
  }

  /**
   * Plain input and output tokens.
   *
   * @throws IllegalArgumentException if one is negative
   */
  public static Usage of(long inputTokens, long outputTokens) {
    return builder().inputTokens(inputTokens).outputTokens(outputTokens).build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** All tokens of the prompt, cached ones included. */
  public long inputTokens() {
    return inputTokens;
  }

  /** Input tokens that the provider read from its cache. */
  public long cacheReadTokens() {
    return cacheReadTokens;
  }

  /** Input tokens that the provider wrote to its cache, whatever their time to live. */
  public long cacheWriteTokens() {
    return cacheWriteTokens;
  }

  /** The part of {@link #cacheWriteTokens()} that is kept for an hour. */
  public long cacheWrite1hTokens() {
    return cacheWrite1hTokens;
  }

  public long inputAudioTokens() {
    return inputAudioTokens;
  }

  /** Tokens that are both cache reads and audio. */
  public long cacheReadAudioTokens() {
    return cacheReadAudioTokens;
  }

  public long inputImageTokens() {
    return inputImageTokens;
  }

  /** All generated tokens, reasoning included. */
  public long outputTokens() {
    return outputTokens;
  }

  public long reasoningTokens() {
    return reasoningTokens;
  }

  public long outputAudioTokens() {
    return outputAudioTokens;
  }

  public long outputImageTokens() {
    return outputImageTokens;
  }

  public long totalTokens() {
    return Math.addExact(inputTokens, outputTokens);
  }

  /** What is not counted in tokens, by name; never holds a zero. */
  public Map<String, BigDecimal> units() {
    return units;
  }

  /** The sum of two consumptions, part by part. */
  public Usage plus(Usage other) {
    Builder sum =
        builder()
            .inputTokens(Math.addExact(inputTokens, other.inputTokens))
            .cacheReadTokens(Math.addExact(cacheReadTokens, other.cacheReadTokens))
            .cacheWriteTokens(Math.addExact(cacheWriteTokens, other.cacheWriteTokens))
            .cacheWrite1hTokens(Math.addExact(cacheWrite1hTokens, other.cacheWrite1hTokens))
            .inputAudioTokens(Math.addExact(inputAudioTokens, other.inputAudioTokens))
            .cacheReadAudioTokens(Math.addExact(cacheReadAudioTokens, other.cacheReadAudioTokens))
            .inputImageTokens(Math.addExact(inputImageTokens, other.inputImageTokens))
            .outputTokens(Math.addExact(outputTokens, other.outputTokens))
            .reasoningTokens(Math.addExact(reasoningTokens, other.reasoningTokens))
            .outputAudioTokens(Math.addExact(outputAudioTokens, other.outputAudioTokens))
            .outputImageTokens(Math.addExact(outputImageTokens, other.outputImageTokens));
    units.forEach(sum::units);
    other.units.forEach(
        (name, value) -> sum.units(name, value.add(units.getOrDefault(name, BigDecimal.ZERO))));
    return sum.build();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Usage that
        && inputTokens == that.inputTokens
        && cacheReadTokens == that.cacheReadTokens
        && cacheWriteTokens == that.cacheWriteTokens
        && cacheWrite1hTokens == that.cacheWrite1hTokens
        && inputAudioTokens == that.inputAudioTokens
        && cacheReadAudioTokens == that.cacheReadAudioTokens
        && inputImageTokens == that.inputImageTokens
        && outputTokens == that.outputTokens
        && reasoningTokens == that.reasoningTokens
        && outputAudioTokens == that.outputAudioTokens
        && outputImageTokens == that.outputImageTokens
        && units.equals(that.units);
  }

  @Override
  public int hashCode() {
    return Objects.hash(
        inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens, units);
  }

  /** The parts that are not zero, such as {@code Usage{input=1200, cacheRead=1024, output=80}}. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("Usage{input=").append(inputTokens);
    append(text, "cacheRead", cacheReadTokens);
    append(text, "cacheWrite", cacheWriteTokens);
    append(text, "cacheWrite1h", cacheWrite1hTokens);
    append(text, "inputAudio", inputAudioTokens);
    append(text, "cacheReadAudio", cacheReadAudioTokens);
    append(text, "inputImage", inputImageTokens);
    text.append(", output=").append(outputTokens);
    append(text, "reasoning", reasoningTokens);
    append(text, "outputAudio", outputAudioTokens);
    append(text, "outputImage", outputImageTokens);
    units.forEach(
        (name, value) -> text.append(", ").append(name).append('=').append(value.toPlainString()));
    return text.append('}').toString();
  }

  private static void append(StringBuilder text, String name, long tokens) {
    if (tokens != 0) {
      text.append(", ").append(name).append('=').append(tokens);
    }
  }

  /** Collects the parts of a consumption; all are 0 unless said. Not thread-safe. */
  public static final class Builder {

    private static final int LONGEST_UNIT = 64;

    private long inputTokens;
    private long cacheReadTokens;
    private long cacheWriteTokens;
    private long cacheWrite1hTokens;
    private long inputAudioTokens;
    private long cacheReadAudioTokens;
    private long inputImageTokens;
    private long outputTokens;
    private long reasoningTokens;
    private long outputAudioTokens;
    private long outputImageTokens;
    private final Map<String, BigDecimal> units = new TreeMap<>();

    private Builder() {}

    public Builder inputTokens(long tokens) {
      inputTokens = tokens;
      return this;
    }

    public Builder cacheReadTokens(long tokens) {
      cacheReadTokens = tokens;
      return this;
    }

    public Builder cacheWriteTokens(long tokens) {
      cacheWriteTokens = tokens;
      return this;
    }

    public Builder cacheWrite1hTokens(long tokens) {
      cacheWrite1hTokens = tokens;
      return this;
    }

    public Builder inputAudioTokens(long tokens) {
      inputAudioTokens = tokens;
      return this;
    }

    public Builder cacheReadAudioTokens(long tokens) {
      cacheReadAudioTokens = tokens;
      return this;
    }

    public Builder inputImageTokens(long tokens) {
      inputImageTokens = tokens;
      return this;
    }

    public Builder outputTokens(long tokens) {
      outputTokens = tokens;
      return this;
    }

    public Builder reasoningTokens(long tokens) {
      reasoningTokens = tokens;
      return this;
    }

    public Builder outputAudioTokens(long tokens) {
      outputAudioTokens = tokens;
      return this;
    }

    public Builder outputImageTokens(long tokens) {
      outputImageTokens = tokens;
      return this;
    }

    /**
     * A count of something that is not tokens, such as {@code "web_searches"}; zero removes it.
     *
     * @param name 1 to 64 letters, digits and {@code _.:-}
     * @throws IllegalArgumentException if the count is negative, or has more than {@value
     *     #MOST_DIGITS} digits before or after the point, or the name is none; the message quotes
     *     it
     */
    public Builder units(String name, BigDecimal count) {
      checkUnit(name);
      if (count.signum() != 0
          && (count.scale() > MOST_DIGITS
              || (long) count.precision() - count.scale() > MOST_DIGITS)) {
        throw new IllegalArgumentException(
            name
                + " must not have more than "
                + MOST_DIGITS
                + " digits before or after the point: precision "
                + count.precision()
                + ", scale "
                + count.scale());
      }
      if (count.signum() < 0) {
        throw new IllegalArgumentException(
            name + " must not be negative: " + count.toPlainString());
      }
      if (count.signum() == 0) {
        units.remove(name);
      } else {
        units.put(name, count);
      }
      return this;
    }

    /**
     * Checks that the consumption is possible.
     *
     * @throws IllegalArgumentException if a part is negative or exceeds its whole; the message
     *     quotes both
     */
    public Usage build() {
      part("inputTokens", inputTokens, "Long.MAX_VALUE", Long.MAX_VALUE);
      part("outputTokens", outputTokens, "Long.MAX_VALUE", Long.MAX_VALUE);
      part("cacheReadTokens", cacheReadTokens, "inputTokens", inputTokens);
      part(
          "cacheWriteTokens",
          cacheWriteTokens,
          "inputTokens - cacheReadTokens",
          inputTokens - cacheReadTokens);
      part("cacheWrite1hTokens", cacheWrite1hTokens, "cacheWriteTokens", cacheWriteTokens);
      part("inputAudioTokens", inputAudioTokens, "inputTokens", inputTokens);
      part(
          "inputImageTokens",
          inputImageTokens,
          "inputTokens - inputAudioTokens",
          inputTokens - inputAudioTokens);
      part("cacheReadAudioTokens", cacheReadAudioTokens, "cacheReadTokens", cacheReadTokens);
      part("cacheReadAudioTokens", cacheReadAudioTokens, "inputAudioTokens", inputAudioTokens);
      part(
          "inputAudioTokens - cacheReadAudioTokens",
          inputAudioTokens - cacheReadAudioTokens,
          "inputTokens - cacheReadTokens",
          inputTokens - cacheReadTokens);
      part("reasoningTokens", reasoningTokens, "outputTokens", outputTokens);
      part("outputAudioTokens", outputAudioTokens, "outputTokens", outputTokens);
      part(
          "outputImageTokens",
          outputImageTokens,
          "outputTokens - outputAudioTokens",
          outputTokens - outputAudioTokens);
      return new Usage(this);
    }

    private static void checkUnit(String name) {
      boolean valid = !name.isEmpty() && name.length() <= LONGEST_UNIT;
      for (int i = 0; valid && i < name.length(); i++) {
        char c = name.charAt(i);
        valid =
            (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || "_.:-".indexOf(c) >= 0;
      }
      if (!valid) {
        throw new IllegalArgumentException(
            "a unit's name must be 1 to "
                + LONGEST_UNIT
                + " letters, digits and _.:- but is '"
                + (name.length() <= LONGEST_UNIT ? name : name.substring(0, LONGEST_UNIT) + "...")
                + "'");
      }
    }

    private static void part(String name, long tokens, String wholeName, long whole) {
      if (tokens < 0) {
        throw new IllegalArgumentException(name + " must not be negative: " + tokens);
      }
      if (tokens > whole) {
        throw new IllegalArgumentException(
            name + " must not exceed " + wholeName + ": " + tokens + " of " + whole);
      }
    }
  }
}

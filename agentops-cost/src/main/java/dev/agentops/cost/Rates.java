package dev.agentops.cost;

import dev.agentops.Cost;
import dev.agentops.Usage;
import java.math.BigDecimal;
import java.util.EnumMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What each kind of token, and each other unit, costs. Immutable.
 *
 * <p>A part of the usage that has no rate makes the whole unpriced: neither zero nor the rate of
 * another part is a safe guess. Two parts are exempt, because every provider bills them so:
 * reasoning tokens without a rate are output, input image tokens without a rate are input.
 */
final class Rates {

  private final @Nullable Rate[] tokens = new @Nullable Rate[TokenKind.values().length];
  private final Map<String, UnitRate> units;

  Rates(EnumMap<TokenKind, Rate> tokens, Map<String, UnitRate> units) {
    tokens.forEach((kind, rate) -> this.tokens[kind.ordinal()] = rate);
    this.units = Map.copyOf(units);
  }

  /**
   * The exact price of a usage, or null where a rate is missing or the parts overlap in a way that
   * the usage does not tell.
   */
  @Nullable Cost cost(Usage usage) {
    Sum sum = new Sum();
    addInput(sum, usage);
    addOutput(sum, usage);
    for (Map.Entry<String, BigDecimal> unit : usage.units().entrySet()) {
      UnitRate rate = units.get(unit.getKey());
      if (rate == null) {
        return null;
      }
      sum.add(rate.times(unit.getValue()));
    }
    return sum.total;
  }

  private void addInput(Sum sum, Usage usage) {
    boolean imagesApart = has(TokenKind.INPUT_IMAGE) && usage.inputImageTokens() > 0;
    if (imagesApart
        && usage.cacheReadTokens() > 0) { // how many of the cached tokens are images is not told
      sum.unpriced();
      return;
    }
    long images = imagesApart ? usage.inputImageTokens() : 0;
    long freshAudio = usage.inputAudioTokens() - usage.cacheReadAudioTokens();
    long text =
        usage.inputTokens()
            - usage.cacheReadTokens()
            - usage.cacheWriteTokens()
            - freshAudio
            - images;
    add(sum, TokenKind.INPUT, text);
    add(sum, TokenKind.CACHE_READ, usage.cacheReadTokens() - usage.cacheReadAudioTokens());
    add(sum, TokenKind.CACHE_READ_AUDIO, usage.cacheReadAudioTokens());
    add(sum, TokenKind.CACHE_WRITE, usage.cacheWriteTokens() - usage.cacheWrite1hTokens());
    add(sum, TokenKind.CACHE_WRITE_1H, usage.cacheWrite1hTokens());
    add(sum, TokenKind.INPUT_AUDIO, freshAudio);
    add(sum, TokenKind.INPUT_IMAGE, images);
  }

  private void addOutput(Sum sum, Usage usage) {
    long reasoning = has(TokenKind.REASONING) ? usage.reasoningTokens() : 0;
    long text =
        usage.outputTokens() - reasoning - usage.outputAudioTokens() - usage.outputImageTokens();
    add(sum, TokenKind.OUTPUT, text);
    add(sum, TokenKind.REASONING, reasoning);
    add(sum, TokenKind.OUTPUT_AUDIO, usage.outputAudioTokens());
    add(sum, TokenKind.OUTPUT_IMAGE, usage.outputImageTokens());
  }

  private void add(Sum sum, TokenKind kind, long count) {
    Rate rate = tokens[kind.ordinal()];
    if (count < 0
        || (count > 0
            && rate
                == null)) { // negative: parts that overlap, such as audio that was written to the
      // cache
      sum.unpriced();
    } else if (count > 0 && rate != null) {
      sum.add(rate.times(count));
    }
  }

  private boolean has(TokenKind kind) {
    return tokens[kind.ordinal()] != null;
  }

  /** A sum that is unknown for good once a part of it is. */
  private static final class Sum {

    private @Nullable Cost total = Cost.ZERO;

    void add(Cost part) {
      if (total != null) {
        total = total.plus(part);
      }
    }

    void unpriced() {
      total = null;
    }
  }
}

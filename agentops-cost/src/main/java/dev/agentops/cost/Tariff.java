package dev.agentops.cost;

import dev.agentops.Usage;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rates that hold for one request. Immutable.
 *
 * <p>A part of the usage that has no rate makes the whole unpriced: neither zero nor the rate of
 * another part is a safe guess. Two parts are exempt, because every provider bills them so:
 * reasoning tokens without a rate are output, input image tokens without a rate are input.
 */
final class Tariff {

  private static final TokenKind[] KINDS = TokenKind.values();

  private final String rule;
  private final Rates base;
  private final List<Band> bands;
  private final @Nullable BigDecimal factor;
  private final boolean imagesApart;
  private final boolean reasoningApart;

  /**
   * The rates of a rule.
   *
   * @param rule what it is called
   * @param bands the rates of tokens beyond a count, which go before all that follow
   * @param factor on all token rates; null for none
   */
  Tariff(String rule, Rates base, List<Band> bands, @Nullable BigDecimal factor) {
    this.rule = rule;
    this.base = base;
    this.bands = List.copyOf(bands);
    this.factor = factor;
    this.imagesApart = has(TokenKind.INPUT_IMAGE);
    this.reasoningApart = has(TokenKind.REASONING);
  }

  String rule() {
    return rule;
  }

  @Nullable BigDecimal factor() {
    return factor;
  }

  /** Tells a tally all parts of a usage. */
  void apply(Usage usage, RatedParts tally) {
    if (imagesApart && usage.inputImageTokens() > 0 && usage.cacheReadTokens() > 0) {
      tally.missing("cached input of which some may be images");
    }
    for (TokenKind kind : KINDS) {
      long count = count(kind, usage);
      if (count < 0) {
        tally.missing(kind.rateName() + " tokens, of which other parts take more than there are");
      } else if (count > 0) {
        apply(kind, count, tally);
      }
    }
    applyUnits(usage, tally);
  }

  /** Tells a tally this many tokens of a kind. */
  void apply(TokenKind kind, long count, RatedParts tally) {
    long rest = count;
    for (int i = 0; i < bands.size(); i++) {
      Band band = bands.get(i);
      if (rest > band.above) {
        apply(kind, rest - band.above, band.rates, tally);
        rest = band.above;
      }
    }
    if (rest > 0) {
      apply(kind, rest, base, tally);
    }
  }

  private static void apply(TokenKind kind, long count, Rates rates, RatedParts tally) {
    Rate rate = rates.of(kind);
    if (rate == null) {
      tally.missing(kind.rateName() + " tokens");
    } else {
      tally.tokens(kind, count, rate);
    }
  }

  /** Tells a tally what is not tokens. */
  void applyUnits(Usage usage, RatedParts tally) {
    UnitRate perRequest = base.ofUnit(UnitRate.REQUESTS);
    if (perRequest != null && !usage.units().containsKey(UnitRate.REQUESTS)) {
      tally.units(UnitRate.REQUESTS, BigDecimal.ONE, perRequest);
    }
    if (usage.units().isEmpty()) {
      return;
    }
    for (Map.Entry<String, BigDecimal> unit : usage.units().entrySet()) {
      UnitRate rate = base.ofUnit(unit.getKey());
      if (rate != null) {
        tally.units(unit.getKey(), unit.getValue(), rate);
      } else if (!unit.getKey().equals(UnitRate.REQUESTS)) { // no fee for requests is none
        tally.missing(unit.getKey());
      }
    }
  }

  /** How many tokens of a usage have the rate of this kind. */
  long count(TokenKind kind, Usage usage) {
    return kind.count(usage, imagesApart, reasoningApart);
  }

  /** The counts of tokens at which a rate changes. */
  List<Long> bends() {
    return bands.stream().map(Band::above).toList();
  }

  /**
   * What a token costs where no rate {@linkplain #bends() changes}; null where that is not known.
   */
  @Nullable Rate rate(TokenKind kind) {
    return base.of(kind);
  }

  /** Whether this kind has a rate of its own. */
  boolean has(TokenKind kind) {
    if (base.of(kind) != null) {
      return true;
    }
    for (Band band : bands) {
      if (band.rates.of(kind) != null) {
        return true;
      }
    }
    return false;
  }

  /** The rates of the tokens of a kind beyond a count. */
  record Band(long above, Rates rates) {}
}

package dev.agentops.cost;

import dev.agentops.Usage;
import java.math.BigDecimal;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The rates that hold for one request. Immutable.
 *
 * <p>Tokens of a kind without a rate are charged as those of the whole that they are a part of, see
 * {@link RatedKinds}: {@link #assumptions} tells which. A usage of which a part has no price even
 * so, or that has units without one, is unpriced and never zero.
 */
final class Tariff {

  private static final TokenKind[] KINDS = TokenKind.values();

  private final String rule;
  private final Rates base;
  private final List<Band> bands;
  private final @Nullable BigDecimal factor;
  private final RatedKinds rated;
  private final boolean imagesApart;

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
    EnumSet<TokenKind> kinds = base.kinds();
    this.bands.forEach(band -> kinds.addAll(band.rates.kinds()));
    this.rated = RatedKinds.of(kinds);
    this.imagesApart = has(TokenKind.INPUT_IMAGE) && has(TokenKind.CACHE_READ);
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
    Rate rate = rates.of(rates.chargedAs(kind));
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
        tally.missing(unit.getKey() + ", only for the units " + base.unitNames());
      }
    }
  }

  /** How many tokens of a usage have the rate of this kind. */
  long count(TokenKind kind, Usage usage) {
    return rated.count(kind, usage);
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
    return rated.has(kind);
  }

  /**
   * The kinds of which a usage has tokens that are charged at the rate of another; but for those
   * that {@linkplain TokenKind#billedAsWhole() always} are.
   */
  Set<TokenKind> assumed(Usage usage) {
    Set<TokenKind> assumed = EnumSet.noneOf(TokenKind.class);
    for (TokenKind kind : KINDS) {
      if (!kind.billedAsWhole()
          && kind.count(usage) > 0
          && rates().anyMatch(rates -> rates.chargedAs(kind) != kind)) {
        assumed.add(kind);
      }
    }
    return assumed;
  }

  /** What {@link #assumed} is assumed, such as {@code cacheRead at the rate of input}. */
  List<String> assumptions(Set<TokenKind> assumed) {
    return assumed.stream()
        .flatMap(
            kind ->
                rates()
                    .map(rates -> rates.chargedAs(kind))
                    .filter(charged -> charged != kind)
                    .distinct()
                    .map(as -> kind.rateName() + " at the rate of " + as.rateName()))
        .toList();
  }

  private Stream<Rates> rates() {
    return Stream.concat(bands.stream().map(Band::rates), Stream.of(base));
  }

  /** The rates of the tokens of a kind beyond a count. */
  record Band(long above, Rates rates) {}
}

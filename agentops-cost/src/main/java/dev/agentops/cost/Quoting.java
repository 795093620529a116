package dev.agentops.cost;

import dev.agentops.Cost;
import dev.agentops.UsageGap;
import java.util.List;
import java.util.Set;

/** Answers one query of a catalogue. */
final class Quoting {

  private final String version;
  private final PriceQuery query;
  private final ModelLookup lookup;

  Quoting(String version, PriceQuery query, ModelLookup lookup) {
    this.version = version;
    this.query = query;
    this.lookup = lookup;
  }

  PriceQuote quote() {
    ModelMatch match = lookup.match();
    if (match == null) {
      return unknownModel();
    }
    Tariff tariff = match.price().tariff(query);
    if (tariff == null) {
      return noRule(match);
    }
    Sum sum = new Sum();
    tariff.apply(query.usage(), sum);
    Cost cost = sum.total(tariff.factor(), match.discount());
    return cost == null ? noRate(match, tariff, sum) : priced(match, tariff, cost);
  }

  PriceExplanation explain() {
    ModelMatch match = lookup.match();
    Tariff tariff = match == null ? null : match.price().tariff(query);
    return new PriceExplanation(query, quote(), match, tariff);
  }

  private PriceQuote unknownModel() {
    return PriceQuote.unpriced(
        PriceQuote.Status.UNKNOWN_MODEL,
        version,
        null,
        "no model "
            + PrintedText.quoted(query.model())
            + " of provider "
            + PrintedText.quoted(query.provider())
            + " in "
            + version
            + listedElsewhere(),
        lookup.nearest());
  }

  private String listedElsewhere() {
    String other = lookup.otherProvider();
    return other == null
        ? ""
        : "; provider '" + other + "' lists it: name that one if it is who answers";
  }

  private PriceQuote noRule(ModelMatch match) {
    return PriceQuote.unpriced(
        PriceQuote.Status.NO_RULE,
        version,
        null,
        "no price of "
            + match.price().label()
            + " holds at "
            + query.at()
            + " for tier "
            + PrintedText.quoted(query.tierWord())
            + (query.regionWord().isEmpty()
                ? ""
                : ", region " + PrintedText.quoted(query.regionWord()))
            + (query.speedWord().equals(PriceQuery.STANDARD)
                ? ""
                : ", speed " + PrintedText.quoted(query.speedWord()))
            + (match.price().note() == null ? "" : "; " + match.price().note())
            + listedTiers(match.price()),
        List.of());
  }

  private String listedTiers(ModelPrice price) {
    Set<String> tiers = price.tiers();
    return tiers.isEmpty() || tiers.contains(query.tierWord())
        ? ""
        : "; tiers that have a price: " + tiers;
  }

  private PriceQuote noRate(ModelMatch match, Tariff tariff, Sum sum) {
    return PriceQuote.noRate(
        version,
        tariff.rule(),
        sum.known(tariff.factor(), match.discount()),
        tariff.rule() + " has no rate for " + sum.missing());
  }

  private PriceQuote priced(ModelMatch match, Tariff tariff, Cost cost) {
    Set<TokenKind> assumed = tariff.assumed(query.usage());
    if (query.gaps().isEmpty() && assumed.isEmpty()) {
      return PriceQuote.exact(version, tariff.rule(), cost, match.model());
    }
    PriceInterval interval = PriceInterval.of(tariff, query, match.discount(), assumed);
    boolean estimated =
        !assumed.isEmpty()
            || query.gaps().contains(UsageGap.INPUT)
            || query.gaps().contains(UsageGap.OUTPUT)
            || !cost.equals(interval.lowest())
            || !cost.equals(interval.highest());
    List<String> assumptions = tariff.assumptions(assumed);
    return PriceQuote.between(
        version,
        tariff.rule(),
        cost,
        interval.lowest(),
        interval.highest(),
        estimated,
        match.model()
            + (query.gaps().isEmpty() ? "" : ", the usage is without " + query.gaps())
            + (assumptions.isEmpty() ? "" : ", " + String.join(", ", assumptions)),
        assumptions);
  }
}

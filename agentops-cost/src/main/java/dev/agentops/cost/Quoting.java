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
    return cost == null ? noRate(tariff, sum) : priced(match, tariff, cost);
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
        "no model '"
            + query.model()
            + "' of provider '"
            + query.provider()
            + "' in "
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
            + " for tier '"
            + query.tierWord()
            + "'"
            + (query.regionWord().isEmpty() ? "" : ", region '" + query.regionWord() + "'")
            + (query.speedWord().equals(PriceQuery.STANDARD)
                ? ""
                : ", speed '" + query.speedWord() + "'")
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

  private PriceQuote noRate(Tariff tariff, Sum sum) {
    return PriceQuote.unpriced(
        PriceQuote.Status.NO_RATE,
        version,
        tariff.rule(),
        tariff.rule() + " has no rate for " + sum.missing(),
        List.of());
  }

  private PriceQuote priced(ModelMatch match, Tariff tariff, Cost cost) {
    if (query.gaps().isEmpty()) {
      return PriceQuote.exact(version, tariff.rule(), cost, match.model());
    }
    PriceInterval interval = PriceInterval.of(tariff, query, match.discount());
    boolean estimated =
        query.gaps().contains(UsageGap.INPUT)
            || query.gaps().contains(UsageGap.OUTPUT)
            || !cost.equals(interval.lowest())
            || !cost.equals(interval.highest());
    return PriceQuote.between(
        version,
        tariff.rule(),
        cost,
        interval.lowest(),
        interval.highest(),
        estimated,
        match.model() + ", the usage is without " + query.gaps());
  }
}

package dev.agentops.cost;

import dev.agentops.Cost;
import dev.agentops.UsageGap;
import dev.agentops.UsageReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns a charge into priced records: one for the call, and one for each sub-call of another model
 * inside of it.
 *
 * <p>What the provider reports goes before what the catalogue says; the record keeps both.
 * Thread-safe.
 */
final class Rater {

  private final PriceSource prices;

  Rater(PriceSource prices) {
    this.prices = prices;
  }

  /** The records, that of the call itself first; their ids begin with its. */
  List<Rated> rate(Charge charge) {
    PriceCatalog catalog = prices.catalog(); // one for all parts, whatever is loaded meanwhile
    UsageReport report = charge.report();
    String model = priced(catalog, charge.provider(), charge.answered(), charge.asked());
    List<PriceQuote> quotes = new ArrayList<>(1 + report.subCalls().size());
    List<UsageRecord.Builder> records = new ArrayList<>(1 + report.subCalls().size());
    quotes.add(
        quote(
            catalog, charge.provider(), model, report, charge.at(), charge.maximumOutputTokens()));
    records.add(
        priced(charge, model, report, quotes.get(0))
            .maximumOutputTokens(charge.maximumOutputTokens()));
    for (UsageReport subCall : report.subCalls()) {
      String name = subCall.model() == null ? model : subCall.model();
      PriceQuote quote = quote(catalog, charge.provider(), name, subCall, charge.at(), 0);
      quotes.add(quote);
      records.add(priced(charge, name, subCall, quote));
    }
    if (report.reportedCost() != null) {
      share(report.reportedCost(), records, quotes);
    }
    return rated(records, quotes);
  }

  /**
   * Gives each sub-call its calculated part of what the provider charges for all together, and the
   * call itself the rest, so that the parts are the whole and none is repriced on its own later.
   */
  private static void share(
      Cost reported, List<UsageRecord.Builder> records, List<PriceQuote> quotes) {
    Cost rest = reported;
    for (int i = 1; i < records.size(); i++) {
      Cost calculated = quotes.get(i).cost().orElse(Cost.ZERO);
      Cost part = calculated.compareTo(rest) > 0 ? rest : calculated;
      charge(records.get(i), part);
      rest = rest.minus(part);
    }
    charge(records.get(0), rest);
  }

  private static void charge(UsageRecord.Builder record, Cost reported) {
    record
        .reportedCost(reported)
        .cost(reported)
        .lowestCost(null)
        .highestCost(null)
        .estimated(false);
  }

  /** The ids of sub-calls begin with that of the call. */
  private static List<Rated> rated(List<UsageRecord.Builder> records, List<PriceQuote> quotes) {
    List<Rated> rated = new ArrayList<>(records.size());
    rated.add(new Rated(records.get(0).build(), quotes.get(0)));
    String id = rated.get(0).record().id();
    for (int i = 1; i < records.size(); i++) {
      rated.add(new Rated(records.get(i).id(id + '/' + i).build(), quotes.get(i)));
    }
    return rated;
  }

  /** The same record at the prices of this catalogue. */
  UsageRecord rerate(UsageRecord record) {
    PriceQuote quote =
        prices
            .catalog()
            .quote(
                PriceQuery.builder()
                    .provider(record.provider())
                    .model(record.model())
                    .usage(record.usage())
                    .at(record.timestamp())
                    .serviceTier(record.serviceTier())
                    .region(record.region())
                    .speed(record.speed())
                    .gaps(record.gaps())
                    .maximumOutputTokens(record.maximumOutputTokens())
                    .build());
    UsageRecord.Builder rerated = record.toBuilder();
    calculated(rerated, quote, record.gaps());
    record.reportedCost().ifPresent(cost -> charge(rerated, cost));
    return rerated.build();
  }

  /** The price of a usage at a time, or why there is none. */
  PriceQuote quote(String provider, String model, UsageReport report, Instant at) {
    return quote(prices.catalog(), provider, model, report, at, 0);
  }

  private static PriceQuote quote(
      PriceCatalog catalog,
      String provider,
      String model,
      UsageReport report,
      Instant at,
      long maximumOutputTokens) {
    return catalog.quote(
        PriceQuery.builder()
            .provider(provider)
            .model(model)
            .at(at)
            .report(report)
            .maximumOutputTokens(maximumOutputTokens)
            .build());
  }

  private static UsageRecord.Builder priced(
      Charge charge, String model, UsageReport report, PriceQuote quote) {
    UsageRecord.Builder record =
        UsageRecord.builder()
            .timestamp(charge.at())
            .operation(charge.operation())
            .provider(charge.provider())
            .model(model)
            .usage(report.usage())
            .gaps(report.gaps())
            .attributes(charge.attributes())
            .serviceTier(report.serviceTier())
            .region(report.region())
            .speed(report.speed())
            .succeeded(charge.succeeded())
            .traceId(charge.traceId())
            .spanId(charge.spanId());
    calculated(record, quote, report.gaps());
    return record;
  }

  private static void calculated(UsageRecord.Builder record, PriceQuote quote, Set<UsageGap> gaps) {
    Cost cost = quote.cost().orElse(null);
    record
        .cost(cost)
        .calculatedCost(cost)
        .estimated(quote.estimated() || !gaps.isEmpty())
        .lowestCost(quote.estimated() ? quote.lowest().orElse(null) : null)
        .highestCost(quote.estimated() ? quote.highest().orElse(null) : null)
        .priceVersion(quote.version())
        .priceRule(quote.rule());
  }

  /**
   * The model that answered, the more exact name, unless only the one that was asked for is known.
   */
  private static String priced(
      PriceCatalog catalog, String provider, @Nullable String answered, @Nullable String asked) {
    if (answered == null || answered.isBlank()) {
      return asked == null || asked.isBlank() ? UsageRecord.UNKNOWN : asked;
    }
    if (asked == null || asked.isBlank() || catalog.find(provider, answered) != null) {
      return answered;
    }
    return catalog.find(provider, asked) != null ? asked : answered;
  }

  /** A record, and what the catalogue said of it. */
  record Rated(UsageRecord record, PriceQuote quote) {}
}

package dev.agentops.cost;

import dev.agentops.Cost;
import dev.agentops.UsageReport;
import java.util.ArrayList;
import java.util.List;
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
    PriceQuote mainQuote = quote(catalog, charge, model, report);
    UsageRecord.Builder main = priced(charge, model, report, mainQuote);
    List<Rated> rated = new ArrayList<>(1 + report.subCalls().size());
    Cost subCalls = Cost.ZERO;
    String id = main.build().id();
    for (UsageReport subCall : report.subCalls()) {
      String name = subCall.model() == null ? model : subCall.model();
      PriceQuote quote = quote(catalog, charge, name, subCall);
      subCalls = subCalls.plus(quote.cost().orElse(Cost.ZERO));
      UsageRecord.Builder record = priced(charge, name, subCall, quote);
      rated.add(new Rated(record.id(id + '/' + (rated.size() + 1)).build(), quote));
    }
    Cost reported = report.reportedCost();
    if (reported != null) { // it is for all of the response
      Cost own = reported.minus(subCalls);
      main.reportedCost(own).cost(own).lowestCost(null).highestCost(null).estimated(false);
    }
    rated.add(0, new Rated(main.id(id).build(), mainQuote));
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
                    .build());
    UsageRecord.Builder rerated = record.toBuilder();
    calculated(rerated, quote);
    record.reportedCost().ifPresent(cost -> rerated.cost(cost).lowestCost(null).highestCost(null));
    return rerated.build();
  }

  private static PriceQuote quote(
      PriceCatalog catalog, Charge charge, String model, UsageReport report) {
    return catalog.quote(
        PriceQuery.builder()
            .provider(charge.provider())
            .model(model)
            .at(charge.at())
            .report(report)
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
            .estimated(!report.gaps().isEmpty())
            .attributes(charge.attributes())
            .serviceTier(report.serviceTier())
            .region(report.region())
            .speed(report.speed())
            .succeeded(charge.succeeded())
            .traceId(charge.traceId())
            .spanId(charge.spanId());
    calculated(record, quote);
    return record;
  }

  private static void calculated(UsageRecord.Builder record, PriceQuote quote) {
    Cost cost = quote.cost().orElse(null);
    record
        .cost(cost)
        .calculatedCost(cost)
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

package dev.agentops.cost;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.Cost;
import dev.agentops.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;

/**
 * Writes records as charges in the columns of FinOps FOCUS 1.2, as CSV, so that what models cost
 * lies beside the bills of clouds. Immutable, hence thread-safe.
 *
 * <p>Each priced call is one charge: a record keeps what it cost, not what each kind of token did,
 * so that the kinds stand beside it in columns of our own, which begin with {@code x_}. It is
 * charged in the hour, and billed in the month, of UTC that it was recorded in. All mandatory
 * columns are there:
 *
 * <ul>
 *   <li>{@code BilledCost} and {@code EffectiveCost} are {@link UsageRecord#cost()}, {@code
 *       ListCost} and {@code ContractedCost} what the catalogue says, or the same where it says
 *       nothing; all in US dollars, exact.
 *   <li>{@code ProviderName}, {@code PublisherName}, {@code InvoiceIssuerName} and {@code
 *       ServiceName} are the provider, {@code SkuMeter} is the operation. {@code SkuPriceId} is the
 *       price's rule and {@code SkuId} the catalogue's entry that has it; without a rule both are
 *       the provider and the model.
 *   <li>Quantities are all tokens; for a call without tokens, one request.
 *   <li>{@code Tags} are the attributes, lists joined by commas.
 * </ul>
 *
 * <p>A call without a price is no charge of zero: it is left out and counted. Cached answers and
 * tasks are no charges.
 */
public final class FocusExport {

  /** {@value}, where no account is named. */
  public static final String DEFAULT_ACCOUNT = "agentops";

  private static final List<String> COLUMNS =
      List.of(
          "BilledCost",
          "BillingAccountId",
          "BillingAccountName",
          "BillingCurrency",
          "BillingPeriodEnd",
          "BillingPeriodStart",
          "ChargeCategory",
          "ChargeClass",
          "ChargeDescription",
          "ChargeFrequency",
          "ChargePeriodEnd",
          "ChargePeriodStart",
          "ConsumedQuantity",
          "ConsumedUnit",
          "ContractedCost",
          "EffectiveCost",
          "InvoiceIssuerName",
          "ListCost",
          "PricingCategory",
          "PricingQuantity",
          "PricingUnit",
          "ProviderName",
          "PublisherName",
          "RegionId",
          "RegionName",
          "ServiceCategory",
          "ServiceName",
          "ServiceSubcategory",
          "SkuId",
          "SkuMeter",
          "SkuPriceId",
          "Tags",
          "x_RecordId",
          "x_RecordedAt",
          "x_Model",
          "x_InputTokens",
          "x_CacheReadTokens",
          "x_CacheWriteTokens",
          "x_OutputTokens",
          "x_ReasoningTokens",
          "x_Estimated",
          "x_LowestCost",
          "x_HighestCost",
          "x_ServiceTier",
          "x_PriceVersion",
          "x_TraceId");

  private final String accountId;
  private final String accountName;

  private FocusExport(String accountId, String accountName) {
    this.accountId = accountId;
    this.accountName = accountName;
  }

  /** Charges of the account {@value #DEFAULT_ACCOUNT}. */
  public static FocusExport create() {
    return ofAccount(DEFAULT_ACCOUNT, DEFAULT_ACCOUNT);
  }

  /**
   * Charges of a billing account.
   *
   * @throws IllegalArgumentException if the id is blank
   */
  public static FocusExport ofAccount(String id, String name) {
    if (id.isBlank()) {
      throw new IllegalArgumentException("the id of an account must not be blank: '" + id + "'");
    }
    return new FocusExport(id, Objects.requireNonNull(name, "name"));
  }

  /**
   * Writes the records that the ledger still keeps, of a time from {@code from} on and before
   * {@code until}, one by one.
   *
   * @return how many calls were left out since they have no price
   * @throws IOException if it cannot be written
   * @throws LedgerException if the ledger cannot be read
   */
  public long write(UsageLedger ledger, Instant from, Instant until, Appendable out)
      throws IOException {
    Csv csv = new Csv(out);
    for (String column : COLUMNS) {
      csv.text(column);
    }
    csv.endLine();
    long[] unpriced = {0};
    try {
      ledger.records(
          from,
          until,
          record -> {
            if (record.isTask() || record.isCacheHit()) {
              return;
            }
            if (record.cost().isEmpty()) {
              unpriced[0]++;
              return;
            }
            try {
              write(record, record.cost().get(), csv);
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
    return unpriced[0];
  }

  private void write(UsageRecord record, Cost cost, Csv csv) throws IOException {
    Usage usage = record.usage();
    BigDecimal billed = cost.usd();
    BigDecimal listed = record.calculatedCost().orElse(cost).usd();
    BigDecimal tokens =
        BigDecimal.valueOf(usage.inputTokens()).add(BigDecimal.valueOf(usage.outputTokens()));
    boolean counted = tokens.signum() > 0;
    BigDecimal quantity = counted ? tokens : BigDecimal.ONE;
    String unit = counted ? "Tokens" : "Requests";
    YearMonth month = YearMonth.from(record.timestamp().atOffset(ZoneOffset.UTC));
    Instant hour = record.timestamp().truncatedTo(ChronoUnit.HOURS);
    String rule =
        Objects.requireNonNullElse(record.priceRule(), record.provider() + '/' + record.model());
    csv.number(billed)
        .text(accountId)
        .text(accountName)
        .text("USD")
        .text(begin(month.plusMonths(1)))
        .text(begin(month))
        .text("Usage")
        .text(null) // a class is for corrections of earlier bills
        .text(record.operation() + " with " + record.model())
        .text("Usage-Based")
        .text(hour.plus(1, ChronoUnit.HOURS).toString())
        .text(hour.toString())
        .number(quantity)
        .text(unit)
        .number(listed)
        .number(billed)
        .text(record.provider())
        .number(listed)
        .text("Standard")
        .number(quantity)
        .text(unit)
        .text(record.provider())
        .text(record.provider())
        .text(record.region())
        .text(record.region())
        .text("AI and Machine Learning")
        .text(record.provider())
        .text("Generative AI")
        .text(entry(rule))
        .text(record.operation())
        .text(rule)
        .text(tags(record))
        .text(record.id())
        .text(record.timestamp().toString())
        .text(record.model())
        .number(usage.inputTokens())
        .number(usage.cacheReadTokens())
        .number(usage.cacheWriteTokens())
        .number(usage.outputTokens())
        .number(usage.reasoningTokens())
        .text(Boolean.toString(record.estimated()))
        .number(record.lowestCost().orElse(cost).usd())
        .number(record.highestCost().orElse(cost).usd())
        .text(record.serviceTier())
        .text(record.priceVersion())
        .text(record.traceId())
        .endLine();
  }

  private static String entry(String rule) {
    int end = rule.lastIndexOf('#');
    return end < 0 ? rule : rule.substring(0, end);
  }

  private static String begin(YearMonth month) {
    return month.atDay(1).atStartOfDay(ZoneOffset.UTC).toInstant().toString();
  }

  /** An object without arrays and objects in it, as FOCUS wants it. */
  private static String tags(UsageRecord record) {
    ObjectNode tags = JsonNodeFactory.instance.objectNode();
    record
        .attributes()
        .forEach(
            (name, value) -> {
              if (value instanceof Boolean flag) {
                tags.put(name, flag);
              } else if (value instanceof Long number) {
                tags.put(name, number);
              } else if (value instanceof Double number && Double.isFinite(number)) {
                tags.put(name, number);
              } else if (value instanceof List<?> elements) {
                tags.put(name, String.join(",", elements.stream().map(String::valueOf).toList()));
              } else {
                tags.put(name, value.toString());
              }
            });
    return tags.toString();
  }
}

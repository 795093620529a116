package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Usage;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FocusExportTest {

  /** What FOCUS 1.2 says must be in every data set. */
  private static final Set<String> MANDATORY =
      Set.of(
          "BilledCost",
          "BillingAccountId",
          "BillingAccountName",
          "BillingCurrency",
          "BillingPeriodEnd",
          "BillingPeriodStart",
          "ChargeCategory",
          "ChargeClass",
          "ChargeDescription",
          "ChargePeriodEnd",
          "ChargePeriodStart",
          "ContractedCost",
          "EffectiveCost",
          "InvoiceIssuerName",
          "ListCost",
          "PricingQuantity",
          "PricingUnit",
          "ProviderName",
          "PublisherName",
          "ServiceCategory",
          "ServiceName");

  private final UsageLedger ledger = UsageLedger.inMemory();

  @Test
  void write_call_isACharge() throws Exception {
    ledger.add(
        call("r-1")
            .attributes(Attributes.of("team", "se\"arch", "tags", List.of("a", "b"), "attempt", 2))
            .usage(
                Usage.builder()
                    .inputTokens(1_000)
                    .cacheReadTokens(400)
                    .cacheWriteTokens(100)
                    .outputTokens(200)
                    .reasoningTokens(50)
                    .build())
            .cost(Cost.usd("0.000000000001"))
            .reportedCost(Cost.usd("0.000000000001"))
            .calculatedCost(Cost.usd("0.5"))
            .priceRule("acme/large#2")
            .priceVersion("2026-11-22")
            .region("eu")
            .serviceTier("batch")
            .traceId("t-1")
            .build());

    Map<String, String> charge = charges().get(0);

    assertThat(charge)
        .containsEntry("BilledCost", "0.000000000001")
        .containsEntry("EffectiveCost", "0.000000000001")
        .containsEntry("ListCost", "0.5")
        .containsEntry("ContractedCost", "0.5")
        .containsEntry("BillingCurrency", "USD")
        .containsEntry("BillingAccountId", "agentops")
        .containsEntry("BillingPeriodStart", "2026-12-01T00:00:00Z")
        .containsEntry("BillingPeriodEnd", "2027-01-01T00:00:00Z")
        .containsEntry("ChargePeriodStart", "2026-12-31T23:00:00Z")
        .containsEntry("ChargePeriodEnd", "2027-01-01T00:00:00Z")
        .containsEntry("ChargeCategory", "Usage")
        .containsEntry("ChargeClass", "")
        .containsEntry("ChargeDescription", "chat with large-2026")
        .containsEntry("ServiceCategory", "AI and Machine Learning")
        .containsEntry("ProviderName", "acme")
        .containsEntry("SkuId", "acme/large")
        .containsEntry("SkuPriceId", "acme/large#2")
        .containsEntry("ConsumedQuantity", "1200")
        .containsEntry("ConsumedUnit", "Tokens")
        .containsEntry("PricingQuantity", "1200")
        .containsEntry("PricingUnit", "Tokens")
        .containsEntry("RegionId", "eu")
        .containsEntry("Tags", "{\"attempt\":2,\"tags\":\"a,b\",\"team\":\"se\\\"arch\"}")
        .containsEntry("x_Model", "large-2026")
        .containsEntry("x_CacheReadTokens", "400")
        .containsEntry("x_ServiceTier", "batch")
        .containsEntry("x_TraceId", "t-1");
    assertThat(charge.keySet()).containsAll(MANDATORY);
    MANDATORY.stream()
        .filter(column -> !column.equals("ChargeClass"))
        .forEach(column -> assertThat(charge.get(column)).as(column).isNotEmpty());
  }

  @Test
  void write_whatIsNoCharge_isLeftOutAndTheUnpricedCounted() throws Exception {
    ledger.add(call("unpriced").build());
    ledger.add(call("hit").cacheHit(true).savedCost(Cost.usd("1")).build());
    ledger.add(call("task").operation(UsageRecord.TASK).build());
    ledger.add(call("free").cost(Cost.ZERO).build());
    StringBuilder out = new StringBuilder();

    long unpriced = FocusExport.create().write(ledger, Instant.MIN, Instant.MAX, out);

    assertThat(unpriced).isEqualTo(1);
    assertThat(charges())
        .singleElement()
        .satisfies(
            charge ->
                assertThat(charge)
                    .containsEntry("x_RecordId", "free")
                    .containsEntry("BilledCost", "0")
                    .containsEntry("PricingQuantity", "1")
                    .containsEntry("PricingUnit", "Requests")
                    .containsEntry("SkuPriceId", "acme/large-2026"));
  }

  @Test
  void write_randomRecords_addUpToTheLedger() throws Exception {
    new RandomRecords(5, "r").next(300).forEach(ledger::add);

    BigDecimal sum =
        charges().stream()
            .map(charge -> new BigDecimal(charge.get("BilledCost")))
            .reduce(BigDecimal.ZERO, BigDecimal::add);

    assertThat(Cost.usd(sum)).isEqualTo(ledger.totals(UsageQuery.all()).totalCost());
  }

  @Test
  void write_outputThatFails_throwsItsException() {
    ledger.add(call("1").cost(Cost.usd("1")).build());
    IOException full = new IOException("disk full");
    Appendable out =
        new Appendable() {
          private int lines;

          @Override
          public Appendable append(CharSequence text) throws IOException {
            lines += text.toString().equals("\r\n") ? 1 : 0;
            if (lines > 1) {
              throw full;
            }
            return this;
          }

          @Override
          public Appendable append(CharSequence text, int start, int end) throws IOException {
            return append(text.subSequence(start, end));
          }

          @Override
          public Appendable append(char c) {
            return this;
          }
        };

    assertThatThrownBy(() -> FocusExport.create().write(ledger, Instant.MIN, Instant.MAX, out))
        .isSameAs(full);
  }

  @Test
  void ofAccount_blankId_isRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> FocusExport.ofAccount(" ", "x"))
        .withMessageContaining("' '");
  }

  private List<Map<String, String>> charges() throws IOException {
    StringBuilder out = new StringBuilder();
    FocusExport.create().write(ledger, Instant.MIN, Instant.MAX, out);
    List<List<String>> lines = parse(out.toString());
    List<Map<String, String>> charges = new ArrayList<>();
    for (List<String> line : lines.subList(1, lines.size())) {
      assertThat(line).hasSameSizeAs(lines.get(0));
      Map<String, String> charge = new LinkedHashMap<>();
      for (int i = 0; i < line.size(); i++) {
        charge.put(lines.get(0).get(i), line.get(i));
      }
      charges.add(charge);
    }
    return charges;
  }

  private static UsageRecord.Builder call(String id) {
    return UsageRecord.builder()
        .id(id)
        .timestamp(Instant.parse("2026-12-31T23:59:59.5Z"))
        .provider("acme")
        .model("large-2026");
  }

  /** Reads RFC 4180. */
  private static List<List<String>> parse(String csv) {
    List<List<String>> lines = new ArrayList<>(List.of(new ArrayList<>()));
    StringBuilder cell = new StringBuilder();
    boolean quoted = false;
    for (int i = 0; i < csv.length(); i++) {
      char c = csv.charAt(i);
      if (quoted && c == '"' && i + 1 < csv.length() && csv.charAt(i + 1) == '"') {
        cell.append(csv.charAt(++i));
      } else if (c == '"') {
        quoted = !quoted;
      } else if (!quoted && (c == ',' || c == '\r')) {
        lines.get(lines.size() - 1).add(cell.toString());
        cell.setLength(0);
      } else if (!quoted && c == '\n') {
        lines.add(new ArrayList<>());
      } else {
        cell.append(c);
      }
    }
    lines.remove(lines.size() - 1);
    return lines;
  }
}

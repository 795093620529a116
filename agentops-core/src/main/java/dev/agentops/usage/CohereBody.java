package dev.agentops.usage;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.Usage;
import dev.agentops.UsageReport;
import java.math.BigDecimal;

/**
 * Cohere's dialect: chat, embed, rerank and classify. What it bills is {@code billed_units}, not
 * the {@code tokens} that its models saw.
 */
final class CohereBody {

  private static final String[] UNITS = {"search_units", "classifications", "images"};

  private CohereBody() {}

  static boolean speaks(JsonNode usage) {
    return usage.path("billed_units").isObject() || usage.path("tokens").isObject();
  }

  static UsageReport.Builder read(JsonNode usage) {
    JsonNode billed = Fields.object(usage, "billed_units", "tokens");
    long input = Fields.count(billed, "input_tokens");
    Usage.Builder counted =
        Usage.builder()
            .inputTokens(input)
            .cacheReadTokens(Math.min(input, Fields.count(usage, "cached_tokens")))
            .outputTokens(Fields.count(billed, "output_tokens"));
    for (String unit : UNITS) {
      BigDecimal amount = Fields.amount(billed, unit);
      if (amount != null) {
        counted.units(unit, amount);
      }
    }
    return UsageReport.builder().usage(counted.build());
  }
}

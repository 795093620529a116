package dev.agentops.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import dev.agentops.UsageReport;
import org.jspecify.annotations.Nullable;

/**
 * Amazon Bedrock's dialect, of Converse and of Nova: tokens read from and written to the cache are
 * counted beside the input. Converse tells in {@code cacheDetails} how long what was written is
 * kept; Nova's own dialect does not, for it sells only one time to live.
 */
final class BedrockBody {

  private BedrockBody() {}

  static boolean speaks(JsonNode usage) {
    return Fields.hasAny(usage, "inputTokens", "outputTokens", "inputTokenCount");
  }

  static UsageReport.Builder read(ObjectNode body, JsonNode usage) {
    long cacheRead =
        Fields.count(usage, "cacheReadInputTokens", "cacheReadInputTokenCount", "cacheReadTokens");
    long cacheWrite =
        Fields.count(
            usage, "cacheWriteInputTokens", "cacheWriteInputTokenCount", "cacheWriteTokens");
    long fresh = Fields.count(usage, "inputTokens", "inputTokenCount");
    UsageReport.Builder report = UsageReport.builder();
    if (Fields.count(usage, "cacheWriteInputTokens") > 0 && !usage.path("cacheDetails").isArray()) {
      report.gap(UsageGap.CACHE_WRITE_LIFETIMES);
    }
    return report
        .usage(
            Usage.builder()
                .inputTokens(Math.addExact(fresh, Math.addExact(cacheRead, cacheWrite)))
                .cacheReadTokens(cacheRead)
                .cacheWriteTokens(cacheWrite)
                .cacheWrite1hTokens(keptForAnHour(usage))
                .outputTokens(Fields.count(usage, "outputTokens", "outputTokenCount"))
                .build())
        .serviceTier(ServiceTiers.of(Fields.text(body.path("serviceTier"), "type")))
        .speed(speed(body));
  }

  private static long keptForAnHour(JsonNode usage) {
    long tokens = 0;
    for (JsonNode detail : usage.path("cacheDetails")) {
      if ("1h".equals(Fields.text(detail, "ttl"))) {
        tokens = Math.addExact(tokens, Fields.count(detail, "inputTokens"));
      }
    }
    return tokens;
  }

  private static @Nullable String speed(ObjectNode body) {
    String latency = Fields.text(body.path("performanceConfig"), "latency");
    return "standard".equals(latency) ? null : latency;
  }
}

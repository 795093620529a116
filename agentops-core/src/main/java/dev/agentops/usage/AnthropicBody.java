package dev.agentops.usage;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import dev.agentops.UsageReport;
import java.math.BigDecimal;
import org.jspecify.annotations.Nullable;

/**
 * Anthropic's dialect, as its own API, Bedrock and Vertex speak it: tokens read from and written to
 * the cache are counted beside the input.
 *
 * <p>A response that took several inferences lists each in {@code iterations}. The top level then
 * tells the input of the first of the model's own and the output of all of them, and nothing of
 * other models that were consulted: each inference is billed, hence each but the first is a
 * sub-call.
 */
final class AnthropicBody {

  private static final String OWN_INFERENCE = "message";

  private AnthropicBody() {}

  static boolean speaks(String provider, JsonNode usage) {
    return Fields.hasAny(
            usage,
            "cache_creation_input_tokens",
            "cache_read_input_tokens",
            "cache_creation",
            "iterations",
            "inference_geo",
            "speed")
        || (provider.contains("anthropic") && usage.has("input_tokens"));
  }

  static UsageReport.Builder read(ObjectNode body, JsonNode usage) {
    String model = Fields.text(body, "model");
    UsageReport.Builder report = UsageReport.builder().region(region(usage)).speed(speed(usage));
    JsonNode inferences = usage.path("iterations");
    JsonNode first = first(inferences);
    Usage.Builder own = tokens(first == null || inferences.size() == 1 ? usage : first);
    report.usage(own.units("web_searches", searches(usage)).build());
    addGap(report, first == null || inferences.size() == 1 ? usage : first);
    for (JsonNode inference : inferences) {
      if (inference != first) {
        report.subCall(subCall(inference, model, usage));
      }
    }
    if (!usage.has("output_tokens")) { // the beginning of a stream, which never came to its end
      report.gap(UsageGap.OUTPUT);
    }
    return report;
  }

  private static @Nullable JsonNode first(JsonNode inferences) {
    for (JsonNode inference : inferences) {
      if (OWN_INFERENCE.equals(Fields.text(inference, "type"))) {
        return inference;
      }
    }
    return null;
  }

  /** A batch and a place are the whole response's; a bought tier and a speed are a model's own. */
  private static UsageReport subCall(
      JsonNode inference, @Nullable String model, JsonNode response) {
    String told = Fields.text(inference, "model");
    boolean own = told == null || told.equals(model);
    String tier = ServiceTiers.of(Fields.text(response, "service_tier"));
    return addGap(UsageReport.builder(), inference)
        .usage(tokens(inference).build())
        .model(own ? model : told)
        .region(region(response))
        .speed(own ? speed(response) : null)
        .serviceTier(own || "batch".equals(tier) ? tier : null)
        .build();
  }

  /**
   * Old answers, and those of some who pass them on, tell the writes without their times to live.
   */
  private static UsageReport.Builder addGap(UsageReport.Builder report, JsonNode usage) {
    boolean split = usage.path("cache_creation").isObject();
    return split || Fields.count(usage, "cache_creation_input_tokens") == 0
        ? report
        : report.gap(UsageGap.CACHE_WRITE_LIFETIMES);
  }

  private static Usage.Builder tokens(JsonNode usage) {
    JsonNode split = usage.path("cache_creation");
    long hour = Fields.count(split, "ephemeral_1h_input_tokens");
    Long written = Fields.told(usage, "cache_creation_input_tokens");
    long cacheWrite =
        written != null
            ? written
            : Math.addExact(hour, Fields.count(split, "ephemeral_5m_input_tokens"));
    long cacheRead = Fields.count(usage, "cache_read_input_tokens");
    long fresh = Fields.count(usage, "input_tokens");
    return Usage.builder()
        .inputTokens(Math.addExact(fresh, Math.addExact(cacheRead, cacheWrite)))
        .cacheReadTokens(cacheRead)
        .cacheWriteTokens(cacheWrite)
        .cacheWrite1hTokens(hour)
        .outputTokens(Fields.count(usage, "output_tokens"))
        .reasoningTokens(Fields.count(usage.path("output_tokens_details"), "thinking_tokens"));
  }

  private static BigDecimal searches(JsonNode usage) {
    return BigDecimal.valueOf(Fields.count(usage.path("server_tool_use"), "web_search_requests"));
  }

  private static @Nullable String region(JsonNode usage) {
    String geo = Fields.text(usage, "inference_geo");
    return "not_available".equals(geo) ? null : geo;
  }

  private static @Nullable String speed(JsonNode usage) {
    String speed = Fields.text(usage, "speed");
    return "standard".equals(speed) ? null : speed;
  }
}

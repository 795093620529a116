package dev.agentops.usage;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.Cost;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import dev.agentops.UsageReport;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What was consumed, as JSON, for those who keep it.
 *
 * <p>What is zero or untold is left out. Amounts and counts of units are texts, so that no reader
 * rounds them.
 */
public final class UsageJson {

  private UsageJson() {}

  /** Writes a usage as an object. */
  public static void write(JsonGenerator json, Usage usage) throws IOException {
    json.writeStartObject();
    write(json, "input", usage.inputTokens());
    write(json, "cacheRead", usage.cacheReadTokens());
    write(json, "cacheWrite", usage.cacheWriteTokens());
    write(json, "cacheWrite1h", usage.cacheWrite1hTokens());
    write(json, "inputAudio", usage.inputAudioTokens());
    write(json, "cacheReadAudio", usage.cacheReadAudioTokens());
    write(json, "inputImage", usage.inputImageTokens());
    write(json, "output", usage.outputTokens());
    write(json, "reasoning", usage.reasoningTokens());
    write(json, "outputAudio", usage.outputAudioTokens());
    write(json, "outputImage", usage.outputImageTokens());
    if (!usage.units().isEmpty()) {
      json.writeObjectFieldStart("units");
      for (Map.Entry<String, BigDecimal> unit : usage.units().entrySet()) {
        json.writeStringField(unit.getKey(), unit.getValue().toString());
      }
      json.writeEndObject();
    }
    json.writeEndObject();
  }

  /**
   * The usage of such an object.
   *
   * @throws IllegalArgumentException if it is impossible
   */
  public static Usage usage(JsonNode json) {
    Usage.Builder usage =
        Usage.builder()
            .inputTokens(json.path("input").asLong())
            .cacheReadTokens(json.path("cacheRead").asLong())
            .cacheWriteTokens(json.path("cacheWrite").asLong())
            .cacheWrite1hTokens(json.path("cacheWrite1h").asLong())
            .inputAudioTokens(json.path("inputAudio").asLong())
            .cacheReadAudioTokens(json.path("cacheReadAudio").asLong())
            .inputImageTokens(json.path("inputImage").asLong())
            .outputTokens(json.path("output").asLong())
            .reasoningTokens(json.path("reasoning").asLong())
            .outputAudioTokens(json.path("outputAudio").asLong())
            .outputImageTokens(json.path("outputImage").asLong());
    json.path("units")
        .properties()
        .forEach(unit -> usage.units(unit.getKey(), new BigDecimal(unit.getValue().textValue())));
    return usage.build();
  }

  /** Writes a report, with its sub-calls, as an object. */
  public static void write(JsonGenerator json, UsageReport report) throws IOException {
    json.writeStartObject();
    json.writeFieldName("usage");
    write(json, report.usage());
    write(json, "model", report.model());
    write(json, "serviceTier", report.serviceTier());
    write(json, "region", report.region());
    write(json, "speed", report.speed());
    Cost reported = report.reportedCost();
    write(json, "reportedCost", reported == null ? null : reported.usd().toString());
    json.writeArrayFieldStart("gaps");
    for (UsageGap gap : report.gaps()) {
      json.writeString(gap.name());
    }
    json.writeEndArray();
    json.writeArrayFieldStart("subCalls");
    for (UsageReport subCall : report.subCalls()) {
      write(json, subCall);
    }
    json.writeEndArray();
    json.writeEndObject();
  }

  /**
   * The report of such an object.
   *
   * @throws IllegalArgumentException if it is impossible
   */
  public static UsageReport report(JsonNode json) {
    String reported = json.path("reportedCost").textValue();
    UsageReport.Builder report =
        UsageReport.builder()
            .usage(usage(json.path("usage")))
            .model(json.path("model").textValue())
            .serviceTier(json.path("serviceTier").textValue())
            .region(json.path("region").textValue())
            .speed(json.path("speed").textValue())
            .reportedCost(reported == null ? null : Cost.usd(reported));
    json.path("gaps").forEach(gap -> report.gap(UsageGap.valueOf(gap.asText())));
    json.path("subCalls").forEach(subCall -> report.subCall(report(subCall)));
    return report.build();
  }

  private static void write(JsonGenerator json, String name, long count) throws IOException {
    if (count != 0) {
      json.writeNumberField(name, count);
    }
  }

  private static void write(JsonGenerator json, String name, @Nullable String text)
      throws IOException {
    if (text != null) {
      json.writeStringField(name, text);
    }
  }
}

package dev.agentops.cost.jdbc;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.UsageGap;
import dev.agentops.cost.LedgerException;
import dev.agentops.cost.UsageRecord;
import dev.agentops.usage.UsageJson;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A record as a JSON document of ASCII: any text of Java comes back as it was, from any database.
 *
 * <p>What has its default is left out. Amounts and counts of units are texts, so that no reader
 * rounds them. A change that an earlier release would misread needs a higher {@link #VERSION}.
 */
final class RecordJson {

  private static final int VERSION = 1;

  /** The name of the one member of an object that stands for a number that JSON does not have. */
  private static final String DOUBLE = "double";

  private static final JsonFactory JSON =
      JsonFactory.builder().enable(JsonWriteFeature.ESCAPE_NON_ASCII).build();

  private static final ObjectMapper MAPPER = new ObjectMapper(JSON);

  private RecordJson() {}

  /** Everything but the timestamp. */
  static String write(UsageRecord record) {
    StringWriter text = new StringWriter(256);
    try (JsonGenerator json = JSON.createGenerator(text)) {
      json.writeStartObject();
      json.writeNumberField("v", VERSION);
      json.writeStringField("id", record.id());
      json.writeStringField("operation", record.operation());
      json.writeStringField("provider", record.provider());
      json.writeStringField("model", record.model());
      write(json, "cost", record.cost().orElse(null));
      write(json, "calculatedCost", record.calculatedCost().orElse(null));
      write(json, "reportedCost", record.reportedCost().orElse(null));
      write(json, "lowestCost", record.lowestCost().orElse(null));
      write(json, "highestCost", record.highestCost().orElse(null));
      write(json, "savedCost", record.savedCost().isZero() ? null : record.savedCost());
      write(json, "priceVersion", record.priceVersion());
      write(json, "priceRule", record.priceRule());
      write(json, "serviceTier", record.serviceTier());
      write(json, "region", record.region());
      write(json, "speed", record.speed());
      write(json, "traceId", record.traceId());
      write(json, "spanId", record.spanId());
      write(json, "estimated", record.estimated());
      write(json, record.gaps());
      write(json, "maximumOutputTokens", record.maximumOutputTokens());
      write(json, "cacheHit", record.isCacheHit());
      write(json, "failed", !record.succeeded());
      json.writeFieldName("usage");
      UsageJson.write(json, record.usage());
      write(json, record.attributes());
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("a writer in memory does not fail", e);
    }
    return text.toString();
  }

  /**
   * @throws LedgerException if it is of a later version, or no such document
   */
  static UsageRecord read(String document, Instant timestamp) {
    try {
      JsonNode json = MAPPER.readTree(document);
      if (json.path("v").asInt() != VERSION) {
        throw new LedgerException(
            "a record of the usage ledger has version "
                + json.path("v")
                + "; this agentops knows "
                + VERSION);
      }
      Cost savedCost = cost(json, "savedCost");
      return UsageRecord.builder()
          .id(json.required("id").textValue())
          .timestamp(timestamp)
          .operation(json.required("operation").textValue())
          .provider(json.required("provider").textValue())
          .model(json.required("model").textValue())
          .cost(cost(json, "cost"))
          .calculatedCost(cost(json, "calculatedCost"))
          .reportedCost(cost(json, "reportedCost"))
          .lowestCost(cost(json, "lowestCost"))
          .highestCost(cost(json, "highestCost"))
          .savedCost(savedCost == null ? Cost.ZERO : savedCost)
          .priceVersion(text(json, "priceVersion"))
          .priceRule(text(json, "priceRule"))
          .serviceTier(text(json, "serviceTier"))
          .region(text(json, "region"))
          .speed(text(json, "speed"))
          .traceId(text(json, "traceId"))
          .spanId(text(json, "spanId"))
          .estimated(json.path("estimated").asBoolean())
          .gaps(gaps(json.path("gaps")))
          .maximumOutputTokens(json.path("maximumOutputTokens").asLong())
          .cacheHit(json.path("cacheHit").asBoolean())
          .succeeded(!json.path("failed").asBoolean())
          .usage(UsageJson.usage(json.path("usage")))
          .attributes(attributes(json.path("attributes")))
          .build();
    } catch (IOException | IllegalArgumentException e) {
      throw new LedgerException("a record of the usage ledger cannot be read", e);
    }
  }

  private static void write(JsonGenerator json, Set<UsageGap> gaps) throws IOException {
    if (!gaps.isEmpty()) {
      json.writeArrayFieldStart("gaps");
      for (UsageGap gap : gaps) {
        json.writeString(gap.name());
      }
      json.writeEndArray();
    }
  }

  private static Set<UsageGap> gaps(JsonNode names) {
    Set<UsageGap> gaps = EnumSet.noneOf(UsageGap.class);
    names.forEach(name -> gaps.add(UsageGap.valueOf(name.textValue())));
    return gaps;
  }

  private static void write(JsonGenerator json, Attributes attributes) throws IOException {
    if (attributes.isEmpty()) {
      return;
    }
    json.writeObjectFieldStart("attributes");
    for (Map.Entry<String, Object> attribute : attributes.asMap().entrySet()) {
      json.writeFieldName(attribute.getKey());
      Object value = attribute.getValue();
      if (value instanceof Boolean flag) {
        json.writeBoolean(flag);
      } else if (value instanceof Long number) {
        json.writeNumber(number);
      } else if (value instanceof Double number && Double.isFinite(number)) {
        json.writeNumber(number);
      } else if (value instanceof Double number) {
        json.writeStartObject();
        json.writeStringField(DOUBLE, number.toString());
        json.writeEndObject();
      } else if (value instanceof List<?> list) {
        json.writeStartArray();
        for (Object each : list) {
          json.writeString(String.valueOf(each));
        }
        json.writeEndArray();
      } else {
        json.writeString(value.toString());
      }
    }
    json.writeEndObject();
  }

  private static Attributes attributes(JsonNode json) {
    Attributes.Builder attributes = Attributes.builder();
    json.properties().forEach(each -> attributes.put(each.getKey(), attribute(each.getValue())));
    return attributes.build();
  }

  private static Object attribute(JsonNode value) {
    if (value.isBoolean()) {
      return value.booleanValue();
    }
    if (value.isIntegralNumber()) {
      return value.longValue();
    }
    if (value.isNumber()) {
      return value.doubleValue();
    }
    if (value.isObject()) {
      return Double.valueOf(value.required(DOUBLE).textValue());
    }
    if (value.isArray()) {
      List<String> texts = new ArrayList<>();
      value.forEach(each -> texts.add(each.textValue()));
      return texts;
    }
    return value.textValue();
  }

  private static void write(JsonGenerator json, String name, @Nullable Cost cost)
      throws IOException {
    if (cost != null) {
      json.writeStringField(name, cost.usd().toString());
    }
  }

  private static void write(JsonGenerator json, String name, @Nullable String text)
      throws IOException {
    if (text != null) {
      json.writeStringField(name, text);
    }
  }

  private static void write(JsonGenerator json, String name, boolean flag) throws IOException {
    if (flag) {
      json.writeBooleanField(name, true);
    }
  }

  private static void write(JsonGenerator json, String name, long tokens) throws IOException {
    if (tokens != 0) {
      json.writeNumberField(name, tokens);
    }
  }

  private static @Nullable Cost cost(JsonNode json, String name) {
    String text = text(json, name);
    return text == null ? null : Cost.usd(text);
  }

  private static @Nullable String text(JsonNode json, String name) {
    return json.path(name).textValue();
  }
}

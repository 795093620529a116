package dev.agentops.tracing;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.agentops.Attributes;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a span or a score as one JSON object on one line, and reads it back: what stores and files
 * keep. Thread-safe.
 *
 * <p>Nothing is lost, with these exceptions. Of input, output and metadata, texts, truth values,
 * numbers, lists and maps with texts as keys come back equal; any other object comes back as its
 * {@code toString()}, sets and arrays as lists. Structures that are nested deeper than {@value
 * PayloadJson#MAXIMUM_DEPTH} levels, as cyclic ones are, and what is beyond the {@value
 * PayloadJson#MAXIMUM_ELEMENTS}th element or the {@value PayloadJson#MAXIMUM_CHARACTERS}th
 * character, are cut, and marked as {@value PayloadJson#CUT}. In names of attributes and of a map,
 * lone surrogates become U+FFFD.
 *
 * <p>What JSON cannot tell apart is an object with one name that begins with a dollar sign, as in
 * {@code {"$long":5}}, {@code {"$decimal":"1.20"}} or {@code {"$double":"NaN"}}; names that begin
 * so themselves get a second one. An attribute that is the same text as the input or the output is
 * <code>{"$same":"input"}</code>.
 */
public final class SpanJson {

  private static final int VERSION = 1;
  private static final int QUOTED = 100;

  /** Texts shorter than this are not worth a reference. */
  private static final int SHORTEST_SHARED = 64;

  private static final String SAME = "$same";
  private static final String ATTRIBUTES = "attributes";

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder() // what was written must be readable
                          .maxStringLength(Integer.MAX_VALUE)
                          .maxNameLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private SpanJson() {}

  /** The span as JSON, without a line break. Does not throw, whatever objects are on the span. */
  public static String write(Span span) {
    Map<String, @Nullable Object> json = head("span");
    json.put("trace_id", span.traceId());
    json.put("span_id", span.spanId());
    putIfPresent(json, "parent_span_id", span.parentSpanId());
    json.put("agent", span.agentName());
    json.put("action", span.action());
    json.put("name", span.name());
    json.put("kind", span.kind().name());
    json.put("status", span.status().name());
    putIfPresent(json, "error", span.error());
    json.put("start", span.startTime().toString());
    json.put("duration_nanos", span.duration().toNanos());
    Object input = PayloadJson.plain(span.input());
    Object output = PayloadJson.plain(span.output());
    putIfPresent(json, "input", input);
    putIfPresent(json, "output", output);
    if (!span.metadata().isEmpty()) {
      json.put("metadata", PayloadJson.plain(span.metadata()));
    }
    json.put(ATTRIBUTES, plain(span.attributes(), input, output));
    if (span.droppedAttributes() > 0) {
      json.put("dropped_attributes", span.droppedAttributes());
    }
    if (!span.events().isEmpty()) {
      json.put("events", span.events().stream().map(SpanJson::plain).toList());
    }
    if (span.droppedEvents() > 0) {
      json.put("dropped_events", span.droppedEvents());
    }
    if (!span.links().isEmpty()) {
      json.put("links", span.links().stream().map(SpanJson::plain).toList());
    }
    return text(json);
  }

  /** The score as JSON, without a line break. */
  public static String write(Score score) {
    Map<String, @Nullable Object> json = head("score");
    json.put("trace_id", score.traceId());
    putIfPresent(json, "span_id", score.spanId().orElse(null));
    json.put("name", score.name());
    putIfPresent(json, "value", score.value().orElse(null));
    putIfPresent(json, "label", score.label().orElse(null));
    putIfPresent(json, "comment", score.comment().orElse(null));
    putIfPresent(json, "time", score.timestamp().map(Instant::toString).orElse(null));
    return text(json);
  }

  /**
   * The span that was written. Fields that are not known are ignored.
   *
   * @throws IllegalArgumentException if it is not a span of a version up to {@value #VERSION};
   *     quotes the beginning
   */
  public static Span read(String json) {
    try {
      return span(parse("span", json));
    } catch (JsonProcessingException | DateTimeException | IllegalArgumentException e) {
      throw invalid("span", json, e);
    }
  }

  /**
   * The score that was written. Fields that are not known are ignored.
   *
   * @throws IllegalArgumentException if it is not a score of a version up to {@value #VERSION};
   *     quotes the beginning
   */
  public static Score readScore(String json) {
    try {
      return score(parse("score", json));
    } catch (JsonProcessingException | DateTimeException | IllegalArgumentException e) {
      throw invalid("score", json, e);
    }
  }

  private static Map<String, @Nullable Object> head(String type) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("v", VERSION);
    json.put("type", type);
    return json;
  }

  private static void putIfPresent(
      Map<String, @Nullable Object> json, String name, @Nullable Object value) {
    if (value != null) {
      json.put(name, value);
    }
  }

  private static Map<String, Object> plain(
      Attributes attributes, @Nullable Object input, @Nullable Object output) {
    Map<String, Object> json = new LinkedHashMap<>();
    attributes.forEach(
        (anyName, value) -> {
          String name = PayloadJson.plainName(anyName);
          boolean shareable = value instanceof String text && text.length() >= SHORTEST_SHARED;
          if (shareable && value.equals(input)) {
            json.put(name, Map.of(SAME, "input"));
          } else if (shareable && value.equals(output)) {
            json.put(name, Map.of(SAME, "output"));
          } else {
            json.put(name, PayloadJson.plainAttribute(value));
          }
        });
    return json;
  }

  private static Map<String, Object> plain(SpanEvent event) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("name", event.name());
    json.put("time", event.timestamp().toString());
    json.put(ATTRIBUTES, plain(event.attributes(), null, null));
    return json;
  }

  private static Map<String, Object> plain(SpanLink link) {
    Map<String, Object> json = new LinkedHashMap<>();
    json.put("trace_id", link.traceId());
    json.put("span_id", link.spanId());
    json.put(ATTRIBUTES, plain(link.attributes(), null, null));
    return json;
  }

  private static String text(Map<String, @Nullable Object> json) {
    try {
      return escapeLoneSurrogates(MAPPER.writeValueAsString(json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts, numbers, lists and maps can be written", e);
    }
  }

  /** A lone surrogate would become a question mark as soon as the text is encoded. */
  private static String escapeLoneSurrogates(String json) {
    StringBuilder escaped = null;
    int from = 0;
    for (int i = 0; i < json.length(); i++) {
      char c = json.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < json.length()
          && Character.isLowSurrogate(json.charAt(i + 1))) {
        i++;
        continue;
      }
      escaped = escaped == null ? new StringBuilder(json.length() + 16) : escaped;
      escaped.append(json, from, i).append("\\u").append(Integer.toHexString(c));
      from = i + 1;
    }
    return escaped == null ? json : escaped.append(json, from, json.length()).toString();
  }

  private static JsonNode parse(String type, String text) throws JsonProcessingException {
    JsonNode json = MAPPER.readTree(text);
    String actual = json.path("type").asText();
    if (!type.equals(actual)) {
      throw new IllegalArgumentException("its type is '" + actual + "'");
    }
    int version = json.path("v").asInt();
    if (version < 1 || version > VERSION) {
      throw new IllegalArgumentException("its version is " + version + ", not " + VERSION);
    }
    return json;
  }

  private static IllegalArgumentException invalid(String type, String json, Exception cause) {
    String beginning = json.length() <= QUOTED ? json : json.substring(0, QUOTED) + "...";
    String reason =
        cause instanceof JsonProcessingException syntax
            ? syntax.getOriginalMessage()
            : cause.getMessage();
    return new IllegalArgumentException(
        "not a " + type + ": '" + beginning + "': " + reason, cause);
  }

  private static Span span(JsonNode json) {
    Object input = PayloadJson.read(json.path("input"));
    Object output = PayloadJson.read(json.path("output"));
    Span.Builder span =
        Span.builder()
            .traceId(required(json, "trace_id"))
            .spanId(required(json, "span_id"))
            .parentSpanId(optional(json, "parent_span_id"))
            .agentName(required(json, "agent"))
            .action(required(json, "action"))
            .name(required(json, "name"))
            .kind(oneOf(SpanKind.class, json, "kind"))
            .status(oneOf(SpanStatus.class, json, "status"))
            .error(optional(json, "error"))
            .startTime(Instant.parse(required(json, "start")))
            .durationNanos(json.path("duration_nanos").asLong())
            .input(input)
            .output(output)
            // as those of a scope, since there they have no bound: they had theirs when written
            .scopeAttributes(attributes(json.path(ATTRIBUTES), input, output))
            .droppedAttributes(json.path("dropped_attributes").asInt())
            .droppedEvents(json.path("dropped_events").asInt());
    if (PayloadJson.read(json.path("metadata")) instanceof Map<?, ?> map) {
      Map<String, @Nullable Object> metadata = new LinkedHashMap<>();
      map.forEach((name, value) -> metadata.put((String) name, value));
      span.metadata(metadata);
    }
    for (JsonNode event : json.path("events")) {
      span.event(
          new SpanEvent(
              required(event, "name"),
              Instant.parse(required(event, "time")),
              attributes(event.path(ATTRIBUTES), null, null)));
    }
    for (JsonNode link : json.path("links")) {
      span.link(
          new SpanLink(
              required(link, "trace_id"),
              required(link, "span_id"),
              attributes(link.path(ATTRIBUTES), null, null)));
    }
    return span.build();
  }

  private static Score score(JsonNode json) {
    Score.Builder score =
        Score.builder(required(json, "trace_id"), required(json, "name"))
            .spanId(optional(json, "span_id"))
            .label(optional(json, "label"))
            .comment(optional(json, "comment"));
    if (json.has("value")) {
      score.value(json.get("value").asDouble());
    }
    String time = optional(json, "time");
    return score.timestamp(time == null ? null : Instant.parse(time)).build();
  }

  private static String required(JsonNode json, String field) {
    String value = optional(json, field);
    if (value == null) {
      throw new IllegalArgumentException("there is no '" + field + "'");
    }
    return value;
  }

  private static @Nullable String optional(JsonNode json, String field) {
    return json.path(field).textValue();
  }

  private static <E extends Enum<E>> E oneOf(Class<E> type, JsonNode json, String field) {
    return Enum.valueOf(type, required(json, field));
  }

  private static Attributes attributes(
      JsonNode json, @Nullable Object input, @Nullable Object output) {
    Attributes.Builder attributes = Attributes.builder();
    json.properties()
        .forEach(
            entry -> {
              String same = entry.getValue().path(SAME).asText();
              Object value =
                  switch (same) {
                    case "input" -> input;
                    case "output" -> output;
                    default -> PayloadJson.readAttribute(entry.getValue());
                  };
              if (value != null && !entry.getKey().isBlank()) {
                attributes.put(entry.getKey(), value);
              }
            });
    return attributes.build();
  }
}

package dev.agentops.usage;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Reads from a body the few fields that tell its usage, and steps over the rest, which may be
 * megabytes: what it keeps is small whatever the body holds.
 */
final class BodyParser {

  /** Objects that tell counts: kept whole. */
  private static final Set<String> KEPT =
      Set.of(
          "usage",
          "usageMetadata",
          "usage_info",
          "tokenUsage",
          "meta",
          "serviceTier",
          "performanceConfig",
          "amazon-bedrock-invocationMetrics");

  /** Plain values. */
  private static final Set<String> VALUES =
      Set.of(
          "model",
          "modelVersion",
          "type",
          "container_id",
          "service_tier",
          "prompt_token_count",
          "generation_token_count",
          "inputTextTokenCount",
          "tokenCount",
          "prompt_eval_count",
          "eval_count");

  /** Objects in which the fields of a body may be. */
  static final List<String> ENVELOPES =
      List.of("message", "response", "result", "metadata", "x_groq");

  /** What the provider's tool has done, and what it has looked for. */
  private static final Set<String> PARTS = Set.of("action", "groundingMetadata");

  /** Lists of things that are counted. */
  private static final Set<String> LISTS =
      Set.of("output", "data", "results", "candidates", "webSearchQueries");

  private static final int DEEPEST = 4;
  private static final int LONGEST_LIST = 10_000;

  private static final ObjectMapper MAPPER =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final JsonFactory JSON = MAPPER.getFactory();

  private BodyParser() {}

  /** Hands over each JSON object of the text: one, several in a row, or those of an array. */
  static void parse(String text, Consumer<ObjectNode> bodies) {
    try (JsonParser parser = JSON.createParser(text)) {
      for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
        if (token == JsonToken.START_OBJECT) {
          bodies.accept(object(parser, 0));
        } else if (token != JsonToken.START_ARRAY && token != JsonToken.END_ARRAY) {
          throw new IllegalArgumentException("not a body in JSON: " + Fields.shown(text));
        }
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("not a body in JSON: " + Fields.shown(text), e);
    }
  }

  private static ObjectNode object(JsonParser parser, int depth) throws IOException {
    ObjectNode kept = MAPPER.createObjectNode();
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String name = parser.currentName();
      JsonToken value = parser.nextToken();
      if (KEPT.contains(name) && value == JsonToken.START_OBJECT) {
        kept.set(name, MAPPER.<JsonNode>readTree(parser));
      } else if (VALUES.contains(name) && value.isScalarValue()) {
        kept.set(name, MAPPER.<JsonNode>readTree(parser));
      } else if ((ENVELOPES.contains(name) || PARTS.contains(name))
          && value == JsonToken.START_OBJECT
          && depth < DEEPEST) {
        kept.set(name, object(parser, depth + 1));
      } else if (LISTS.contains(name) && value == JsonToken.START_ARRAY && depth < DEEPEST) {
        kept.set(name, list(parser, depth + 1));
      } else if (value != JsonToken.VALUE_NULL) {
        mark(kept, name);
        parser.skipChildren();
      }
    }
    return kept;
  }

  /** Of some fields it matters that they are there, not what they hold. */
  private static void mark(ObjectNode kept, String name) {
    switch (name) {
      case "b64_json", "url" -> kept.put("image", true);
      case "document_annotation" -> kept.put(name, true);
      default -> {}
    }
  }

  private static ArrayNode list(JsonParser parser, int depth) throws IOException {
    ArrayNode kept = MAPPER.createArrayNode();
    for (JsonToken token = parser.nextToken();
        token != null && token != JsonToken.END_ARRAY;
        token = parser.nextToken()) {
      if (kept.size() == LONGEST_LIST) {
        parser.skipChildren();
      } else if (token == JsonToken.START_OBJECT) {
        kept.add(object(parser, depth));
      } else if (token == JsonToken.VALUE_STRING) {
        kept.add(parser.getText());
      } else {
        parser.skipChildren();
      }
    }
    return kept;
  }
}

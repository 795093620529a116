package dev.agentops.examples.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.BooleanNode;
import com.fasterxml.jackson.databind.node.DecimalNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.LongNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A filler of JSON schemas with what a text says. Numbers are used up in the order they stand in
 * the text, so one filler serves one object.
 */
final class SchemaFiller {
  private static final int MAX_DEPTH = 16;

  private final ValueFinder values;
  private final String prose;
  private JsonNode root = JsonNodeFactory.instance.missingNode();

  /**
   * Creates a filler.
   *
   * @param text where the values come from
   * @param prose what to write where a schema asks for an answer in words
   */
  SchemaFiller(String text, String prose) {
    this.values = new ValueFinder(text);
    this.prose = prose;
  }

  /** Returns a value that is valid for a whole document's schema. */
  JsonNode document(JsonNode schema) {
    root = schema;
    return fill("", schema, 0);
  }

  /** Returns a valid value, empty or zero where the text does not say one. */
  JsonNode fill(String name, JsonNode schema) {
    return fill(name, schema, 0);
  }

  /** Returns the value the text says, if it says one. */
  Optional<JsonNode> find(String name, JsonNode schema) {
    if (schema.has("enum")) {
      return allowed(schema).stream().filter(v -> values.mentions(v.asText())).findFirst();
    }
    String type = type(schema);
    return switch (type) {
      case "integer", "number" -> values.number(name).map(n -> number(type, n));
      case "boolean" -> values.flag(name).map(BooleanNode::valueOf);
      case "string" ->
          values.string(name, schema.path("description").asText()).map(TextNode::valueOf);
      default -> Optional.empty();
    };
  }

  private JsonNode fill(String name, JsonNode declared, int depth) {
    JsonNode schema = resolve(declared);
    if (schema.has("const")) {
      return schema.get("const");
    }
    if (schema.has("enum")) {
      return find(name, schema).orElseGet(() -> allowed(schema).get(0));
    }
    String type = type(schema);
    return switch (type) {
      case "object" -> object(schema, depth);
      case "array" -> array(name, schema, depth);
      case "integer", "number" -> find(name, schema).orElseGet(() -> least(type, schema));
      case "boolean" -> find(name, schema).orElse(BooleanNode.FALSE);
      case "null" -> JsonNodeFactory.instance.nullNode();
      default ->
          ValueFinder.isProse(name) && !prose.isEmpty()
              ? TextNode.valueOf(prose)
              : find(name, schema).orElseGet(() -> TextNode.valueOf(""));
    };
  }

  private ObjectNode object(JsonNode schema, int depth) {
    ObjectNode object = Json.MAPPER.createObjectNode();
    if (depth < MAX_DEPTH) {
      for (var property : schema.path("properties").properties()) {
        object.set(property.getKey(), fill(property.getKey(), property.getValue(), depth + 1));
      }
    }
    return object;
  }

  private ArrayNode array(String name, JsonNode schema, int depth) {
    ArrayNode array = Json.MAPPER.createArrayNode();
    JsonNode items = resolve(schema.path("items"));
    if (items.has("enum")) {
      allowed(items).stream().filter(v -> values.mentions(v.asText())).forEach(array::add);
    } else if (type(items).equals("string")) {
      values.list(name).forEach(array::add);
    } else if (depth < MAX_DEPTH && type(items).equals("object")) {
      array.add(fill(name, items, depth + 1));
    } else {
      find(name, items).ifPresent(array::add);
    }
    while (array.size() < schema.path("minItems").asInt() && depth < MAX_DEPTH) {
      array.add(fill(name, items, depth + 1));
    }
    return array;
  }

  /** Follows a reference into the document and takes the first alternative that is not null. */
  private JsonNode resolve(JsonNode schema) {
    JsonNode result = schema;
    for (int i = 0; i < MAX_DEPTH; i++) {
      if (result.has("$ref")) {
        result = root.at(result.get("$ref").asText().replaceFirst("^#", ""));
      } else if (result.has("anyOf") || result.has("oneOf")) {
        JsonNode options = result.has("anyOf") ? result.get("anyOf") : result.get("oneOf");
        JsonNode first = options.path(0);
        result = first.path("type").asText().equals("null") ? options.path(1) : first;
      } else {
        return result;
      }
    }
    return result;
  }

  /** Returns the type, of several the first; a schema with properties is an object. */
  private static String type(JsonNode schema) {
    JsonNode type = schema.path("type");
    if (type.isArray()) {
      return type.path(0).asText();
    }
    return type.isMissingNode() && schema.has("properties") ? "object" : type.asText();
  }

  private static List<JsonNode> allowed(JsonNode schema) {
    List<JsonNode> allowed = new ArrayList<>();
    schema.get("enum").forEach(allowed::add);
    return allowed;
  }

  private static JsonNode least(String type, JsonNode schema) {
    return number(type, schema.path("minimum").decimalValue());
  }

  private static JsonNode number(String type, BigDecimal value) {
    return type.equals("integer")
        ? LongNode.valueOf(value.longValue())
        : DecimalNode.valueOf(value);
  }
}

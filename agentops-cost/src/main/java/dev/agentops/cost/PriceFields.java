package dev.agentops.cost;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a price file; a bad one is named with the file, the line where it is known,
 * the place and the value. Not thread-safe.
 */
final class PriceFields {

  private final String file;
  private final Map<JsonNode, Integer> lines;

  /** Of the object that was checked last, for what has no line of its own. */
  private @Nullable Integer line;

  /**
   * Fields of a file.
   *
   * @param lines of the nodes, by identity; empty where they are not known
   */
  PriceFields(String file, Map<JsonNode, Integer> lines) {
    this.file = file;
    this.lines = lines;
  }

  String text(JsonNode node, String field, String where) {
    if (!node.path(field).isTextual() || node.path(field).asText().isBlank()) {
      throw malformed(where, field, node.path(field));
    }
    return node.path(field).asText();
  }

  /** The texts in a list; a missing one is empty. */
  List<String> texts(JsonNode node, String field, String where) {
    List<String> texts = new ArrayList<>();
    if (node.has(field)) {
      for (JsonNode element : array(node, field, where)) {
        if (!element.isTextual() || element.textValue().isBlank()) {
          throw malformed(where, field, element);
        }
        texts.add(element.textValue());
      }
    }
    return texts;
  }

  /** A decimal that is not negative and not absurd. */
  BigDecimal amount(JsonNode node, String where, String what) {
    if (!node.isNumber() || !Rate.plausible(node.decimalValue())) {
      throw malformed(where, what, node);
    }
    return node.decimalValue();
  }

  JsonNode array(JsonNode node, String field, String where) {
    JsonNode array = node.path(field);
    if (!array.isArray()) {
      throw malformed(where, field, array);
    }
    return array;
  }

  /** The object in a field; a missing one is empty. */
  JsonNode object(JsonNode node, String field, String where) {
    JsonNode object = node.path(field);
    if (!object.isObject() && !object.isMissingNode()) {
      throw malformed(where, field, object);
    }
    return object;
  }

  /** A field that is ignored would make a price wrong in silence. */
  void check(JsonNode node, Set<String> known, String where) {
    line = lines.getOrDefault(node, line);
    if (!node.isObject()) {
      throw malformed(where, "object", node);
    }
    for (Map.Entry<String, JsonNode> entry : node.properties()) {
      if (!known.contains(entry.getKey())) {
        throw malformed(where, "field '" + entry.getKey() + "'", entry.getValue());
      }
    }
  }

  IllegalArgumentException malformed(String where, String what, String value) {
    return malformed(where, what, JsonNodeFactory.instance.textNode(value));
  }

  IllegalArgumentException malformed(String where, String what, JsonNode value) {
    line = lines.getOrDefault(value, line);
    return refused(where, "bad " + what + ": " + (value.isMissingNode() ? "missing" : value));
  }

  IllegalArgumentException refused(String where, String why) {
    String place = line == null ? where : "line " + line + ", " + where;
    return new IllegalArgumentException("price file '" + file + "', " + place + ": " + why);
  }
}

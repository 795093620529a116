package dev.agentops.cache;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Texts, truth values, numbers, and lists and maps of these, as JSON and back without loss: what
 * JSON would make another type of is refused.
 */
final class PlainData {

  private static final int MAXIMUM_DEPTH = 32;

  private PlainData() {}

  /**
   * Writes a map as an object.
   *
   * @throws IOException if something in it is not plain data; the message names its class
   */
  static void write(JsonGenerator json, Map<?, ?> map) throws IOException {
    write(json, map, 0);
  }

  /** The map of such an object. */
  static Map<String, Object> object(JsonNode json) throws IOException {
    Map<String, Object> map = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      Object value = value(field.getValue());
      if (value != null) {
        map.put(field.getKey(), value);
      }
    }
    return map;
  }

  private static void write(JsonGenerator json, @Nullable Object value, int depth)
      throws IOException {
    if (depth > MAXIMUM_DEPTH) {
      throw new IOException("nested deeper than " + MAXIMUM_DEPTH);
    } else if (value instanceof String text) {
      json.writeString(text);
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Integer number) {
      json.writeNumber(number);
    } else if (value instanceof Double number && Double.isFinite(number)) {
      json.writeNumber(number);
    } else if (value instanceof List<?> list) {
      json.writeStartArray();
      for (Object each : list) {
        write(json, each, depth + 1);
      }
      json.writeEndArray();
    } else if (value instanceof Map<?, ?> map) {
      json.writeStartObject();
      for (Map.Entry<?, ?> entry : map.entrySet()) {
        json.writeFieldName(name(entry.getKey()));
        write(json, entry.getValue(), depth + 1);
      }
      json.writeEndObject();
    } else if (value instanceof Long number && number.intValue() != number) {
      json.writeNumber(number); // a smaller one would come back as an Integer
    } else {
      throw new IOException(
          "not plain data: " + (value == null ? "null" : "a " + value.getClass().getName()));
    }
  }

  private static String name(@Nullable Object key) throws IOException {
    if (key instanceof String name) {
      return name;
    }
    throw new IOException("not the name of a value: " + key);
  }

  private static @Nullable Object value(JsonNode json) throws IOException {
    if (json.isTextual()) {
      return json.textValue();
    } else if (json.isBoolean()) {
      return json.booleanValue();
    } else if (json.isInt() || json.isLong()) {
      return json.numberValue();
    } else if (json.isDouble()) {
      return json.doubleValue();
    } else if (json.isArray()) {
      List<@Nullable Object> list = new ArrayList<>();
      for (JsonNode each : json) {
        list.add(value(each));
      }
      return list;
    } else if (json.isObject()) {
      return object(json);
    }
    throw new IOException("not plain data: " + json.getNodeType());
  }
}

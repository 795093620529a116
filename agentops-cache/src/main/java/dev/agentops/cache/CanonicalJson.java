package dev.agentops.cache;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads JSON into values that are equal where the JSON means the same: white space, the order of
 * fields, escapes and the spelling of a number ({@code 1}, {@code 1.0}, {@code 10e-1}) make no
 * difference; a missing field and one that is {@code null} do, and so do {@code 1} and {@code "1"}.
 */
final class CanonicalJson {

  private static final ObjectReader READER =
      JsonMapper.builder()
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build()
          .readerFor(JsonNode.class)
          .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);

  private CanonicalJson() {}

  /**
   * Maps, lists and scalars; nothing is an object without fields, and text that is not JSON, or has
   * a field twice, counts as it is spelt.
   */
  static @Nullable Object of(@Nullable String json) {
    if (json == null || json.isBlank()) {
      return Map.of();
    }
    try {
      return value(READER.readValue(json));
    } catch (JsonProcessingException e) {
      return Map.of(1, json); // no field has a number for a name
    }
  }

  private static @Nullable Object value(JsonNode node) {
    return switch (node.getNodeType()) {
      case OBJECT -> {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        node.properties().forEach(field -> fields.put(field.getKey(), value(field.getValue())));
        yield fields;
      }
      case ARRAY -> {
        List<@Nullable Object> elements = new ArrayList<>(node.size());
        node.forEach(element -> elements.add(value(element)));
        yield elements;
      }
      case NUMBER -> node.decimalValue().stripTrailingZeros();
      case BOOLEAN -> node.booleanValue();
      case STRING -> node.textValue();
      default -> null;
    };
  }
}

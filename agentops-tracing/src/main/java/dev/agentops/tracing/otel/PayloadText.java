package dev.agentops.tracing.otel;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes the objects that callers put on spans for people to read in a back end: a text as it is,
 * maps and lists as plain JSON, anything else as its {@code toString()}. Never throws, whatever
 * they are; what is too deep, as cyclic structures are, or too much is cut and marked.
 */
final class PayloadText {

  private static final int MAXIMUM_DEPTH = 32;
  private static final int MAXIMUM_ELEMENTS = 10_000;
  private static final String CUT = "(cut)";

  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private int elements = MAXIMUM_ELEMENTS;

  private PayloadText() {}

  static String of(Object value) {
    Object plain = new PayloadText().plain(value, 0);
    return plain instanceof String text ? text : json(plain);
  }

  /** JSON of texts, numbers, truth values, lists and maps. */
  static String json(@Nullable Object plain) {
    try {
      return JSON.writeValueAsString(plain);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts, numbers, lists and maps can be written", e);
    }
  }

  /** The tree where the text is a JSON object or array; null for any other. */
  static @Nullable JsonNode tree(@Nullable Object text) {
    if (text instanceof String json && (json.startsWith("{") || json.startsWith("["))) {
      try {
        return JSON.readTree(json);
      } catch (JsonProcessingException e) {
        return null;
      }
    }
    return null;
  }

  private @Nullable Object plain(@Nullable Object value, int depth) {
    try {
      if (value == null || value instanceof Number || value instanceof Boolean) {
        return isReadableNumber(value) ? value : String.valueOf(value);
      }
      if (value instanceof Map<?, ?> map) {
        return depth == MAXIMUM_DEPTH ? CUT : plainMap(map, depth);
      }
      if (value instanceof Collection<?> list) {
        return depth == MAXIMUM_DEPTH ? CUT : plainList(list, depth);
      }
      if (value instanceof Object[] array) {
        return depth == MAXIMUM_DEPTH ? CUT : plainList(Arrays.asList(array), depth);
      }
      return value.toString();
    } catch (Throwable t) { // thrown by a caller's own class, or it changed while it was read
      return "(cannot be written: " + t.getClass().getName() + ')';
    }
  }

  /** JSON has no NaN. */
  private static boolean isReadableNumber(@Nullable Object value) {
    return !(value instanceof Number number) || Double.isFinite(number.doubleValue());
  }

  private Map<String, @Nullable Object> plainMap(Map<?, ?> map, int depth) {
    Map<String, @Nullable Object> plain = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (--elements < 0) {
        plain.put(CUT, CUT);
        break;
      }
      plain.put(String.valueOf(entry.getKey()), plain(entry.getValue(), depth + 1));
    }
    return plain;
  }

  private List<@Nullable Object> plainList(Collection<?> list, int depth) {
    List<@Nullable Object> plain = new ArrayList<>();
    for (Object element : list) {
      if (--elements < 0) {
        plain.add(CUT);
        break;
      }
      plain.add(plain(element, depth + 1));
    }
    return plain;
  }
}

package dev.agentops.console;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Writes JSON that stays harmless wherever it is pasted, from values that may be anything. */
final class Json {

  /** Longer texts are cut; the rest is only counted. */
  static final int MAX_TEXT = 20_000;

  private static final int MAX_DEPTH = 8;
  private static final int MAX_ENTRIES = 200;
  private static final ObjectMapper MAPPER = JsonMapper.builder().build();

  private Json() {}

  static byte[] write(Object value) throws JsonProcessingException {
    // these occur only inside of texts, where an escape means the same
    String json =
        MAPPER
            .writeValueAsString(value)
            .replace("<", "\\u003c")
            .replace(">", "\\u003e")
            .replace("&", "\\u0026")
            .replace("\u2028", "\\u2028")
            .replace("\u2029", "\\u2029");
    return json.getBytes(StandardCharsets.UTF_8);
  }

  /**
   * The value with nothing in it but maps, lists, numbers, booleans and texts of bounded length, to
   * a bounded depth.
   */
  static @Nullable Object plain(@Nullable Object value) {
    return plain(value, 0);
  }

  private static @Nullable Object plain(@Nullable Object value, int depth) {
    if (value == null || value instanceof Boolean || isPlainNumber(value)) {
      return value;
    }
    try {
      if (value instanceof Map<?, ?> map && depth < MAX_DEPTH) {
        Map<String, @Nullable Object> plain = new LinkedHashMap<>();
        map.entrySet().stream()
            .limit(MAX_ENTRIES)
            .forEach(e -> plain.put(text(e.getKey()), plain(e.getValue(), depth + 1)));
        return plain;
      }
      if (value instanceof Collection<?> list && depth < MAX_DEPTH) {
        return list.stream().limit(MAX_ENTRIES).map(item -> plain(item, depth + 1)).toList();
      }
    } catch (Throwable t) { // the agent changes it at this moment, or it is broken
      return instead(t);
    }
    return text(value);
  }

  /** What is shown in place of a value that failed to be read. */
  static String instead(Throwable failure) {
    return "(" + failure.getClass().getSimpleName() + ")";
  }

  private static boolean isPlainNumber(Object value) {
    return value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte
        || value instanceof Double
        || value instanceof Float;
  }

  private static String text(@Nullable Object value) {
    String text;
    try {
      text = value instanceof Map || value instanceof Collection ? "..." : String.valueOf(value);
    } catch (Throwable t) { // the value's own toString()
      return instead(t);
    }
    int rest = text.length() - MAX_TEXT;
    return rest <= 0 ? text : text.substring(0, MAX_TEXT) + "... (" + rest + " more characters)";
  }
}

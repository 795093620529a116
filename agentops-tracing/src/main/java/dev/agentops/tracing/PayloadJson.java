package dev.agentops.tracing;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.reflect.Array;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Turns the objects that callers put on spans into what JSON can hold, and back. Never throws,
 * whatever they are. Not thread-safe; one for each object, whose budget it keeps.
 */
final class PayloadJson {

  static final int MAXIMUM_DEPTH = 64;
  static final int MAXIMUM_ELEMENTS = 100_000;
  static final int MAXIMUM_CHARACTERS = 100_000_000;
  static final String CUT = "(cut)";

  private static final String LONG = "$long";
  private static final String DOUBLE = "$double";
  private static final String FLOAT = "$float";
  private static final String DECIMAL = "$decimal";
  private static final String INTEGER = "$integer";

  private int elements = MAXIMUM_ELEMENTS;
  private int characters = MAXIMUM_CHARACTERS;

  private PayloadJson() {}

  /** Texts, truth values, numbers, lists and maps that JSON can hold. */
  static @Nullable Object plain(@Nullable Object value) {
    return new PayloadJson().plain(value, 0);
  }

  /** As {@link #plain}, of a value of an attribute: a whole number needs no mark to be a long. */
  static Object plainAttribute(Object value) {
    return value instanceof Double number ? new PayloadJson().plainNumber(number) : value;
  }

  /** The name, with lone surrogates replaced: in names, parsers refuse them. */
  static String plainName(String name) {
    return name.chars().noneMatch(c -> Character.isSurrogate((char) c))
        ? name
        : new String(name.getBytes(StandardCharsets.UTF_16BE), StandardCharsets.UTF_16BE);
  }

  /** The object that was written; null for JSON's null and for what is missing. */
  static @Nullable Object read(JsonNode json) {
    if (json.isObject()) {
      Object marked = json.size() == 1 ? readMarked(json) : null;
      return marked != null ? marked : readMap(json);
    }
    if (json.isArray()) {
      List<@Nullable Object> list = new ArrayList<>(json.size());
      json.forEach(element -> list.add(read(element)));
      return Collections.unmodifiableList(list);
    }
    if (json.isTextual()) {
      return json.textValue();
    }
    return json.isNumber() ? json.numberValue() : json.isBoolean() ? json.booleanValue() : null;
  }

  /** The value of an attribute that was written; null for JSON's null. */
  static @Nullable Object readAttribute(JsonNode json) {
    return json.isIntegralNumber() ? (Object) json.longValue() : read(json);
  }

  private @Nullable Object plain(@Nullable Object value, int depth) {
    try {
      if (value == null || value instanceof Boolean || value instanceof Integer) {
        return value;
      }
      if (value instanceof Number number) {
        return plainNumber(number);
      }
      if (value instanceof Map<?, ?> map) {
        return plainMap(map, depth);
      }
      if (value instanceof Collection<?> list) {
        return plainList(list, depth);
      }
      if (value.getClass().isArray()) {
        return plainList(new ArrayView(value), depth);
      }
      return plainText(value.toString());
    } catch (Throwable t) { // thrown by a caller's own class, or it changed while it was read
      return "(cannot be written: " + t.getClass().getName() + ')';
    }
  }

  private Object plainNumber(Number number) {
    if (number instanceof Long && number.intValue() == number.longValue()) {
      return Map.of(LONG, number);
    }
    if (number instanceof Long) {
      return number;
    }
    if (number instanceof Short || number instanceof Byte) {
      return number.intValue();
    }
    if (number instanceof Double real) {
      return Double.isFinite(real) ? real : Map.of(DOUBLE, real.toString());
    }
    if (number instanceof Float) {
      return Map.of(FLOAT, number.toString());
    }
    if (number.getClass() == BigDecimal.class) {
      return Map.of(DECIMAL, number.toString());
    }
    return number.getClass() == BigInteger.class
        ? Map.of(INTEGER, number.toString())
        : plainText(number.toString());
  }

  private Object plainMap(Map<?, ?> map, int depth) {
    if (depth == MAXIMUM_DEPTH) {
      return CUT;
    }
    Map<String, @Nullable Object> plain = new LinkedHashMap<>();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      if (--elements < 0) {
        plain.put(CUT, CUT);
        break;
      }
      String key = plainName(plainText(String.valueOf(entry.getKey())));
      plain.put(key.startsWith("$") ? '$' + key : key, plain(entry.getValue(), depth + 1));
    }
    return plain;
  }

  private Object plainList(Iterable<?> list, int depth) {
    if (depth == MAXIMUM_DEPTH) {
      return CUT;
    }
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

  private String plainText(@Nullable String any) {
    String text = String.valueOf(any);
    if (text.length() <= characters) {
      characters -= text.length();
      return text;
    }
    String beginning = text.substring(0, characters);
    characters = 0;
    return beginning + CUT;
  }

  private static @Nullable Object readMarked(JsonNode json) {
    Map.Entry<String, JsonNode> only = json.properties().iterator().next();
    JsonNode value = only.getValue();
    try {
      return switch (only.getKey()) {
        case LONG -> value.longValue();
        case DOUBLE -> Double.valueOf(value.asText());
        case FLOAT -> Float.valueOf(value.asText());
        case DECIMAL -> new BigDecimal(value.asText());
        case INTEGER -> new BigInteger(value.asText());
        default -> null;
      };
    } catch (NumberFormatException e) { // not written by us: it is a map
      return null;
    }
  }

  private static Map<String, @Nullable Object> readMap(JsonNode json) {
    Map<String, @Nullable Object> map = new LinkedHashMap<>();
    json.properties()
        .forEach(
            entry -> {
              String key = entry.getKey();
              map.put(key.startsWith("$$") ? key.substring(1) : key, read(entry.getValue()));
            });
    return Collections.unmodifiableMap(map);
  }

  /** The elements of an array, of primitives too. */
  private record ArrayView(Object array) implements Iterable<@Nullable Object> {

    @Override
    public Iterator<@Nullable Object> iterator() {
      int length = Array.getLength(array);
      return IntStream.range(0, length)
          .<@Nullable Object>mapToObj(i -> Array.get(array, i))
          .iterator();
    }
  }
}

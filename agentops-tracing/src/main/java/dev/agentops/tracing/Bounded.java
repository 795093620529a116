package dev.agentops.tracing;

import dev.agentops.Attributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Cuts texts that are too long, also those right inside a map, a list or attributes. */
final class Bounded {

  private Bounded() {}

  /** An equal object, if nothing in it is too long; see {@link Payloads#copyOf}. */
  static @Nullable Object of(@Nullable Object value, int longest) {
    if (value instanceof String text) {
      return cut(text, longest);
    }
    try {
      if (value instanceof Map<?, ?> map
          && map.values().stream().anyMatch(v -> isLong(v, longest))) {
        Map<Object, @Nullable Object> copy = new LinkedHashMap<>();
        map.forEach(
            (key, inner) -> copy.put(key, isLong(inner, longest) ? of(inner, longest) : inner));
        return Collections.unmodifiableMap(copy);
      }
      if (value instanceof List<?> list && list.stream().anyMatch(v -> isLong(v, longest))) {
        List<@Nullable Object> copy = new ArrayList<>();
        list.forEach(inner -> copy.add(isLong(inner, longest) ? of(inner, longest) : inner));
        return Collections.unmodifiableList(copy);
      }
    } catch (Throwable t) { // changed while it was read, or broken
      return value;
    }
    return Payloads.copyOf(value);
  }

  static Map<String, Object> copyOf(Map<String, ?> values, int longest) {
    Map<String, Object> copy = new LinkedHashMap<>(values);
    copy.replaceAll((name, value) -> value instanceof String text ? cut(text, longest) : value);
    return Collections.unmodifiableMap(copy);
  }

  static Attributes of(Attributes values, int longest) {
    boolean[] tooLong = {false};
    values.forEach((name, value) -> tooLong[0] |= isLong(value, longest));
    if (!tooLong[0]) {
      return values;
    }
    Attributes.Builder cut = Attributes.builder();
    values.forEach(
        (name, value) -> cut.put(name, value instanceof String text ? cut(text, longest) : value));
    return cut.build();
  }

  private static String cut(String text, int longest) {
    return text.length() <= longest ? text : JsonTruncation.cut(text, longest);
  }

  private static boolean isLong(@Nullable Object value, int longest) {
    return value instanceof String text && text.length() > longest;
  }
}

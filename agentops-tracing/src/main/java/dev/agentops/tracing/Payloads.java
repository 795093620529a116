package dev.agentops.tracing;

import dev.agentops.Attributes;
import java.lang.reflect.Array;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Keeps and measures the objects that callers put on spans. Never throws, whatever they are. */
final class Payloads {

  private static final int MAXIMUM_DEPTH = 8;
  private static final int MAXIMUM_ELEMENTS = 2_000;
  private static final int OBJECT_BYTES = 48;

  /** What an object counts that cannot be looked into. */
  static final int UNKNOWN_OBJECT_BYTES = 1_024;

  /** The longest name of an agent, an action or an attribute, in characters. */
  static final int MAXIMUM_NAME = 256;

  private static final int SAMPLE = 32;

  private Payloads() {}

  /**
   * An equal object that does not change when the caller goes on to use a map, list or set; its
   * elements, and all else, are shared.
   */
  static @Nullable Object copyOf(@Nullable Object value) {
    try {
      if (value instanceof Map<?, ?> map) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(map));
      }
      if (value instanceof List<?> list) {
        return Collections.unmodifiableList(new ArrayList<>(list));
      }
      if (value instanceof Set<?> set) {
        return Collections.unmodifiableSet(new LinkedHashSet<>(set));
      }
    } catch (Throwable t) { // changed while it was read, or broken: it is kept as it is
      return value;
    }
    return value;
  }

  static @Nullable Object read(@Nullable Object kept) {
    return kept instanceof LazyText lazy ? lazy.text() : kept;
  }

  /** As {@link String#isBlank()}, and faster for what is not. */
  static boolean isBlank(String name) {
    return name.isEmpty() || ((name.charAt(0) <= ' ' || name.charAt(0) > '~') && name.isBlank());
  }

  /** The name, without what is beyond the {@value #MAXIMUM_NAME}th character. */
  static String cutName(String name) {
    if (name.length() <= MAXIMUM_NAME) {
      return name;
    }
    boolean splitsPair = Character.isHighSurrogate(name.charAt(MAXIMUM_NAME - 1));
    return name.substring(0, splitsPair ? MAXIMUM_NAME - 1 : MAXIMUM_NAME);
  }

  /**
   * About how much heap a value holds. Large and deep structures, cyclic ones too, are extrapolated
   * from their beginning; of records, the components count; any other object counts as {@value
   * #UNKNOWN_OBJECT_BYTES} bytes.
   */
  static long estimatedBytes(@Nullable Object value) {
    try {
      return new Estimate().of(value, 0);
    } catch (Throwable t) { // changed while it was read, or broken
      return UNKNOWN_OBJECT_BYTES;
    }
  }

  /** The same of attributes, which hold texts, numbers and lists of texts only. */
  static long estimatedBytes(Attributes attributes) {
    long[] bytes = {0};
    attributes.forEach(
        (name, value) ->
            bytes[0] +=
                16
                    + name.length()
                    + (value instanceof String text ? textBytes(text) : estimatedBytes(value)));
    return bytes[0];
  }

  /** One estimate, which looks at a limited number of elements in all. */
  private static final class Estimate {

    private int left = MAXIMUM_ELEMENTS;

    long of(@Nullable Object value, int depth) {
      if (value == null) {
        return 0;
      }
      if (value instanceof LazyText lazy) {
        return lazy.estimatedBytes();
      }
      if (value instanceof CharSequence text) {
        return OBJECT_BYTES + textBytes(text);
      }
      if (depth < MAXIMUM_DEPTH) {
        if (value instanceof Map<?, ?> map) {
          return add(of(map.keySet(), depth), of(map.values(), depth));
        }
        if (value instanceof Collection<?> elements) {
          return elements(elements, elements.size(), depth);
        }
        if (value instanceof Object[] elements) {
          return elements(Arrays.asList(elements), elements.length, depth);
        }
        if (value instanceof Record data) {
          return components(data, depth);
        }
      }
      if (value.getClass().isArray()) {
        return OBJECT_BYTES + 8L * Array.getLength(value);
      }
      return value instanceof Number
              || value instanceof Boolean
              || value instanceof Character
              || value instanceof Enum
          ? OBJECT_BYTES
          : UNKNOWN_OBJECT_BYTES;
    }

    private long components(Record data, int depth) {
      List<@Nullable Object> components = new ArrayList<>();
      try {
        for (RecordComponent component : data.getClass().getRecordComponents()) {
          Method accessor = component.getAccessor();
          if (!accessor.trySetAccessible()) {
            return UNKNOWN_OBJECT_BYTES;
          }
          components.add(accessor.invoke(data));
        }
      } catch (ReflectiveOperationException e) { // what the accessor threw
        return UNKNOWN_OBJECT_BYTES;
      }
      return elements(components, components.size(), depth);
    }

    private long elements(Collection<?> elements, int size, int depth) {
      long bytes = 0;
      int seen = 0;
      for (Object element : elements) {
        if (left <= 0) {
          break;
        }
        left--;
        bytes = add(bytes, add(8, of(element, depth + 1)));
        seen++;
      }
      if (seen == 0) {
        return add(OBJECT_BYTES, Math.max(0, size) * (long) OBJECT_BYTES);
      }
      double all = (double) bytes * Math.max(size, seen) / seen; // cannot overflow
      return add(OBJECT_BYTES, (long) all);
    }

    private static long add(long a, long b) {
      long sum = a + b;
      return sum < 0 ? Long.MAX_VALUE : sum;
    }
  }

  /** One byte a character where the beginning is Latin-1, as the JVM keeps such texts, else two. */
  static long textBytes(CharSequence text) {
    for (int i = 0; i < Math.min(SAMPLE, text.length()); i++) {
      if (text.charAt(i) > 0xff) {
        return 2L * text.length();
      }
    }
    return text.length();
  }
}

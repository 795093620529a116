package dev.agentops.cache;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A SHA-256 over an object graph, equal for equal graphs and different as soon as any field
 * differs.
 *
 * <p>Data classes are read field by field, by reflection: a field that a later version of a class
 * adds is part of the hash without anyone remembering to add it here. What is not known to be data,
 * such as a lambda or a client, is refused rather than skipped. Every value is written with its
 * type and its length, so that no two graphs share a byte sequence. Lists and the maps a subclass
 * names keep their order; other maps and sets have none. Not thread-safe.
 */
class CanonicalHash {

  private static final int MAXIMUM_DEPTH = 64;

  private static final ClassValue<List<Field>> FIELDS =
      new ClassValue<>() {
        @Override
        protected List<Field> computeValue(Class<?> type) {
          return fields(type);
        }
      };

  private final Predicate<Object> data;
  private MessageDigest digest = sha256();
  private int depth;

  /**
   * A hash of nothing yet.
   *
   * @param data whether an object is to be read field by field
   */
  CanonicalHash(Predicate<Object> data) {
    this.data = data;
  }

  /**
   * Adds a value.
   *
   * @throws UnhashableException if something in it is not known to be data
   */
  final void add(@Nullable Object value) {
    if (++depth > MAXIMUM_DEPTH) {
      throw new UnhashableException("nested deeper than " + MAXIMUM_DEPTH + ", or in itself");
    }
    write(value);
    depth--;
  }

  /** What was added, as 64 hexadecimal digits. */
  final String finish() {
    return HexFormat.of().formatHex(digest.digest());
  }

  /** The value to be hashed in place of that of a field. */
  @Nullable Object fieldValue(Field field, @Nullable Object value) {
    return value;
  }

  /** Whether the order of this map's entries means something. */
  boolean ordered(Map<?, ?> map) {
    return false;
  }

  private void write(@Nullable Object value) {
    if (value == null) {
      digest.update((byte) 'N');
    } else if (value instanceof String text) {
      text('S', text);
    } else if (value instanceof Enum<?> constant) {
      named('E', constant.getDeclaringClass().getName(), constant.name());
    } else if (isScalar(value)) {
      named('V', value.getClass().getName(), value.toString());
    } else if (value instanceof byte[] bytes) {
      bytes('B', bytes);
    } else if (value instanceof Map<?, ?> map) {
      map(map);
    } else if (value instanceof Set<?> set) {
      tag('U', set.size());
      unordered(set);
    } else if (value instanceof Collection<?> list) {
      tag('L', list.size());
      list.forEach(this::add);
    } else if (value.getClass().isRecord() || data.test(value)) {
      object(value);
    } else {
      throw new UnhashableException("a " + value.getClass().getName());
    }
  }

  private void map(Map<?, ?> map) {
    if (ordered(map)) {
      tag('O', map.size());
      map.forEach(
          (key, value) -> {
            add(key);
            add(value);
          });
    } else {
      tag('M', map.size());
      List<List<@Nullable Object>> entries = new ArrayList<>();
      map.forEach((key, value) -> entries.add(Arrays.asList(key, value)));
      unordered(entries);
    }
  }

  /** Each element with a digest of its own, in the order of the digests. */
  private void unordered(Collection<?> elements) {
    MessageDigest whole = digest;
    List<byte[]> parts = new ArrayList<>();
    for (Object element : elements) {
      digest = sha256();
      add(element);
      parts.add(digest.digest());
    }
    digest = whole;
    parts.sort(Arrays::compareUnsigned);
    parts.forEach(digest::update);
  }

  private void object(Object object) {
    text('D', object.getClass().getName());
    List<Field> fields = FIELDS.get(object.getClass());
    tag('F', fields.size());
    for (Field field : fields) {
      text('S', field.getName());
      try {
        add(fieldValue(field, field.get(object)));
      } catch (IllegalAccessException e) {
        throw new UnhashableException("unreadable " + field);
      }
    }
  }

  private void named(char tag, String type, String value) {
    text(tag, type);
    text('S', value);
  }

  private void text(char tag, String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    if (new String(utf8, StandardCharsets.UTF_8).equals(text)) {
      bytes(tag, utf8);
    } else { // half a surrogate pair, which UTF-8 would turn into a question mark
      ByteBuffer utf16 = ByteBuffer.allocate(text.length() * 2);
      utf16.asCharBuffer().put(text);
      digest.update((byte) 'W');
      bytes(tag, utf16.array());
    }
  }

  private void bytes(char tag, byte[] bytes) {
    tag(tag, bytes.length);
    digest.update(bytes);
  }

  private void tag(char tag, int length) {
    digest.update(ByteBuffer.allocate(5).put((byte) tag).putInt(length).array());
  }

  private static boolean isScalar(Object value) {
    return value instanceof Boolean
        || value instanceof Integer
        || value instanceof Long
        || value instanceof Double
        || value instanceof Float
        || value instanceof Short
        || value instanceof Byte
        || value instanceof Character
        || value instanceof BigDecimal
        || value instanceof BigInteger
        || value instanceof URI
        || value.getClass().getPackageName().equals("java.time");
  }

  private static List<Field> fields(Class<?> type) {
    List<Field> fields = new ArrayList<>();
    for (Class<?> c = type; c != null && c != Object.class; c = c.getSuperclass()) {
      List<Field> declared = new ArrayList<>(List.of(c.getDeclaredFields()));
      declared.removeIf(field -> Modifier.isStatic(field.getModifiers()) || field.isSynthetic());
      declared.sort(Comparator.comparing(Field::getName)); // the JVM promises no order
      for (Field field : declared) {
        if (!field.trySetAccessible()) {
          throw new UnhashableException("unreadable " + field);
        }
      }
      fields.addAll(declared);
    }
    return List.copyOf(fields);
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every JVM has SHA-256", e);
    }
  }

  /** Something is not known to be data. */
  static final class UnhashableException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    UnhashableException(String message) {
      super(message);
    }
  }
}

package dev.agentops.cache;

import java.lang.reflect.Field;
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
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
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

  private final Predicate<Object> data;
  private HashedBytes out;
  private boolean frozen = true;
  private int depth;

  /**
   * A hash of nothing yet.
   *
   * @param data whether an object is to be read field by field
   */
  CanonicalHash(Predicate<Object> data) {
    this(data, sha256());
  }

  /** A hash by this digest, which nobody else uses before {@link #finish}. */
  CanonicalHash(Predicate<Object> data, MessageDigest digest) {
    this.data = data;
    this.out = new HashedBytes(digest);
  }

  /**
   * Adds a value.
   *
   * @throws UnhashableException if something in it is not known to be data
   */
  final void add(@Nullable Object value) {
    add(value, false);
  }

  /** What was added since the last time, as 32 bytes. */
  final byte[] finish() {
    return out.digest();
  }

  /** What was added since the last time, as 64 hexadecimal digits. */
  final String finishHex() {
    return HexFormat.of().formatHex(finish());
  }

  /** Whether nothing that was added can change, so that it will have the same hash for ever. */
  final boolean isFrozen() {
    return frozen;
  }

  /** The value to be hashed in place of that of a field. */
  @Nullable Object fieldValue(Field field, @Nullable Object value) {
    return value;
  }

  /** The hash of an object, where that is known already; null where it is not. */
  byte @Nullable [] known(Object object) {
    return null;
  }

  /** Whether the order of this map's entries means something. */
  boolean ordered(Map<?, ?> map) {
    return false;
  }

  /**
   * Adds a value; {@code copied} if nobody but its owner holds what is behind an immutable view.
   */
  private void add(@Nullable Object value, boolean copied) {
    if (++depth > MAXIMUM_DEPTH) {
      throw new UnhashableException("nested deeper than " + MAXIMUM_DEPTH + ", or in itself");
    }
    if (value == null) {
      out.put('N');
    } else if (value instanceof String text) {
      text('S', text);
    } else if (value instanceof Enum<?> constant) {
      named('E', constant.getDeclaringClass().getName(), constant.name());
    } else if (value instanceof Boolean truth) {
      out.put(truth ? 'T' : 'F');
    } else if (value instanceof Integer number) {
      out.put('I');
      out.put(number);
    } else if (value instanceof Double number) {
      out.put('D');
      out.put(Double.doubleToLongBits(number));
    } else if (value instanceof byte[] bytes) {
      frozen &= bytes.length == 0;
      bytes('B', bytes);
    } else if (value instanceof Map<?, ?> map) {
      frozen &= Shape.isFrozen(value, copied);
      map(map);
    } else if (value instanceof Collection<?> collection) {
      frozen &= Shape.isFrozen(value, copied);
      collection(collection);
    } else if (isScalar(value)) {
      named('V', value.getClass().getName(), value.toString());
    } else if (value.getClass().isRecord() || data.test(value)) {
      object(value);
    } else {
      throw new UnhashableException("a " + value.getClass().getName());
    }
    depth--;
  }

  private void collection(Collection<?> collection) {
    if (collection instanceof Set<?> set) {
      tag('U', set.size());
      unordered(set);
    } else {
      tag('L', collection.size());
      collection.forEach(this::add);
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
      List<Runnable> entries = new ArrayList<>(map.size());
      map.forEach(
          (key, value) ->
              entries.add(
                  () -> {
                    add(key);
                    add(value);
                  }));
      unorderedParts(entries);
    }
  }

  private void unordered(Collection<?> elements) {
    List<Runnable> parts = new ArrayList<>(elements.size());
    elements.forEach(element -> parts.add(() -> add(element)));
    unorderedParts(parts);
  }

  /** Each part with a digest of its own, in the order of the digests. */
  private void unorderedParts(List<Runnable> parts) {
    if (parts.isEmpty()) {
      return;
    }
    HashedBytes whole = out;
    List<byte[]> digests = new ArrayList<>(parts.size());
    out = new HashedBytes(sha256());
    for (Runnable part : parts) {
      part.run();
      digests.add(out.digest());
    }
    out = whole;
    digests.sort(Arrays::compareUnsigned);
    digests.forEach(out::put);
  }

  private void object(Object object) {
    byte[] known = known(object);
    if (known != null) {
      bytes('K', known);
      return;
    }
    Shape shape = Shape.of(object.getClass());
    frozen &= shape.onlyFinalFields();
    bytes('R', shape.digest());
    for (Field field : shape.fields()) {
      try {
        add(fieldValue(field, field.get(object)), shape.copies());
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
      out.put('W');
      bytes(tag, utf16.array());
    }
  }

  private void bytes(char tag, byte[] bytes) {
    tag(tag, bytes.length);
    out.put(bytes);
  }

  private void tag(char tag, int length) {
    out.put(tag);
    out.put(length);
  }

  private static boolean isScalar(Object value) {
    return value instanceof Long
        || value instanceof Float
        || value instanceof Short
        || value instanceof Byte
        || value instanceof Character
        || value instanceof BigDecimal
        || value instanceof BigInteger
        || value instanceof URI
        || value instanceof UUID
        || value.getClass().getPackageName().equals("java.time");
  }

  static MessageDigest sha256() {
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

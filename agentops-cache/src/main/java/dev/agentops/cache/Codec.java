package dev.agentops.cache;

import com.fasterxml.jackson.core.type.TypeReference;
import java.io.IOException;

/**
 * Turns values into bytes for the levels of a cache that are not in this process, and back.
 *
 * <p>Whatever a codec throws stays inside the cache: a value that does not encode is kept in the
 * local level only, bytes that do not decode are a miss and are deleted. So {@link #decode} should
 * be strict. Implementations are thread-safe.
 *
 * @param <V> the type of the values
 */
public interface Codec<V> {

  /** Text, as UTF-8. Text that holds half of a surrogate pair does not encode. */
  static Codec<String> utf8() {
    return Codecs.UTF_8;
  }

  /**
   * Bytes, as they are. The cache keeps the array itself: neither its giver nor a reader may change
   * it.
   */
  static Codec<byte[]> bytes() {
    return Codecs.BYTES;
  }

  /**
   * Values of a class as JSON, by Jackson: records, beans, collections, {@code java.time}, {@code
   * Optional}, and subtypes that are told by name ({@code @JsonTypeInfo(use = NAME)} with
   * {@code @JsonSubTypes}). What is declared as {@code Object} comes back as maps, lists, text,
   * numbers.
   *
   * <p>The {@link #id} holds the names and types of all properties, so that values which another
   * release of the program has put, whose classes were different, are misses. Properties that
   * cannot be read back, as of getters that compute something, are ignored.
   *
   * @throws IllegalArgumentException if the JSON of the class may name classes ({@code use = CLASS}
   *     or {@code MINIMAL_CLASS}, anywhere in it): whoever can write to a store could have any
   *     class made; or if something in it cannot be read back, as what is declared abstract without
   *     names of its subtypes
   */
  static <V> Codec<V> json(Class<V> type) {
    return JsonCodec.of(type, "");
  }

  /**
   * The same with a version, to be changed when the values mean something else though their classes
   * are the same.
   */
  static <V> Codec<V> json(Class<V> type, String version) {
    return JsonCodec.of(type, version);
  }

  /**
   * As {@link #json(Class)}, for a type with parameters: {@code Codec.json(new
   * TypeReference<List<Answer>>() {})}.
   */
  static <V> Codec<V> json(TypeReference<V> type) {
    return JsonCodec.of(type, "");
  }

  /** As {@link #json(Class, String)}, for a type with parameters. */
  static <V> Codec<V> json(TypeReference<V> type, String version) {
    return JsonCodec.of(type, version);
  }

  /**
   * Names the shape of what {@link #encode} makes; the name of the class unless overridden.
   *
   * <p>Values that a codec of another id has put are misses. So whoever changes what a codec makes
   * such that old bytes no longer fit, changes the id.
   */
  default String id() {
    return getClass().getName();
  }

  /** The bytes of a value, in a new array or one that never changes. */
  byte[] encode(V value) throws IOException;

  /**
   * The value of these bytes.
   *
   * @throws IOException or any other exception if they are not what {@link #encode} makes
   */
  V decode(byte[] bytes) throws IOException;
}

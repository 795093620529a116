package dev.agentops.cache;

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

package dev.agentops.cache.redis;

import java.util.function.Supplier;

/** The library, which may not be on the class path. Stateless. */
final class Lettuce {

  private static final String MISSING =
      "RedisCacheStore needs io.lettuce:lettuce-core on the class path";

  private Lettuce() {}

  /**
   * Does what needs the library.
   *
   * @throws IllegalStateException if it is not there, or not all that it needs itself
   */
  static <T> T use(Supplier<T> work) {
    try {
      Class.forName("io.lettuce.core.RedisClient", false, Lettuce.class.getClassLoader());
      return work.get();
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(MISSING, e);
    } catch (LinkageError e) {
      throw new IllegalStateException(
          MISSING + ", together with all that it depends on: " + e.getMessage(), e);
    }
  }
}

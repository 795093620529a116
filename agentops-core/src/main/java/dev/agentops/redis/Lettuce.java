package dev.agentops.redis;

import java.util.function.Supplier;

/** The library, which may not be on the class path. Stateless. */
public final class Lettuce {

  private Lettuce() {}

  /**
   * Does what needs the library.
   *
   * @param user whose work it is, such as the simple name of a class
   * @throws IllegalStateException if it is not there, or not all that it needs itself
   */
  public static <T> T use(String user, Supplier<T> work) {
    String missing = user + " needs io.lettuce:lettuce-core on the class path";
    try {
      Class.forName("io.lettuce.core.RedisClient", false, Lettuce.class.getClassLoader());
      return work.get();
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(missing, e);
    } catch (LinkageError e) {
      throw new IllegalStateException(
          missing + ", together with all that it depends on: " + e.getMessage(), e);
    }
  }
}

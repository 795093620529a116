package dev.agentops.cache.redis;

import dev.agentops.cache.CacheStoreException;
import dev.agentops.redis.RedisErrors;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What the errors of a server are to a cache. Stateless. */
final class RedisFailures {

  /** A value that is not taken by a server that is well; also told from within a script. */
  private static final Pattern REFUSAL = Pattern.compile("OOM|string exceeds maximum allowed size");

  /** A key that holds what is no value. */
  private static final Pattern FOREIGN = Pattern.compile("^WRONGTYPE");

  private RedisFailures() {}

  static CacheStoreException failure(String name, Throwable thrown) {
    Throwable cause = RedisErrors.cause(thrown);
    String message = name + " failed: " + RedisErrors.reason(cause);
    return RedisErrors.saysServer(cause, REFUSAL)
        ? CacheStoreException.refusing(message, cause)
        : new CacheStoreException(message, cause);
  }

  static boolean isForeign(@Nullable Throwable failure) {
    return failure != null && RedisErrors.saysServer(failure, FOREIGN);
  }
}

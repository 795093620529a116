package dev.agentops.cache.redis;

import dev.agentops.cache.CacheStoreException;
import io.lettuce.core.RedisCommandExecutionException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is to be made of the errors of a server. Stateless. */
final class RedisErrors {

  /** A value that is not taken by a server that is well; also told from within a script. */
  private static final Pattern REFUSAL = Pattern.compile("OOM|string exceeds maximum allowed size");

  /** A key that holds what is no value. */
  private static final Pattern FOREIGN = Pattern.compile("^WRONGTYPE");

  /** What a server says that cannot be asked now and may be later. */
  private static final Pattern PASSING =
      Pattern.compile("LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|max number of clients");

  private static final int MOST_CAUSES = 10;

  private RedisErrors() {}

  static CacheStoreException failure(String name, Throwable thrown) {
    Throwable cause = cause(thrown);
    String message = name + " failed: " + reason(cause);
    return saysServer(cause, REFUSAL)
        ? CacheStoreException.refusing(message, cause)
        : new CacheStoreException(message, cause);
  }

  static boolean isForeign(@Nullable Throwable failure) {
    return failure != null && saysServer(failure, FOREIGN);
  }

  /**
   * What the server says that will not get better by itself: a password, a permission, a version;
   * null if this is nothing of the kind.
   */
  static @Nullable String lasting(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof RedisCommandExecutionException && !saysServer(cause, PASSING)) {
        return String.valueOf(cause.getMessage());
      }
    }
    return null;
  }

  /** What happened in the end; what is around it often only says that something did. */
  static String reason(Throwable failure) {
    Throwable root = failure;
    for (int depth = 0; root.getCause() != null && depth < MOST_CAUSES; depth++) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null || message.isBlank() ? root.getClass().getName() : message;
  }

  static Throwable cause(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  private static boolean saysServer(Throwable failure, Pattern what) {
    return failure instanceof RedisCommandExecutionException
        && what.matcher(String.valueOf(failure.getMessage())).find();
  }
}

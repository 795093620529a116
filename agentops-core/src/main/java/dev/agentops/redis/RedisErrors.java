package dev.agentops.redis;

import io.lettuce.core.RedisCommandExecutionException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is to be made of the errors of a server. Stateless. */
public final class RedisErrors {

  /** What a server says that cannot be asked now and may be later. */
  private static final Pattern PASSING =
      Pattern.compile("LOADING|BUSY|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|max number of clients");

  /** Errors of a script and of the types of keys: the same request would meet them again. */
  private static final Pattern REFUSAL =
      Pattern.compile("WRONGTYPE|user_script|[Ee]rror (running|compiling) script");

  /** What Redis says of itself, also from within a script. */
  private static final Pattern OUTAGE =
      Pattern.compile(
          "OOM|MISCONF|READONLY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|LOADING|BUSY|TRYAGAIN|NOAUTH|NOPERM"
              + "|[Ss]cript killed");

  private static final int MOST_CAUSES = 10;

  private RedisErrors() {}

  /** Whether the server answered, that it will never do this, since of the keys or the script. */
  public static boolean refuses(Throwable failure) {
    return saysServer(failure, REFUSAL) && !saysServer(failure, OUTAGE);
  }

  /**
   * What the server says that will not get better by itself: a password, a permission, a version;
   * null if this is nothing of the kind.
   */
  public static @Nullable String lasting(Throwable thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof RedisCommandExecutionException && !saysServer(cause, PASSING)) {
        return String.valueOf(cause.getMessage());
      }
    }
    return null;
  }

  /** What happened in the end; what is around it often only says that something did. */
  public static String reason(Throwable failure) {
    Throwable root = failure;
    for (int depth = 0; root.getCause() != null && depth < MOST_CAUSES; depth++) {
      root = root.getCause();
    }
    String message = root.getMessage();
    return message == null || message.isBlank() ? root.getClass().getName() : message;
  }

  /** What a future says it failed for. */
  public static Throwable cause(Throwable thrown) {
    Throwable cause = thrown;
    while ((cause instanceof CompletionException || cause instanceof ExecutionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** Whether the failure is an error that the server answered, and its text has this. */
  public static boolean saysServer(Throwable failure, Pattern what) {
    return failure instanceof RedisCommandExecutionException
        && what.matcher(String.valueOf(failure.getMessage())).find();
  }
}

package dev.agentops.cost.redis;

import dev.agentops.cost.BudgetStoreException;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisScriptingAsyncCommands;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/** The script that does all there is to do in Redis, each call in one round trip. Thread-safe. */
final class RedisScript implements AutoCloseable {

  private static final String TEXT = read("budgets.lua");
  private static final String DIGEST = sha1(TEXT);

  /** Errors of the script and of the types of keys: the same request would meet them again. */
  private static final Pattern REFUSAL =
      Pattern.compile("WRONGTYPE|user_script|[Ee]rror (running|compiling) script");

  /** What Redis says of itself, also from within a script. */
  private static final Pattern OUTAGE =
      Pattern.compile(
          "OOM|MISCONF|READONLY|NOREPLICAS|MASTERDOWN|CLUSTERDOWN|LOADING|BUSY|TRYAGAIN|NOAUTH|NOPERM"
              + "|[Ss]cript killed");

  private final String name;
  private final Link link;
  private final Duration timeout;

  RedisScript(String name, Link link, Duration timeout) {
    this.name = name;
    this.link = link;
    this.timeout = timeout;
  }

  /**
   * Runs the script and waits for the answer, until the timeout at most.
   *
   * @throws BudgetStoreException if there is none
   */
  List<String> call(List<String> keys, List<String> arguments) {
    return call(keys, arguments, timeout);
  }

  List<String> call(List<String> keys, List<String> arguments, Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    String[] keyArray = keys.toArray(String[]::new);
    String[] argumentArray = arguments.toArray(String[]::new);
    try {
      RedisScriptingAsyncCommands<String, String> commands = link.commands(timeout);
      List<String> reply;
      try {
        reply =
            await(
                commands.evalsha(DIGEST, ScriptOutputType.MULTI, keyArray, argumentArray),
                deadline);
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof RedisNoScriptException)) {
          throw e;
        }
        // the server has been restarted, or this is the first call
        reply =
            await(commands.eval(TEXT, ScriptOutputType.MULTI, keyArray, argumentArray), deadline);
      }
      link.answered();
      return reply;
    } catch (TimeoutException e) {
      link.timedOut();
      throw new BudgetStoreException(
          name + " did not answer within " + timeout.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BudgetStoreException("interrupted while waiting for " + name, e);
    } catch (ExecutionException e) {
      throw failure(e.getCause() == null ? e : e.getCause());
    } catch (Exception e) {
      throw failure(e);
    }
  }

  @Override
  public void close() {
    link.close();
  }

  private BudgetStoreException failure(Throwable cause) {
    String text = String.valueOf(cause.getMessage());
    String message = name + " failed: " + text;
    return cause instanceof RedisCommandExecutionException
            && REFUSAL.matcher(text).find()
            && !OUTAGE.matcher(text).find()
        ? BudgetStoreException.refusing(message, cause)
        : new BudgetStoreException(message, cause);
  }

  private static List<String> await(RedisFuture<List<String>> reply, long deadline)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      return reply.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException | InterruptedException e) {
      reply.cancel(true); // so that it is not sent, if it was not
      throw e;
    }
  }

  private static String read(String resource) {
    try (InputStream in = RedisScript.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("not in the jar: " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String sha1(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e); // each JVM has it
    }
  }

  /** A way to the server. */
  interface Link extends AutoCloseable {

    /** What commands are sent with; waits for the connection if need be, for so long at most. */
    RedisScriptingAsyncCommands<String, String> commands(Duration timeout) throws Exception;

    /** The server has answered in time. */
    default void answered() {}

    /** The server has not answered in time. */
    default void timedOut() {}

    @Override
    default void close() {}
  }
}

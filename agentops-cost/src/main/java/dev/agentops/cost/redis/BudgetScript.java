package dev.agentops.cost.redis;

import dev.agentops.cost.BudgetStoreException;
import dev.agentops.redis.RedisErrors;
import dev.agentops.redis.RedisScript;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisScriptingAsyncCommands;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The script that does all there is to do in Redis, each call in one round trip. Thread-safe. */
final class BudgetScript implements AutoCloseable {

  private static final RedisScript SCRIPT = RedisScript.of(BudgetScript.class, "budgets.lua");

  private final String name;
  private final Link link;
  private final Duration timeout;

  BudgetScript(String name, Link link, Duration timeout) {
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
                SCRIPT.runKnown(commands, ScriptOutputType.MULTI, keyArray, argumentArray),
                deadline);
      } catch (ExecutionException e) {
        if (!(e.getCause() instanceof RedisNoScriptException)) {
          throw e;
        }
        // the server has been restarted, or this is the first call
        reply =
            await(
                SCRIPT.runWhole(commands, ScriptOutputType.MULTI, keyArray, argumentArray),
                deadline);
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
    String message = name + " failed: " + cause.getMessage();
    return RedisErrors.refuses(cause)
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

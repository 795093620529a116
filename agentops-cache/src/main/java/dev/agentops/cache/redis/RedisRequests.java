package dev.agentops.cache.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentops.cache.CacheStoreException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/** Asks, and waits for the answer until the timeout at most. Thread-safe. */
final class RedisRequests {

  private final String name;
  private final Duration timeout;
  private final RedisLink link;
  private final RedisScript script;
  private final String[] prefix;
  private final byte[] id;

  RedisRequests(
      String name, Duration timeout, RedisLink link, RedisScript script, String prefix, String id) {
    this.name = name;
    this.timeout = timeout;
    this.link = link;
    this.script = script;
    this.prefix = new String[] {prefix};
    this.id = id.getBytes(UTF_8);
  }

  /**
   * The answer to a command.
   *
   * @throws CacheStoreException if there is none
   */
  <T> T ask(Function<RedisAsyncCommands<String, byte[]>, CompletionStage<T>> question) {
    long deadline = System.nanoTime() + timeout.toNanos();
    CompletionStage<T> reply;
    try {
      reply = question.apply(link.commands());
    } catch (CacheStoreException e) {
      throw e;
    } catch (RuntimeException e) {
      throw RedisErrors.failure(name, e);
    }
    return await(reply, deadline);
  }

  /** The script's answer, as a number. */
  long number(String what, Object... arguments) {
    return this.<Long>run(ScriptOutputType.INTEGER, what, arguments);
  }

  /** The script's answer to this, and what it is given. */
  <T> T run(ScriptOutputType type, String what, Object... arguments) {
    byte[][] all = new byte[arguments.length + 2][];
    all[0] = id;
    all[1] = what.getBytes(UTF_8);
    for (int i = 0; i < arguments.length; i++) {
      all[i + 2] =
          arguments[i] instanceof byte[] bytes ? bytes : arguments[i].toString().getBytes(UTF_8);
    }
    return ask(commands -> script.run(commands, type, prefix, all));
  }

  /** Waits for the connection, if there is none yet. */
  void awaitConnection() {
    try {
      await(link.connect(), System.nanoTime() + timeout.toNanos());
    } catch (CacheStoreException e) {
      throw link.away();
    }
  }

  /** Not to be interrupted, since nobody then knew what has been done; it does not take long. */
  private <T> T await(CompletionStage<T> reply, long deadline) {
    CompletableFuture<T> future = reply.toCompletableFuture();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return future.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (TimeoutException e) {
      throw new CacheStoreException(
          name + " did not answer within " + timeout.toMillis() + " ms", e);
    } catch (ExecutionException e) {
      throw RedisErrors.failure(name, e);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

package dev.agentops.cache.redis;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.agentops.cache.CacheStoreException;
import dev.agentops.redis.RedisErrors;
import dev.agentops.redis.RedisReplies;
import dev.agentops.redis.RedisScript;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.api.async.RedisAsyncCommands;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Asks, and waits for the answer until the timeout at most. Thread-safe. */
final class RedisRequests {

  private static final int WARM_UPS = 10;

  static final String FIRST_CURSOR = "0";

  private final String name;
  private final Duration timeout;
  private final RedisLink link;
  private final RedisScript script;
  private final String[] prefix;
  private final byte[] id;

  RedisRequests(
      String name, Duration timeout, RedisLink link, RedisScript script, String prefix, String id) {
    this(name, timeout, link, script, new String[] {prefix}, id.getBytes(UTF_8));
  }

  private RedisRequests(
      String name,
      Duration timeout,
      RedisLink link,
      RedisScript script,
      String[] prefix,
      byte[] id) {
    this.name = name;
    this.timeout = timeout;
    this.link = link;
    this.script = script;
    this.prefix = prefix;
    this.id = id;
  }

  /** The same until this time, of {@link System#nanoTime}. */
  private RedisRequests until(long nanoTime) {
    Duration left = Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
    return new RedisRequests(name, left, link, script, prefix, id);
  }

  /**
   * The answer to a command.
   *
   * @throws CacheStoreException if there is none
   */
  <T> T ask(Function<RedisAsyncCommands<String, byte[]>, CompletionStage<T>> question) {
    CompletionStage<T> reply;
    try {
      reply = question.apply(link.commands());
    } catch (CacheStoreException e) {
      throw e;
    } catch (RuntimeException e) {
      throw RedisFailures.failure(name, e);
    }
    return await(reply, timeout);
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

  /**
   * Waits for the connection, and asks for what does not matter: the first requests of a process
   * load classes, which takes longer than callers wait.
   *
   * @param nothing a name where nothing is
   * @return why there is no connection; null if there is one, or might be later
   */
  @Nullable ExecutionException start(Duration atMost, String nothing) {
    long end = System.nanoTime() + atMost.toNanos();
    try {
      firstConnection(end);
      String nobody = random();
      for (int i = 0; i < WARM_UPS; i++) {
        until(end).ask(commands -> commands.get(nothing));
        until(end).<List<Object>>run(ScriptOutputType.MULTI, "claim", nobody, nobody, 1);
        until(end).number("release", nobody, nobody);
      }
    } catch (ExecutionException e) {
      return e;
    } catch (TimeoutException | CacheStoreException e) {
      // away: the first request says so
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  /**
   * A server that refuses may close the connection before its reason is read: what tells none is
   * tried once more.
   */
  private void firstConnection(long end)
      throws InterruptedException, ExecutionException, TimeoutException {
    try {
      link.connect().get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (ExecutionException e) {
      if (RedisErrors.lasting(e) != null) {
        throw e;
      }
      link.connect().get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
    }
  }

  /** Has the script go over all keys of a pattern, page by page. */
  void forgetAll(String what, String pattern, String prefix) {
    byte[] cursor = FIRST_CURSOR.getBytes(UTF_8);
    do {
      cursor = run(ScriptOutputType.VALUE, what, pattern, cursor, prefix);
    } while (!Arrays.equals(cursor, FIRST_CURSOR.getBytes(UTF_8)));
  }

  /** Waits for the connection, if there is none yet. */
  void awaitConnection() {
    try {
      await(link.connect(), timeout);
    } catch (CacheStoreException e) {
      throw link.away();
    }
  }

  /** As Redis counts, which it does not do for ever. */
  static long millis(Duration duration, Duration longest) {
    return duration.compareTo(longest) > 0 ? longest.toMillis() : Math.max(1, duration.toMillis());
  }

  /** 32 digits that nobody else has. */
  static String random() {
    UUID uuid = UUID.randomUUID();
    HexFormat hex = HexFormat.of();
    return hex.toHexDigits(uuid.getLeastSignificantBits())
        + hex.toHexDigits(uuid.getMostSignificantBits());
  }

  private <T> T await(CompletionStage<T> reply, Duration atMost) {
    try {
      return RedisReplies.await(reply, atMost);
    } catch (TimeoutException e) {
      throw new CacheStoreException(
          name + " did not answer within " + atMost.toMillis() + " ms", null);
    } catch (ExecutionException e) {
      throw RedisFailures.failure(name, e);
    }
  }
}

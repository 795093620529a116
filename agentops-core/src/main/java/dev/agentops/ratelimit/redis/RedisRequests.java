package dev.agentops.ratelimit.redis;

import dev.agentops.ratelimit.RateLimitStoreException;
import dev.agentops.redis.RedisErrors;
import dev.agentops.redis.RedisReplies;
import dev.agentops.redis.RedisScript;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Asks the script, and waits for the answer until the timeout at most. Thread-safe. */
final class RedisRequests {

  private static final RedisScript SCRIPT = RedisScript.of(RedisRequests.class, "limits.lua");
  private static final int WARM_UPS = 10;

  /** Unlike a full memory, a server that is read only, and the like, which may pass. */
  private static final Pattern FORBIDDEN = Pattern.compile("NOPERM|NOAUTH|unknown command");

  private final String name;
  private final RedisLink link;
  private final Duration timeout;
  private final String checkKey;
  private final Supplier<String> time;

  RedisRequests(
      String name, RedisLink link, Duration timeout, String checkKey, Supplier<String> time) {
    this.name = name;
    this.link = link;
    this.timeout = timeout;
    this.checkKey = checkKey;
    this.time = time;
  }

  /**
   * The script's answer.
   *
   * @param arguments what for, then a place for the time, then its arguments
   * @throws RateLimitStoreException if there is none
   */
  List<Object> ask(List<String> keys, List<String> arguments) {
    return ask(keys, arguments, timeout);
  }

  /**
   * Sends what nobody waits for, in order with what is asked.
   *
   * @throws RateLimitStoreException if it is not sent
   */
  void tell(List<String> keys, List<String> arguments) {
    CompletionStage<List<Object>> unused = send(keys, arguments);
  }

  /** Whether what is asked now is sent. */
  boolean connected() {
    return link.connected();
  }

  /** Connects if need be, and sees whether the server takes writes. */
  void check() {
    try {
      RedisReplies.await(link.connect(), timeout);
    } catch (ExecutionException e) {
      throw failure(e);
    } catch (TimeoutException e) {
      throw silence(timeout, e);
    }
    check(timeout);
  }

  /**
   * Waits for the connection, and asks for what does not matter: the first requests of a process
   * load classes, which takes longer than callers wait.
   *
   * @return what the server says that will not get better by itself; null for nothing
   */
  @Nullable String start(Duration atMost) {
    try {
      RedisReplies.await(link.connect(), atMost);
      for (int i = 0; i < WARM_UPS; i++) {
        check(atMost);
      }
    } catch (ExecutionException e) {
      return RedisErrors.lasting(e);
    } catch (RateLimitStoreException e) {
      String said = String.valueOf(RedisErrors.lasting(e));
      return FORBIDDEN.matcher(said).find() ? said : null;
    } catch (TimeoutException e) {
      // away: the first request says so
    }
    return null;
  }

  private void check(Duration atMost) {
    List<Object> unused = ask(List.of(checkKey), List.of("check", ""), atMost);
  }

  private List<Object> ask(List<String> keys, List<String> arguments, Duration atMost) {
    CompletionStage<List<Object>> reply = send(keys, arguments);
    try {
      List<Object> answer = RedisReplies.await(reply, atMost);
      link.answered();
      return answer;
    } catch (TimeoutException e) {
      link.timedOut();
      throw silence(atMost, e);
    } catch (ExecutionException e) {
      throw failure(e);
    }
  }

  private CompletionStage<List<Object>> send(List<String> keys, List<String> arguments) {
    String[] all = arguments.toArray(String[]::new);
    all[1] = time.get();
    try {
      return SCRIPT.run(link.commands(), ScriptOutputType.MULTI, keys.toArray(String[]::new), all);
    } catch (RateLimitStoreException e) {
      throw e;
    } catch (RuntimeException e) {
      throw failure(e);
    }
  }

  private RateLimitStoreException silence(Duration atMost, TimeoutException e) {
    return new RateLimitStoreException(
        name + " did not answer within " + atMost.toMillis() + " ms", e);
  }

  private RateLimitStoreException failure(Exception thrown) {
    Throwable cause = RedisErrors.cause(thrown);
    if (cause instanceof RateLimitStoreException ours) {
      return ours;
    }
    String message = name + " failed: " + RedisErrors.reason(cause);
    return RedisErrors.refuses(cause)
        ? RateLimitStoreException.refusing(message, cause)
        : new RateLimitStoreException(message, cause);
  }
}

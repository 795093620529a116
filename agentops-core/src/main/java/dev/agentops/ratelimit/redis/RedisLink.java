package dev.agentops.ratelimit.redis;

import dev.agentops.ratelimit.RateLimitStoreException;
import dev.agentops.redis.RedisErrors;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection. Who finds it broken has another one made, and does not wait for it; one that has
 * not answered for two seconds is taken for broken, since nobody might tell. Thread-safe.
 *
 * <p>It is never repaired behind the back of those who wait for an answer: what they asked would be
 * asked again, and taken twice.
 */
final class RedisLink {

  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(2);
  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

  private final String name;
  private final RedisClient client;
  private final RedisURI uri;
  private volatile @Nullable StatefulRedisConnection<String, String> connection;
  private volatile boolean silent;

  private @Nullable CompletableFuture<Void> attempt;
  private @Nullable Throwable lastFailure;
  private long lastFailureNanos;
  private long silentSince;
  private boolean closed;

  RedisLink(String name, RedisClient client, RedisURI uri) {
    this.name = name;
    this.client = client;
    this.uri = uri;
  }

  /**
   * What commands are sent with.
   *
   * @throws RateLimitStoreException if there is no connection; one is then being made
   */
  RedisAsyncCommands<String, String> commands() {
    StatefulRedisConnection<String, String> current = connection;
    if (current != null && current.isOpen()) {
      return current.async();
    }
    synchronized (this) {
      if (closed) {
        throw closed();
      }
      if (lastFailure == null || System.nanoTime() - lastFailureNanos > PAUSE_NANOS) {
        connect();
      }
      throw new RateLimitStoreException(
          name + " is away" + (lastFailure == null ? "" : ": " + RedisErrors.reason(lastFailure)),
          lastFailure);
    }
  }

  boolean connected() {
    StatefulRedisConnection<String, String> current = connection;
    return current != null && current.isOpen();
  }

  /** Connects, unless there is a connection; completes once it can be used. */
  synchronized CompletableFuture<Void> connect() {
    if (connected()) {
      return CompletableFuture.completedFuture(null);
    }
    if (attempt != null) {
      return attempt;
    }
    if (closed) {
      return CompletableFuture.failedFuture(closed());
    }
    CompletableFuture<Void> mine = new CompletableFuture<>();
    attempt = mine;
    try {
      client
          .connectAsync(StringCodec.UTF8, uri)
          .whenComplete((opened, failure) -> connected(mine, opened, failure));
    } catch (RuntimeException e) {
      connected(mine, null, e);
    }
    return mine;
  }

  void answered() {
    if (silent) {
      silent = false;
    }
  }

  void timedOut() {
    StatefulRedisConnection<String, String> dead = null;
    synchronized (this) {
      long now = System.nanoTime();
      if (!silent) {
        silent = true;
        silentSince = now;
      } else if (now - silentSince > SILENCE_NANOS) {
        dead = connection;
        connection = null;
        silent = false;
      }
    }
    if (dead != null) {
      dead.closeAsync();
    }
  }

  /** Completes once there is no connection, and none is being made. */
  CompletableFuture<Void> close() {
    StatefulRedisConnection<String, String> current;
    CompletableFuture<Void> opening;
    synchronized (this) {
      closed = true;
      current = connection;
      opening = attempt == null ? CompletableFuture.completedFuture(null) : attempt;
      connection = null;
    }
    CompletableFuture<Void> closing =
        current == null ? CompletableFuture.completedFuture(null) : current.closeAsync();
    return CompletableFuture.allOf(closing, opening.handle((done, failure) -> null));
  }

  private RateLimitStoreException closed() {
    return RateLimitStoreException.refusing(name + " is closed", null);
  }

  private void connected(
      CompletableFuture<Void> mine,
      @Nullable StatefulRedisConnection<String, String> opened,
      @Nullable Throwable failure) {
    boolean unwanted;
    synchronized (this) {
      attempt = null;
      lastFailure = failure == null ? null : RedisErrors.cause(failure);
      lastFailureNanos = System.nanoTime();
      unwanted = closed;
      if (!unwanted) {
        connection = opened;
        silent = false;
      }
    }
    if (unwanted && opened != null) {
      opened.closeAsync();
    }
    if (failure == null) {
      mine.complete(null);
    } else {
      mine.completeExceptionally(failure);
    }
  }
}

package dev.agentops.cache.redis;

import dev.agentops.cache.CacheStoreException;
import dev.agentops.redis.RedisErrors;
import dev.agentops.redis.RedisScript;
import io.lettuce.core.KillArgs;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.RedisURI;
import io.lettuce.core.TrackingArgs;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisAsyncCommands;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.codec.RedisCodec;
import io.lettuce.core.codec.StringCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One connection that carries commands and tells of changes. It is used only while changes are
 * told: whatever is read over it and changed later is told later.
 *
 * <p>A connection that breaks is replaced at once, and then after 10 ms, doubling to a second; one
 * that does not answer a ping for a second is taken for broken, since nobody might tell.
 * Thread-safe.
 */
final class RedisLink {

  private static final RedisCodec<String, byte[]> CODEC =
      RedisCodec.of(StringCodec.UTF8, ByteArrayCodec.INSTANCE);
  private static final long PING_MILLIS = 1_000;
  private static final long FIRST_PAUSE_MILLIS = 10;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;
  private static final Pattern IDENTITY = Pattern.compile("^id=(\\d+) addr=(\\S+)");

  private final String name;
  private final RedisClient client;
  private final RedisURI uri;
  private final Duration connectTimeout;
  private final RedisKeys keys;
  private final RedisChanges changes;
  private final RedisScript script;
  private final ScheduledFuture<?> pings;

  private final Object lock = new Object();
  private volatile @Nullable StatefulRedisConnection<String, byte[]> connection;
  private @Nullable CompletableFuture<Void> attempt;
  private @Nullable ScheduledFuture<?> next;
  private @Nullable Throwable lastFailure;
  private long pauseMillis;
  private boolean closed;

  /** Which client of the server our last connection was; null where it does not tell. */
  private volatile @Nullable KillArgs last;

  private @Nullable RedisFuture<String> ping;
  private @Nullable StatefulRedisConnection<String, byte[]> pinged;

  RedisLink(
      String name,
      RedisClient client,
      RedisURI uri,
      Duration connectTimeout,
      RedisKeys keys,
      RedisChanges changes,
      RedisScript script) {
    this.name = name;
    this.client = client;
    this.uri = uri;
    this.connectTimeout = connectTimeout;
    this.keys = keys;
    this.changes = changes;
    this.script = script;
    this.pings =
        client
            .getResources()
            .eventExecutorGroup()
            .scheduleWithFixedDelay(this::ping, PING_MILLIS, PING_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * What commands are sent with.
   *
   * @throws CacheStoreException if there is no connection
   */
  RedisAsyncCommands<String, byte[]> commands() {
    StatefulRedisConnection<String, byte[]> current = connection;
    if (current == null) {
      throw away();
    }
    return current.async();
  }

  CacheStoreException away() {
    Throwable failure;
    synchronized (lock) {
      if (closed) {
        return CacheStoreException.closed(name);
      }
      failure = lastFailure;
    }
    return new CacheStoreException(
        name + " is away" + (failure == null ? "" : ": " + RedisErrors.reason(failure)), failure);
  }

  /** Connects, unless there is a connection; completes once it is used. */
  CompletableFuture<Void> connect() {
    CompletableFuture<Void> mine;
    synchronized (lock) {
      if (connection != null) {
        return CompletableFuture.completedFuture(null);
      }
      if (attempt != null) {
        return attempt;
      }
      if (closed) {
        return CompletableFuture.failedFuture(CacheStoreException.closed(name));
      }
      if (next != null) {
        next.cancel(false);
        next = null;
      }
      mine = new CompletableFuture<>();
      attempt = mine;
    }
    open(mine);
    return mine;
  }

  /** Has another connection made, for this one is to a server that is of no use. */
  void replace() {
    StatefulRedisConnection<String, byte[]> current = connection;
    if (current != null) {
      lost(current, null);
    }
  }

  /** Completes once there is no connection, and none is being made. */
  CompletableFuture<Void> close() {
    StatefulRedisConnection<String, byte[]> current;
    CompletableFuture<Void> opening;
    synchronized (lock) {
      closed = true;
      current = connection;
      opening = attempt == null ? CompletableFuture.completedFuture(null) : attempt;
      connection = null;
      if (next != null) {
        next.cancel(false);
      }
    }
    pings.cancel(false);
    CompletableFuture<Void> closing =
        current == null ? CompletableFuture.completedFuture(null) : current.closeAsync();
    return CompletableFuture.allOf(closing, opening.handle((done, failure) -> null));
  }

  private void open(CompletableFuture<Void> mine) {
    CompletionStage<StatefulRedisConnection<String, byte[]>> opening;
    try {
      opening = client.connectAsync(CODEC, uri);
    } catch (RuntimeException e) {
      opening = CompletableFuture.failedFuture(e);
    }
    opening
        .thenCompose(
            opened ->
                greet(opened)
                    .toCompletableFuture()
                    .orTimeout(connectTimeout.toMillis(), TimeUnit.MILLISECONDS)
                    .handle(
                        (greeted, failure) -> {
                          opened(mine, opened, failure);
                          return opened;
                        }))
        .exceptionally(
            failure -> {
              failed(mine, failure);
              return null;
            });
  }

  /** Nothing is asked before changes are told. */
  private CompletionStage<?> greet(StatefulRedisConnection<String, byte[]> opened) {
    opened.addListener(changes);
    opened.addListener(
        new RedisConnectionStateListener() {
          @Override
          public void onRedisDisconnected(RedisChannelHandler<?, ?> handler) {
            lost(opened, null);
          }
        });
    RedisAsyncCommands<String, byte[]> commands = opened.async();
    return endLast(commands)
        .thenCompose(
            done ->
                commands.clientTracking(
                    TrackingArgs.Builder.enabled()
                        .bcast()
                        .prefixes(StandardCharsets.UTF_8, keys.changes(), keys.values())))
        .thenCompose(done -> script.load(commands))
        .thenCompose(done -> identify(commands));
  }

  /**
   * Ends our last connection at the server, which may not know yet that it is broken: what was sent
   * over it and is not done yet must not be done after what is sent from now on.
   */
  private CompletionStage<?> endLast(RedisAsyncCommands<String, byte[]> commands) {
    KillArgs before = last;
    return before == null
        ? CompletableFuture.completedFuture(null)
        : commands.clientKill(before).exceptionally(failure -> null);
  }

  /** By id and address, since a server that was restarted gives the same ids to others. */
  private CompletionStage<?> identify(RedisAsyncCommands<String, byte[]> commands) {
    return commands
        .clientInfo()
        .handle(
            (info, failure) -> {
              Matcher found = IDENTITY.matcher(String.valueOf(info));
              last =
                  found.find()
                      ? KillArgs.Builder.id(Long.parseLong(found.group(1))).addr(found.group(2))
                      : null;
              return found;
            });
  }

  private void opened(
      CompletableFuture<Void> mine,
      StatefulRedisConnection<String, byte[]> opened,
      @Nullable Throwable failure) {
    if (failure != null) {
      abandon(mine, opened, failure);
      return;
    }
    changes.startAnew();
    boolean used;
    synchronized (lock) {
      used = !closed && opened.isOpen();
      if (used) {
        connection = opened;
        attempt = null;
        lastFailure = null;
        pauseMillis = 0;
      }
    }
    if (used) {
      mine.complete(null);
    } else {
      abandon(mine, opened, new CacheStoreException(name + " was closed", null));
    }
  }

  private void abandon(
      CompletableFuture<Void> mine,
      StatefulRedisConnection<String, byte[]> opened,
      Throwable failure) {
    var unused = opened.closeAsync().whenComplete((done, other) -> failed(mine, failure));
  }

  private void failed(CompletableFuture<Void> mine, Throwable failure) {
    synchronized (lock) {
      attempt = null;
      lastFailure = RedisErrors.cause(failure);
      schedule();
    }
    mine.completeExceptionally(failure);
  }

  /** Closes the connection unless another has taken it from here, who closes it then. */
  private void lost(StatefulRedisConnection<String, byte[]> broken, @Nullable Throwable why) {
    synchronized (lock) {
      if (connection != broken) {
        return;
      }
      connection = null;
      lastFailure = why;
      schedule();
    }
    broken.closeAsync();
  }

  /** With the lock. */
  private void schedule() {
    if (!closed && next == null) {
      next =
          client
              .getResources()
              .eventExecutorGroup()
              .schedule(this::connectNext, pauseMillis, TimeUnit.MILLISECONDS);
      pauseMillis = Math.min(LONGEST_PAUSE_MILLIS, Math.max(FIRST_PAUSE_MILLIS, 2 * pauseMillis));
    }
  }

  private void connectNext() {
    synchronized (lock) {
      next = null;
    }
    connect();
  }

  private void ping() {
    StatefulRedisConnection<String, byte[]> current = connection;
    if (current == null) {
      return;
    }
    if (current == pinged && ping != null && !ping.isDone()) {
      lost(
          current, new CacheStoreException("no answer to a ping for " + PING_MILLIS + " ms", null));
    } else {
      pinged = current;
      ping = current.async().ping();
    }
  }
}

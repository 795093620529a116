package dev.agentops.cost.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ConnectionFuture;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.async.RedisScriptingAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.Delay;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One connection to Redis of our own, made when it is needed first, and made again when it has been
 * silent for too long. Thread-safe.
 */
final class RedisLink implements BudgetScript.Link {

  /** Until the handshake is over. */
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** A connection that has not answered for so long may be dead without anybody knowing. */
  private static final long SILENCE_NANOS = 2_000_000_000L;

  private final RedisURI uri;
  private final ClientResources resources;
  private final RedisClient client;
  private @Nullable ConnectionFuture<StatefulRedisConnection<String, String>> connection;
  private long silentSince;
  private boolean silent;

  RedisLink(RedisURI uri) {
    this.uri = uri;
    uri.setTimeout(CONNECT_TIMEOUT);
    resources =
        ClientResources.builder()
            .ioThreadPoolSize(2)
            .computationThreadPoolSize(2)
            .reconnectDelay(
                Delay.exponential(
                    Duration.ofMillis(10), Duration.ofSeconds(1), 2, TimeUnit.MILLISECONDS))
            .build();
    client = RedisClient.create(resources, uri);
    client.setOptions(
        ClientOptions.builder()
            // what cannot be sent now is of no use later: whoever asked has gone on
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build()) // we wait
            .socketOptions(
                SocketOptions.builder().connectTimeout(CONNECT_TIMEOUT).keepAlive(true).build())
            .build());
  }

  @Override
  public RedisScriptingAsyncCommands<String, String> commands(Duration timeout) throws Exception {
    return connection().get(timeout.toNanos(), TimeUnit.NANOSECONDS).async();
  }

  @Override
  public synchronized void answered() {
    silent = false;
  }

  @Override
  public synchronized void timedOut() {
    long now = System.nanoTime();
    if (!silent) {
      silent = true;
      silentSince = now;
    } else if (now - silentSince > SILENCE_NANOS && connection != null && connection.isDone()) {
      drop(connection);
      connection = null;
      silent = false;
    }
  }

  @Override
  public void close() {
    var unused =
        client
            .shutdownAsync(0, 1, TimeUnit.SECONDS)
            .whenComplete((done, failure) -> resources.shutdown(0, 1, TimeUnit.SECONDS));
  }

  private synchronized ConnectionFuture<StatefulRedisConnection<String, String>> connection() {
    ConnectionFuture<StatefulRedisConnection<String, String>> current = connection;
    if (current == null || current.toCompletableFuture().isCompletedExceptionally()) {
      current = client.connectAsync(StringCodec.UTF8, uri);
      connection = current;
    }
    return current;
  }

  private static void drop(ConnectionFuture<StatefulRedisConnection<String, String>> silent) {
    if (!silent.toCompletableFuture().isCompletedExceptionally()) {
      silent.join().closeAsync();
    }
  }
}

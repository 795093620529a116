package dev.agentops.redis;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Makes and ends the clients of stores that are given none. Stateless. */
public final class RedisClients {

  /** Requests that wait for an answer at most; more are refused. */
  private static final int MAXIMUM_WAITING = 10_000;

  /** For what a connection tells that failed after it was said to have failed. */
  private static final long QUIET_MILLIS = 200;

  private RedisClients() {}

  public static RedisClient start(Duration connectTimeout) {
    ClientResources resources =
        ClientResources.builder().ioThreadPoolSize(2).computationThreadPoolSize(2).build();
    RedisClient client = RedisClient.create(resources);
    client.setOptions(
        ClientOptions.builder()
            .protocolVersion(ProtocolVersion.RESP3)
            .autoReconnect(false) // a new connection has to be greeted before it is used
            .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
            .requestQueueSize(MAXIMUM_WAITING)
            .timeoutOptions(TimeoutOptions.builder().timeoutCommands(false).build()) // we wait
            .socketOptions(
                SocketOptions.builder().connectTimeout(connectTimeout).keepAlive(true).build())
            .build());
    return client;
  }

  /** Ends a client after its connections. */
  public static void stop(RedisClient client, CompletableFuture<?> closed) {
    ClientResources resources = client.getResources();
    var unused =
        closed
            .handle((done, failure) -> client.shutdownAsync(0, QUIET_MILLIS, TimeUnit.MILLISECONDS))
            .thenCompose(stopping -> stopping)
            .whenComplete(
                (done, failure) ->
                    resources.shutdown(QUIET_MILLIS, 10 * QUIET_MILLIS, TimeUnit.MILLISECONDS));
  }

  /**
   * An address as a URI says.
   *
   * @throws IllegalArgumentException if it says none
   */
  public static RedisURI parse(String uri) {
    try {
      return RedisURI.create(uri);
    } catch (RuntimeException e) {
      // without the cause, whose message has the password
      throw new IllegalArgumentException(
          "not a URI of Redis: '" + uri.replaceAll("//.*@", "//***@") + "'");
    }
  }

  /** Where a server is, without the password. */
  public static String address(RedisURI uri) {
    return uri.getHost() == null
        ? "sentinel " + uri.getSentinelMasterId()
        : uri.getHost() + ':' + uri.getPort();
  }
}

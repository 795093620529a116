package dev.agentops.testing;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.abort;

import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import redis.embedded.RedisServer;

/** A real Redis of the test's own, which can be hung, killed and started again. */
public final class TestRedis implements AutoCloseable {

  private final int port;
  private final String cluster;
  private RedisServer server;
  private RedisClient client;
  private StatefulRedisConnection<String, String> connection;
  private long process;
  private boolean running;

  private TestRedis(int port, String cluster) throws IOException {
    this.port = port;
    this.cluster = cluster;
    restart();
  }

  /** Starts one on a free port; where its binary cannot run, the test is skipped and says so. */
  public static TestRedis start() {
    return start("no");
  }

  /** Starts one that is the only node of a cluster. */
  public static TestRedis startCluster() {
    TestRedis redis = start("yes");
    redis.commands().clusterAddSlots(IntStream.range(0, 16_384).toArray());
    await().until(() -> redis.commands().clusterInfo().contains("cluster_state:ok"));
    return redis;
  }

  private static TestRedis start(String cluster) {
    try (ServerSocket free = new ServerSocket(0)) {
      int port = free.getLocalPort();
      free.close();
      return new TestRedis(port, cluster);
    } catch (IOException | RuntimeException e) {
      System.err.println("SKIPPED: NO TEST OF REDIS, since its binary does not start: " + e);
      return abort("Redis does not start here: " + e);
    }
  }

  public String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** Asks the server directly. */
  public RedisCommands<String, String> commands() {
    return connection.sync();
  }

  /** How often the server has been asked a command, in lower case, since it started. */
  public long count(String command) {
    for (String line : commands().info("commandstats").split("\r\n")) {
      if (line.startsWith("cmdstat_" + command + ':')) {
        return Long.parseLong(line.substring(line.indexOf("calls=") + 6, line.indexOf(',')));
      }
    }
    return 0;
  }

  /** Lets the server hang: it keeps its connections and answers nothing. */
  public void hang() {
    signal("STOP");
  }

  public void goOn() {
    signal("CONT");
  }

  /** Kills the server, with all that it knew. */
  public void kill() {
    client.shutdown(0, 2, TimeUnit.SECONDS);
    signal("KILL");
    running = false;
    try {
      server.stop();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Starts the killed server again, empty, on the same port. */
  public void restart() throws IOException {
    server =
        RedisServer.newRedisServer()
            .bind("127.0.0.1")
            .port(port)
            .setting("save \"\"")
            .setting("appendonly no")
            .setting("cluster-enabled " + cluster)
            .setting("cluster-config-file nodes-" + port + ".conf")
            .setting("dir " + System.getProperty("java.io.tmpdir"))
            .build();
    server.start();
    running = true;
    client = RedisClient.create(uri());
    connection = client.connect();
    process = processOf(commands().info("server"));
  }

  @Override
  public void close() {
    if (running) {
      kill();
    }
  }

  private static long processOf(String info) {
    for (String line : info.split("\r\n")) {
      if (line.startsWith("process_id:")) {
        return Long.parseLong(line.substring("process_id:".length()));
      }
    }
    throw new IllegalStateException("no process_id in: " + info);
  }

  private void signal(String name) {
    try {
      int code = new ProcessBuilder("kill", "-" + name, Long.toString(process)).start().waitFor();
      if (code != 0) {
        throw new IllegalStateException("kill -" + name + " ended with " + code);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

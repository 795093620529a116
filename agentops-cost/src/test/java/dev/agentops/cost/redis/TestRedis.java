package dev.agentops.cost.redis;

import static org.junit.jupiter.api.Assumptions.abort;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.api.sync.RedisCommands;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.HashMap;
import java.util.Map;
import redis.embedded.RedisServer;

/** A real Redis of the test's own, which can be hung, killed and started again. */
final class TestRedis implements AutoCloseable {

  private final int port;
  private RedisServer server;
  private RedisClient client;
  private StatefulRedisConnection<String, String> connection;
  private long process;

  private TestRedis(int port) throws IOException {
    this.port = port;
    startServer();
  }

  /** Starts one on a free port; where its binary cannot run, the test is skipped and says so. */
  static TestRedis start() {
    try {
      return new TestRedis(freePort());
    } catch (IOException | RuntimeException e) {
      System.err.println("SKIPPED: NO TEST OF REDIS, since its binary does not start: " + e);
      return abort("Redis does not start here: " + e);
    }
  }

  static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  String uri() {
    return "redis://127.0.0.1:" + port;
  }

  /** Asks the server directly. */
  RedisCommands<String, String> commands() {
    return connection.sync();
  }

  /** How often the server has been asked each command, in lower case, since it started. */
  Map<String, Long> commandCounts() {
    Map<String, Long> counts = new HashMap<>();
    for (String line : commands().info("commandstats").split("\r\n")) {
      if (line.startsWith("cmdstat_")) {
        String count = line.substring(line.indexOf("calls=") + 6, line.indexOf(','));
        counts.put(line.substring(8, line.indexOf(':')), Long.parseLong(count));
      }
    }
    return counts;
  }

  /** Lets the server hang: it keeps its connections and answers nothing. */
  void hang() {
    signal("STOP");
  }

  void goOn() {
    signal("CONT");
  }

  /** Kills the server, with all that it knew. */
  void kill() {
    disconnect();
    signal("KILL");
    stopServer();
  }

  /** Starts the killed server again, empty, on the same port. */
  void restart() {
    try {
      startServer();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    disconnect();
    signal("KILL");
    stopServer();
  }

  private void startServer() throws IOException {
    server =
        RedisServer.newRedisServer()
            .bind("127.0.0.1")
            .port(port)
            .setting("save \"\"")
            .setting("appendonly no")
            .build();
    server.start();
    client = RedisClient.create(RedisURI.create(uri()));
    connection = client.connect();
    process = processOf(commands().info("server"));
  }

  private void stopServer() {
    try {
      server.stop();
    } catch (IOException e) {
      // it was killed before
    }
  }

  private void disconnect() {
    client.shutdown();
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
      new ProcessBuilder("kill", "-" + name, Long.toString(process)).start().waitFor();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}

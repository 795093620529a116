package dev.agentops.cache.redis;

import dev.agentops.cache.Codec;
import dev.agentops.cache.MultiLevelCache;
import dev.agentops.cache.MultiLevelCacheBuilder;
import io.lettuce.core.RedisClient;
import io.lettuce.core.api.StatefulRedisConnection;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.UnaryOperator;

/** A JVM of its own with a cache, whose threads all ask for one key when it is told to go. */
final class CacheProcess implements AutoCloseable {

  static final String LOADS = "loads";
  static final String VALUE = "value";

  private final Process process;
  private final BufferedReader out;

  private CacheProcess(Process process) {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
  }

  static CacheProcess start(String uri, String key, int threads, Duration load, Duration lease)
      throws IOException {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xss256k",
                "-cp",
                System.getProperty("java.class.path"),
                CacheProcess.class.getName(),
                uri,
                key,
                Integer.toString(threads),
                Long.toString(load.toMillis()),
                Long.toString(lease.toMillis()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    CacheProcess started = new CacheProcess(process);
    started.awaitLine("ready");
    return started;
  }

  void go() throws IOException {
    process.outputWriter().write("go\n");
    process.outputWriter().flush();
  }

  void awaitLine(String expected) throws IOException {
    String line = out.readLine();
    while (line != null && !line.equals(expected)) {
      line = out.readLine();
    }
    if (line == null) {
      throw new IllegalStateException("ended before it said: " + expected);
    }
  }

  /** As {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  static MultiLevelCache<String> cache(
      String uri, UnaryOperator<MultiLevelCacheBuilder<String>> how) {
    // the machine that runs the tests may be busy
    RedisCacheStore store = RedisCacheStore.builder(uri).timeout(Duration.ofSeconds(5)).build();
    return how.apply(MultiLevelCache.builder(Codec.utf8()).remote(store)).build();
  }

  public static void main(String[] args) throws Exception {
    String key = args[1];
    int threads = Integer.parseInt(args[2]);
    Duration lease = Duration.ofMillis(Long.parseLong(args[4]));
    RedisClient client = RedisClient.create(args[0]);
    StatefulRedisConnection<String, String> counter = client.connect();
    MultiLevelCache<String> cache = cache(args[0], builder -> builder.loadLease(lease));
    cache.get("another key"); // so that all classes are there
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    System.out.println("ready");
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    if (in.readLine() == null) {
      return;
    }
    List<Future<String>> answers = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      answers.add(
          pool.submit(
              () ->
                  cache.getOrCompute(
                      key,
                      k -> {
                        counter.sync().incr(LOADS);
                        System.out.println("loading");
                        sleep(Long.parseLong(args[3]));
                        return VALUE;
                      })));
    }
    for (Future<String> answer : answers) {
      if (!answer.get().equals(VALUE)) {
        throw new AssertionError("another value: " + answer.get());
      }
    }
    System.out.println("done");
    System.exit(0);
  }

  private static void sleep(long millis) {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

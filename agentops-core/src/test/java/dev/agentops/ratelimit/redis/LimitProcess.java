package dev.agentops.ratelimit.redis;

import dev.agentops.ratelimit.Demand;
import dev.agentops.ratelimit.RateLimiter;
import dev.agentops.ratelimit.Reservation;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.ref.Reference;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** A JVM of its own with a limiter, which takes what it gets when it is told to. */
final class LimitProcess implements AutoCloseable {

  static final long PER_SECOND = 200;
  static final Duration LEASE = Duration.ofSeconds(1);

  private final Process process;
  private final BufferedReader out;

  private LimitProcess(Process process) {
    this.process = process;
    this.out = process.inputReader(StandardCharsets.UTF_8);
  }

  static LimitProcess start(String uri, int batch) throws IOException {
    Process process =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElse("java"),
                "-Xmx64m",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                LimitProcess.class.getName(),
                uri,
                String.valueOf(batch))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    return new LimitProcess(process);
  }

  /** Waits until it can be told what to do. */
  void awaitReady() throws IOException {
    ask("");
  }

  /** Has it take as much as it gets for so long; {@link #answer} says how much that was. */
  void take(Duration time) throws IOException {
    tell("take " + time.toMillis());
  }

  /** Has it hold a place. */
  void hold() throws IOException {
    ask("hold");
  }

  long answer() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new IllegalStateException("ended before it answered");
    }
    return Long.parseLong(line);
  }

  /** Lets it end. */
  void finish() throws IOException, InterruptedException {
    process.outputWriter().close();
    process.waitFor();
  }

  /** As {@code kill -9} does. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  private void ask(String command) throws IOException {
    tell(command);
    long unused = answer();
  }

  private void tell(String command) throws IOException {
    process.outputWriter().write(command + '\n');
    process.outputWriter().flush();
  }

  static RedisRateLimitStore store(String uri, int batch) {
    // the machine that runs the tests may be busy
    return RedisRateLimitStore.builder(uri)
        .timeout(Duration.ofSeconds(5))
        .lease(LEASE)
        .batch(batch, Duration.ofMillis(100))
        .build();
  }

  static RateLimiter rate(RedisRateLimitStore store) {
    return RateLimiter.builder().name("rate").requestsPerSecond(PER_SECOND).store(store).build();
  }

  static RateLimiter places(RedisRateLimitStore store) {
    return RateLimiter.builder().name("places").concurrency(1).store(store).build();
  }

  public static void main(String[] args) throws Exception {
    try (RedisRateLimitStore store = store(args[0], Integer.parseInt(args[1]))) {
      RateLimiter rate = rate(store);
      RateLimiter places = places(store);
      boolean unused = rate.tryAcquire("another key"); // so that all classes are there
      BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
      Reservation held = null;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        long answer = 0;
        if (line.startsWith("take")) {
          answer = take(rate, Long.parseLong(line.substring("take ".length())));
        } else if (line.equals("hold")) {
          held = places.reserve("k", Demand.of(0, 0));
        }
        System.out.println(answer);
      }
      Reference.reachabilityFence(held);
    }
  }

  private static long take(RateLimiter rate, long millis) throws InterruptedException {
    long end = System.nanoTime() + millis * 1_000_000;
    long taken = 0;
    while (System.nanoTime() < end) {
      if (rate.tryAcquire("k")) {
        taken++;
      } else {
        Thread.sleep(1); // the bucket holds a second's worth
      }
    }
    return taken;
  }
}

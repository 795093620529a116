package dev.agentops.ratelimit;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.local.SynchronizationStrategy;
import io.github.resilience4j.ratelimiter.RateLimiterConfig;
import io.github.resilience4j.ratelimiter.internal.AtomicRateLimiter;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Limiters in the process: always admitted but where the name says denied. The floor is the least
 * that a leaky bucket can be: one reading of the clock and one compare-and-set.
 *
 * <pre>./mvnw -q -Pjmh -Dbench=core -Djmh.args="LocalLimiterBenchmark -prof gc"</pre>
 *
 * <p>Compare the rows of one run: all but the floor read the clock once, too.
 */
@NullMarked
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LocalLimiterBenchmark {

  private static final long NEVER_USED_UP = 50_000_000_000L;
  private static final long BURST_NANOS = TimeUnit.MINUTES.toNanos(1);
  private static final int KEYS = 100_000;
  private static final long SECONDS_OF_A_DAY = TimeUnit.DAYS.toSeconds(1);
  private static final long LARGE_BURST = 1_000_000;
  private static final String ONE = "tenant-7:gpt-4o";

  private final AtomicLong floor = new AtomicLong(System.nanoTime());

  private final RateLimiter ours = RateLimiter.builder().requestsPerMinute(NEVER_USED_UP).build();
  private final RateLimiter oursTwo =
      RateLimiter.builder().requestsPerMinute(NEVER_USED_UP).requestsPerDay(NEVER_USED_UP).build();
  private final RateLimiter oursTokens =
      RateLimiter.builder().requestsPerMinute(NEVER_USED_UP).tokensPerMinute(NEVER_USED_UP).build();
  private final RateLimiter oursPerKey =
      RateLimiter.builder().requestsPerDay(SECONDS_OF_A_DAY).burst(LARGE_BURST).build();
  private final RateLimiter oursDenied = RateLimiter.builder().requestsPerDay(1).build();

  private final Bucket lockFree = bucket(NEVER_USED_UP);
  private final Bucket two =
      Bucket.builder()
          .addLimit(
              limit ->
                  limit.capacity(NEVER_USED_UP).refillGreedy(NEVER_USED_UP, Duration.ofMinutes(1)))
          .addLimit(
              limit ->
                  limit.capacity(NEVER_USED_UP).refillGreedy(NEVER_USED_UP, Duration.ofDays(1)))
          .build();
  private final Bucket denied =
      Bucket.builder()
          .addLimit(limit -> limit.capacity(1).refillGreedy(1, Duration.ofDays(1)))
          .build();
  private final LoadingCache<String, Bucket> perKey =
      Caffeine.newBuilder()
          .maximumSize(KEYS)
          .expireAfterAccess(Duration.ofMinutes(10))
          .build(
              key ->
                  Bucket.builder()
                      .addLimit(
                          limit ->
                              limit
                                  .capacity(LARGE_BURST)
                                  .refillGreedy(SECONDS_OF_A_DAY, Duration.ofDays(1)))
                      .withSynchronizationStrategy(SynchronizationStrategy.LOCK_FREE)
                      .build());

  private final AtomicRateLimiter resilience4j =
      new AtomicRateLimiter(
          "bench",
          RateLimiterConfig.custom()
              .limitForPeriod(Integer.MAX_VALUE)
              .limitRefreshPeriod(Duration.ofSeconds(1))
              .timeoutDuration(Duration.ZERO)
              .build());
  private final com.google.common.util.concurrent.RateLimiter guava =
      com.google.common.util.concurrent.RateLimiter.create(1e12);
  private final dev.failsafe.RateLimiter<Object> failsafe =
      dev.failsafe.RateLimiter.burstyBuilder(Integer.MAX_VALUE, Duration.ofSeconds(1)).build();

  /** Keys that are in use: none is forgotten meanwhile. */
  @Setup
  public void useAllKeys() {
    for (String key : Keys.ALL) {
      oursPerKey.tryAcquire(key);
      perKey.get(key).tryConsume(1);
    }
  }

  private static Bucket bucket(long limit) {
    return Bucket.builder()
        .addLimit(it -> it.capacity(limit).refillGreedy(limit, Duration.ofMinutes(1)))
        .withSynchronizationStrategy(SynchronizationStrategy.LOCK_FREE)
        .build();
  }

  @Benchmark
  public boolean floorAtomicLong() {
    while (true) {
      long now = System.nanoTime();
      long at = floor.get();
      long next = Math.max(at, now) + 1;
      if (next - now > BURST_NANOS) {
        return false;
      }
      if (floor.compareAndSet(at, next)) {
        return true;
      }
    }
  }

  @Benchmark
  public boolean agentops() {
    return ours.tryAcquire(ONE);
  }

  @Benchmark
  public boolean agentopsTwoWindows() {
    return oursTwo.tryAcquire(ONE);
  }

  @Benchmark
  public boolean agentopsDenied() {
    return oursDenied.tryAcquire(ONE);
  }

  @Benchmark
  public void agentopsReserveAndSettle() {
    oursTokens.reserve(ONE, 1_000).settle(700);
  }

  @Benchmark
  public boolean agentopsPerKey(Keys keys) {
    return oursPerKey.tryAcquire(keys.next());
  }

  @Benchmark
  public boolean bucket4j() {
    return lockFree.tryConsume(1);
  }

  @Benchmark
  public boolean bucket4jTwoWindows() {
    return two.tryConsume(1);
  }

  @Benchmark
  public boolean bucket4jDenied() {
    return denied.tryConsume(1);
  }

  @Benchmark
  public boolean bucket4jPerKeyInCaffeine(Keys keys) {
    return perKey.get(keys.next()).tryConsume(1);
  }

  @Benchmark
  public boolean resilience4jAtomic() {
    return resilience4j.acquirePermission();
  }

  @Benchmark
  public boolean guavaTryAcquire() {
    return guava.tryAcquire();
  }

  @Benchmark
  public boolean failsafeBursty() {
    return failsafe.tryAcquirePermit();
  }

  /** Keys in an order that no cache line foresees. */
  @State(Scope.Thread)
  public static class Keys {

    private static final int STRIDE = 61_703; // prime to the number of keys
    private static final String[] ALL = new String[KEYS];

    static {
      for (int i = 0; i < KEYS; i++) {
        ALL[i] = "tenant-" + i + ":gpt-4o";
      }
    }

    private int at = ThreadLocalRandom.current().nextInt(KEYS);

    String next() {
      at = (at + STRIDE) % KEYS;
      return ALL[at];
    }
  }
}

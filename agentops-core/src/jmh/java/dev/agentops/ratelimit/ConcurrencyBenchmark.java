package dev.agentops.ratelimit;

import com.netflix.concurrency.limits.Limiter;
import com.netflix.concurrency.limits.limit.VegasLimit;
import com.netflix.concurrency.limits.limiter.SimpleLimiter;
import io.github.resilience4j.bulkhead.Bulkhead;
import io.github.resilience4j.bulkhead.BulkheadConfig;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A permit that is free, taken and given back. Of these, only ours notices permits that are lost.
 *
 * <pre>./mvnw -q -Pjmh -Dbench=core -Djmh.args="ConcurrencyBenchmark -prof gc"</pre>
 */
@NullMarked
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class ConcurrencyBenchmark {

  private static final int LIMIT = 1_000;

  private final Semaphore semaphore = new Semaphore(LIMIT);
  private final ConcurrencyLimiter ours = ConcurrencyLimiter.of(LIMIT);
  private final ConcurrencyLimiter adaptive =
      ConcurrencyLimiter.builder().adaptive(AdaptiveLimit.gradient().build()).build();
  private final Bulkhead bulkhead =
      Bulkhead.of(
          "bench",
          BulkheadConfig.custom().maxConcurrentCalls(LIMIT).maxWaitDuration(Duration.ZERO).build());
  private final SimpleLimiter<Void> vegas =
      SimpleLimiter.newBuilder().limit(VegasLimit.newDefault()).build();

  @Benchmark
  public void semaphore() {
    if (semaphore.tryAcquire()) {
      semaphore.release();
    }
  }

  @Benchmark
  public void agentops() {
    ours.tryAcquire().ifPresent(ConcurrencyLimiter.Permit::close);
  }

  @Benchmark
  public void agentopsPerKey() {
    ours.tryAcquire("tenant-7").ifPresent(ConcurrencyLimiter.Permit::close);
  }

  @Benchmark
  public void agentopsAdaptive() {
    adaptive.tryAcquire().ifPresent(ConcurrencyLimiter.Permit::close);
  }

  @Benchmark
  public void resilience4jBulkhead() {
    if (bulkhead.tryAcquirePermission()) {
      bulkhead.onComplete();
    }
  }

  @Benchmark
  public void netflixVegas() {
    vegas.acquire(null).ifPresent(Limiter.Listener::onSuccess);
  }
}

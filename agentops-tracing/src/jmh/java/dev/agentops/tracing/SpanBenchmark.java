package dev.agentops.tracing;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What a span costs the thread that records it, beside other tracers in the same run.
 *
 * <pre>
 * ./mvnw -q -Pjmh -Dbench=tracing -Djmh.args="SpanBenchmark -prof gc -prof dev.agentops.tracing.CallerCpu"
 * </pre>
 *
 * <p>{@code step} is one span with six attributes, four texts and two numbers, that is not made
 * current; {@code tree} is a turn with three children, six attributes each, all made current. Look
 * at {@code cpu.caller} and {@code gc.alloc.rate.norm}, and compare rows of one run.
 */
@NullMarked
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 8, time = 2)
@Measurement(iterations = 6, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms2g", "-Xmx2g", "-XX:+UseParallelGC"})
public class SpanBenchmark {

  /** Who records. */
  @Param({
    "agentops",
    "agentopsNotSampled",
    "otelBatch",
    "otelSampledOut",
    "micrometer",
    "naiveList"
  })
  private String tracer = "";

  private @Nullable Contestant contestant;

  /** The numbers that differ from call to call. */
  @State(Scope.Thread)
  public static class Tokens {
    private long input = 1_000;
    private long output = 700;
  }

  @Setup
  public void setUp() {
    contestant = Contestant.named(tracer);
  }

  @TearDown(Level.Iteration)
  public void drain() {
    contestant.drain();
  }

  @TearDown
  public void close() {
    contestant.close();
  }

  @Benchmark
  public Object step(Tokens tokens) {
    return contestant.step(tokens.input++, tokens.output++);
  }

  @Benchmark
  public Object tree(Tokens tokens) {
    return contestant.tree(tokens.input++, tokens.output++);
  }
}

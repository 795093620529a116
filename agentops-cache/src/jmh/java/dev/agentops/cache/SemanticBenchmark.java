package dev.agentops.cache;

import dev.agentops.cache.wording.SemanticGuard;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
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
 * A lookup by meaning among questions of one scope, with vectors of 384 dimensions and without
 * their making: a hit on a question in other words, which the words of both are compared for; a
 * question that nothing is near to; and the same text, which needs no vector.
 *
 * <p>{@code ./mvnw -q -Pjmh -Dbench=cache -Djmh.args="SemanticBenchmark -prof gc"}
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SemanticBenchmark {

  private static final int DIMENSIONS = 384;
  private static final int ASKED = 64; // fewer than the vectors that a cache remembers

  @Param("100000")
  private int entries;

  private SemanticCache<String> cache;
  private SemanticScope<String> scope;
  private int turn;

  @Setup
  public void prepare() {
    SemanticGuard guard = new SemanticGuard();
    cache =
        SemanticCache.builder(Codec.utf8())
            .maximumSize(entries)
            .maximumBytes(Long.MAX_VALUE)
            .judgement(new Vectors(), QuestionCheck.of(guard))
            .build();
    scope = cache.scope("benchmark");
    for (int i = 0; i < entries; i++) {
      scope.put(stored(i), "answer " + i);
    }
    for (int i = 0; i < ASKED; i++) {
      if (scope.find(asked(i)).isEmpty() || scope.find(unknown(i)).isPresent()) {
        throw new IllegalStateException("a benchmark of something else: " + i);
      }
    }
  }

  @TearDown
  public void end() {
    cache.close();
  }

  @Benchmark
  public Object hitInOtherWords() {
    return scope.find(asked(next()));
  }

  @Benchmark
  public Object missNothingNear() {
    return scope.find(unknown(next()));
  }

  @Benchmark
  public Object hitOnTheSameText() {
    return scope.find(stored(next()));
  }

  private int next() {
    return turn++ & (ASKED - 1);
  }

  private static String stored(int i) {
    return "How do I return order " + i + "?";
  }

  private static String asked(int i) {
    return "how do i return order " + i + " please";
  }

  private static String unknown(int i) {
    return "What does item " + i + " cost?";
  }

  /** Random, except that both ways to ask for one order are near to each other. */
  private static final class Vectors implements TextVectors.Encoder {

    @Override
    public SemanticVector encode(String text) {
      int number = Integer.parseInt(text.replaceAll("[^0-9]", ""));
      Random random = new Random(text.startsWith("What") ? -1 - number : number);
      Random noise = new Random(text.hashCode());
      float[] values = new float[DIMENSIONS];
      double squares = 0;
      for (int i = 0; i < DIMENSIONS; i++) {
        values[i] = (float) (random.nextGaussian() + 0.1 * noise.nextGaussian());
        squares += values[i] * values[i];
      }
      for (int i = 0; i < DIMENSIONS; i++) {
        values[i] /= (float) Math.sqrt(squares);
      }
      return new SemanticVector("benchmark", values);
    }

    @Override
    public boolean knows(String space) {
      return space.equals("benchmark");
    }
  }
}

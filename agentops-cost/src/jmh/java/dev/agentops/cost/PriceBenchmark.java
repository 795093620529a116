package dev.agentops.cost;

import dev.agentops.Cost;
import dev.agentops.Usage;
import dev.agentops.UsageGap;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;
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
 * What it costs to price a call with the bundled catalogue.
 *
 * <pre>
 * ./mvnw -q -Pjmh -Dbench=cost -Djmh.args="PriceBenchmark -prof gc"
 * </pre>
 *
 * <p>{@code lookup} finds a dated id that the catalogue knows by a pattern; the names are not the
 * same objects each time, as those of a response are not. {@code cost} and {@code quote} price a
 * call with cached tokens and reasoning, {@code interval} one that does not tell what was cached.
 */
@NullMarked
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class PriceBenchmark {

  private static final String PROVIDER = "openai";
  private static final String MODEL = "gpt-5-2025-08-07";
  private static final Usage USAGE =
      Usage.builder()
          .inputTokens(12_000)
          .cacheReadTokens(9_000)
          .outputTokens(800)
          .reasoningTokens(300)
          .build();

  private final PriceCatalog catalog = PriceCatalog.bundled();
  private final String[] models = new String[1_024];
  private final PriceQuery exact = query(Set.of());
  private final PriceQuery gap = query(Set.of(UsageGap.CACHE_READS));
  private int next;

  @Setup
  public void makeNames() {
    for (int i = 0; i < models.length; i++) {
      models[i] = new String(MODEL.toCharArray());
    }
  }

  @Benchmark
  public @Nullable Object lookup() {
    return catalog.find(PROVIDER, models[next++ & 1_023]);
  }

  @Benchmark
  public Optional<Cost> cost() {
    return catalog.cost(exact);
  }

  @Benchmark
  public PriceQuote quote() {
    return catalog.quote(exact);
  }

  @Benchmark
  public PriceQuote interval() {
    return catalog.quote(gap);
  }

  @Benchmark
  public Optional<Cost> buildQueryAndCost() {
    return catalog.cost(query(Set.of()));
  }

  private static PriceQuery query(Set<UsageGap> gaps) {
    return PriceQuery.builder()
        .provider(PROVIDER)
        .model(MODEL)
        .usage(USAGE)
        .gaps(gaps)
        .at(Instant.EPOCH.plusSeconds(1_785_000_000))
        .build();
  }
}

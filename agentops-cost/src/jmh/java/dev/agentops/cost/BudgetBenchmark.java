package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.event.BudgetEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
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
import org.openjdk.jmh.annotations.Threads;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What it costs a call to reserve in its budgets and to settle.
 *
 * <pre>
 * ./mvnw -q -Pjmh -Dbench=cost -Djmh.args="BudgetBenchmark -prof gc"
 * </pre>
 *
 * <p>{@code nested} has a tenant, an agent and a run; the run is one per thread, the others are
 * shared by all. {@code one} is a single budget of all.
 */
@NullMarked
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class BudgetBenchmark {

  private static final Cost ESTIMATE = Cost.usd("0.0000012");
  private static final Cost COST = Cost.usd("0.0000007");
  private static final Cost LIMIT = Cost.usd("4000000");
  private static final Consumer<BudgetEvent> EVENTS = event -> {};
  private static final AtomicInteger RUNS = new AtomicInteger();

  private final Budgets nested =
      monitor()
          .budget(Budget.monthly(LIMIT).named("tenant").per("tenant").rejectWhenExceeded())
          .budget(Budget.daily(LIMIT).named("agent").per("agent").warnAt(0.8).rejectWhenExceeded())
          .budget(Budget.perRun(LIMIT).rejectWhenExceeded())
          .build()
          .budgets();

  private final Budgets rolling =
      monitor()
          .budget(Budget.rolling(LIMIT, Duration.ofHours(1)).rejectWhenExceeded())
          .build()
          .budgets();

  private final Budgets one =
      monitor().budget(Budget.daily(LIMIT).rejectWhenExceeded()).build().budgets();

  private static CostMonitor.Builder monitor() {
    return CostMonitor.builder();
  }

  /** A call of one of the runs. */
  @State(Scope.Thread)
  public static class Call {

    private final Instant now = Instant.now(); // the caller has it: it is in the record
    private Attributes attributes = Attributes.empty();

    @Setup
    public void setUp() {
      attributes =
          Attributes.of(
              "tenant", "acme", "agent", "writer", Budget.RUN, "r" + RUNS.incrementAndGet());
    }
  }

  @Benchmark
  public Object nested(Call call) {
    return reserveAndSettle(nested, call);
  }

  @Benchmark
  @Threads(2)
  public Object nestedByTwo(Call call) {
    return reserveAndSettle(nested, call);
  }

  @Benchmark
  public Object one(Call call) {
    return reserveAndSettle(one, call);
  }

  @Benchmark
  public Object rolling(Call call) {
    return reserveAndSettle(rolling, call);
  }

  private static Object reserveAndSettle(Budgets budgets, Call call) {
    Reservation reservation = budgets.reserve(ESTIMATE, call.attributes, EVENTS);
    budgets.spend(reservation, COST, call.attributes, call.now, EVENTS);
    return reservation;
  }
}

package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Usage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.NullMarked;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What recording a call and asking for a day's cost take, beside the usual ways, in one run.
 *
 * <pre>
 * ./mvnw -q -Pjmh -Dbench=cost -Djmh.args="RecordBenchmark -prof gc"
 * </pre>
 *
 * <p>{@code agentops} is {@link InMemoryUsageLedger#add}: three counters of money and tokens for
 * the model, the provider, the operation, three attributes, the day, the hour and everything, each
 * record once. {@code newRecord} is the part of it that makes the record. The Micrometer rows look
 * one counter up by its tag, or three; {@code longAdders} keeps four for each model; {@code
 * naiveList} keeps all records under a lock. Add {@code -t 2} for two threads.
 */
@NullMarked
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
    value = 1,
    jvmArgsAppend = {"-Xms3g", "-Xmx3g", "-XX:+UseParallelGC"})
public class RecordBenchmark {

  private static final Instant NOW = Instant.parse("2026-11-23T10:00:00Z");
  private static final LocalDate TODAY = LocalDate.of(2026, 11, 23);
  private static final int IDS = 1 << 15;
  private static final String[] MODELS = {
    "gpt-4o",
    "gpt-4o-mini",
    "claude-sonnet-4-5",
    "claude-opus-4-8",
    "gemini-2.5-pro",
    "gemini-2.5-flash",
    "deepseek-chat",
    "mistral-large"
  };

  private final UsageLedger ledger = UsageLedger.inMemory();
  private final UsageLedger filled = UsageLedger.inMemory();
  private final CostMonitor monitor = CostMonitor.builder().build();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Map<String, LongAdder[]> adders = new ConcurrentHashMap<>();
  private final List<UsageRecord> filledList = new ArrayList<>();
  private List<UsageRecord> list = new ArrayList<>();

  /** One caller: its own ids, and the models in turn. */
  @State(Scope.Thread)
  public static class Caller {

    private final String[] ids = new String[IDS];
    private final Attributes attributes =
        Attributes.of("team", "search", "tenant", "acme", Attributes.AGENT_NAME, "writer");
    private final Usage usage = Usage.of(900, 120);
    private final Cost cost = Cost.usd("0.0123");
    private int next;

    @Setup
    public void setUp() {
      for (int i = 0; i < IDS; i++) {
        ids[i] = Thread.currentThread().getId() + "-" + i;
      }
    }

    String model() {
      return MODELS[next++ & 7];
    }

    /** A new record; its id was last used longer ago than a ledger remembers. */
    UsageRecord record() {
      return UsageRecord.builder()
          .id(ids[next & (IDS - 1)])
          .timestamp(NOW)
          .provider("acme")
          .model(model())
          .usage(usage)
          .attributes(attributes)
          .cost(cost)
          .calculatedCost(cost)
          .build();
    }
  }

  @Setup
  public void fill() {
    Caller caller = new Caller();
    for (int i = 0; i < 1_000_000; i++) {
      UsageRecord record =
          UsageRecord.builder()
              .timestamp(NOW.minusSeconds(i % 2_000_000))
              .model(caller.model())
              .cost(caller.cost)
              .build();
      filled.add(record);
      filledList.add(record);
    }
  }

  @Setup(Level.Iteration)
  public void emptyList() {
    list = new ArrayList<>();
  }

  @Benchmark
  public Object newRecord(Caller caller) {
    return caller.record();
  }

  @Benchmark
  public boolean agentops(Caller caller) {
    return ledger.add(caller.record());
  }

  @Benchmark
  public Object agentopsRecordUsage(Caller caller) {
    return monitor.recordUsage("openai", "gpt-4o", caller.usage, caller.attributes);
  }

  @Benchmark
  public void micrometerCounter(Caller caller) {
    registry.counter("llm.cost", "model", caller.model()).increment(0.0123);
  }

  @Benchmark
  public void micrometerThreeCounters(Caller caller) {
    String model = caller.model();
    registry.counter("llm.cost3", "model", model, "provider", "acme").increment(0.0123);
    registry
        .counter("llm.tokens", "model", model, "provider", "acme", "type", "input")
        .increment(900);
    registry
        .counter("llm.tokens", "model", model, "provider", "acme", "type", "output")
        .increment(120);
  }

  @Benchmark
  public void longAdders(Caller caller) {
    LongAdder[] sums =
        adders.computeIfAbsent(
            caller.model(),
            name ->
                new LongAdder[] {
                  new LongAdder(), new LongAdder(), new LongAdder(), new LongAdder()
                });
    sums[0].add(12_300_000_000L);
    sums[1].add(900);
    sums[2].add(120);
    sums[3].increment();
  }

  @Benchmark
  public void naiveList(Caller caller) {
    UsageRecord record = caller.record();
    synchronized (this) {
      if (list.size() == 4_000_000) {
        list = new ArrayList<>(); // room for one iteration is all that the heap has
      }
      list.add(record);
    }
  }

  @Benchmark
  public Cost dailyCost() {
    return filled.totals(UsageQuery.day(TODAY)).totalCost();
  }

  @Benchmark
  public Cost monthlyCost() {
    return filled.totals(UsageQuery.month(YearMonth.of(2026, 11))).totalCost();
  }

  @Benchmark
  public Cost naiveDailyCost() {
    Cost sum = Cost.ZERO;
    for (UsageRecord record : filledList) {
      if (LocalDate.ofInstant(record.timestamp(), ZoneOffset.UTC).equals(TODAY)) {
        sum = sum.plus(record.cost().orElse(Cost.ZERO));
      }
    }
    return sum;
  }
}

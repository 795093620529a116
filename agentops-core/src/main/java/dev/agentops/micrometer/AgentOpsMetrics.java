package dev.agentops.micrometer;

import dev.agentops.AgentOps;
import dev.agentops.Cost;
import dev.agentops.Usage;
import dev.agentops.event.BudgetEvent;
import dev.agentops.event.CacheEvent;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.OpsEventListener;
import dev.agentops.event.RateLimitEvent;
import dev.agentops.event.RateLimitStoreEvent;
import dev.agentops.event.ResilienceEvent;
import dev.agentops.event.RunGuardEvent;
import dev.agentops.event.ToolCallEvent;
import dev.agentops.event.ToolCircuitEvent;
import dev.agentops.event.WorkQueueEvent;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * Meters of everything that passes through the chain: add it as a listener of an {@link AgentOps}.
 *
 * <table>
 *   <caption>Meters</caption>
 *   <tr><th>name</th><th>type</th><th>tags</th></tr>
 *   <tr><td>{@code gen_ai.client.operation.duration}</td><td>timer</td><td>operation, provider, model, {@code error.type}, {@code agentops.status}, {@code agentops.cached}</td></tr>
 *   <tr><td>{@code gen_ai.client.operation.time_to_first_chunk}</td><td>timer</td><td>operation, provider, model</td></tr>
 *   <tr><td>{@code gen_ai.client.token.usage}</td><td>summary, tokens</td><td>operation, provider, model, {@code gen_ai.token.type} input or output</td></tr>
 *   <tr><td>{@code agentops.cost}</td><td>counter, US dollars</td><td>operation, provider, model</td></tr>
 *   <tr><td>{@code agentops.unpriced.calls}</td><td>counter</td><td>operation, provider, model</td></tr>
 *   <tr><td>{@code agentops.tool.duration}</td><td>timer</td><td>{@code gen_ai.tool.name}, {@code agentops.status}, {@code agentops.cached}</td></tr>
 *   <tr><td>{@code agentops.cache.requests}</td><td>counter</td><td>{@code cache}, {@code result}</td></tr>
 *   <tr><td>{@code agentops.cache.saved}</td><td>counter, US dollars</td><td>{@code cache}</td></tr>
 *   <tr><td>{@code agentops.ratelimit.rejections}</td><td>counter</td><td>{@code limiter}</td></tr>
 *   <tr><td>{@code agentops.resilience.events}</td><td>counter</td><td>{@code model}, {@code type}, {@code reason}</td></tr>
 *   <tr><td>{@code agentops.ratelimit.wait}</td><td>timer</td><td>{@code limiter}</td></tr>
 *   <tr><td>{@code agentops.ratelimit.store.events}</td><td>counter</td><td>{@code limiter}, {@code type}</td></tr>
 *   <tr><td>{@code agentops.budget.events}</td><td>counter</td><td>{@code budget}, {@code type}</td></tr>
 *   <tr><td>{@code agentops.queue.rejections}</td><td>counter</td><td>{@code queue}, {@code type}</td></tr>
 *   <tr><td>{@code agentops.guard.events}</td><td>counter</td><td>{@code type}, {@code limit}</td></tr>
 *   <tr><td>{@code agentops.tool.circuit.events}</td><td>counter</td><td>{@code gen_ai.tool.name}, {@code type}</td></tr>
 *   <tr><td>{@code agentops.faults}</td><td>counter</td><td>none; see {@link #watch}</td></tr>
 * </table>
 *
 * <p>The first three are OpenTelemetry's (conventions 1.41.1), with its histogram buckets; do not
 * add LangChain4j's own {@code MicrometerMetricsChatModelListener} to the same registry, which
 * records the third as well. Names of models and tools come from outside: after {@value
 * #MAXIMUM_NAMES} different ones the rest is told as {@code other}. Thread-safe.
 */
public final class AgentOpsMetrics implements OpsEventListener {

  /** How many models and how many tools get meters of their own: {@value}. */
  public static final int MAXIMUM_NAMES = 200;

  private static final String OTHER = "other";
  private static final String NONE = "none";

  private static final Duration[] DURATION_BUCKETS = powersOfTwo(Duration.ofMillis(10), 14);
  private static final double[] TOKEN_BUCKETS = powersOfFour(14);

  private final MeterRegistry registry;
  private final Set<String> models = ConcurrentHashMap.newKeySet();
  private final Set<String> tools = ConcurrentHashMap.newKeySet();
  private final CopyOnWriteArrayList<AgentOps> watched = new CopyOnWriteArrayList<>();

  private AgentOpsMetrics(MeterRegistry registry) {
    this.registry = Objects.requireNonNull(registry, "registry");
  }

  public static AgentOpsMetrics of(MeterRegistry registry) {
    return new AgentOpsMetrics(registry);
  }

  /**
   * Counts the failures that these ops keep from the agent, as {@code agentops.faults}, together
   * with those of other ops it watches.
   */
  public void watch(AgentOps ops) {
    watched.addIfAbsent(ops);
    FunctionCounter.builder(
            "agentops.faults", watched, all -> all.stream().mapToLong(AgentOps::faults).sum())
        .description("Failures of interceptors and listeners that were kept from the agent")
        .register(registry);
  }

  @Override
  public void onEvent(OpsEvent event) {
    if (event instanceof ModelCallEvent call) {
      record(call);
    } else if (event instanceof ToolCallEvent tool) {
      record(tool);
    } else if (event instanceof CacheEvent cache) {
      Tags tags = Tags.of("cache", cache.cache(), "result", lowerCase(cache.type()));
      counter("agentops.cache.requests", "Requests to caches of answers", tags).increment();
      cache.savedCost().ifPresent(saved -> recordSaved(cache.cache(), saved));
    } else if (event instanceof RateLimitStoreEvent store) {
      Tags tags = Tags.of("limiter", store.limiter(), "type", store.isRecovery() ? "back" : "lost");
      counter("agentops.ratelimit.store.events", "Losses and returns of shared limits", tags)
          .increment();
    } else if (event instanceof RateLimitEvent limit) {
      record(limit);
    } else if (event instanceof ResilienceEvent resilience) {
      Tags tags =
          Tags.of(
              "model", bounded(models, resilience.model()),
              "type", lowerCase(resilience.type()),
              "reason", resilience.reason());
      counter("agentops.resilience.events", "Retries, fallbacks and the like", tags).increment();
    } else if (event instanceof BudgetEvent budget) {
      Tags tags = Tags.of("budget", budget.budget(), "type", lowerCase(budget.type()));
      counter("agentops.budget.events", "Marks passed and calls refused by budgets", tags)
          .increment();
    } else if (event instanceof RunGuardEvent guard) {
      Tags tags = Tags.of("type", lowerCase(guard.type()), "limit", guard.limit().orElse(NONE));
      counter("agentops.guard.events", "Runs of agents warned, stopped and killed", tags)
          .increment();
    } else if (event instanceof ToolCircuitEvent circuit) {
      Tags tags =
          Tags.of(
              "gen_ai.tool.name",
              bounded(tools, circuit.tool()),
              "type",
              lowerCase(circuit.type()));
      counter("agentops.tool.circuit.events", "Tools withdrawn and offered again", tags)
          .increment();
    } else if (event instanceof WorkQueueEvent job) {
      Tags tags = Tags.of("queue", job.queue(), "type", lowerCase(job.type()));
      counter("agentops.queue.rejections", "Jobs that a full queue did not do", tags).increment();
    }
  }

  private void record(RateLimitEvent limit) {
    Tags tags = Tags.of("limiter", limit.limiter());
    if (limit.type() == RateLimitEvent.Type.REFUSED) {
      counter("agentops.ratelimit.rejections", "Calls refused by a rate limiter", tags).increment();
    }
    if (!limit.waited().isZero()) {
      Timer.builder("agentops.ratelimit.wait")
          .description("How long calls waited for a rate limiter, refused ones too")
          .tags(tags)
          .serviceLevelObjectives(DURATION_BUCKETS)
          .register(registry)
          .record(limit.waited());
    }
  }

  private void record(ModelCallEvent call) {
    Tags tags =
        Tags.of(
            "gen_ai.operation.name", call.operation(),
            "gen_ai.provider.name", call.provider(),
            "gen_ai.request.model", bounded(models, call.requestModel()));
    Timer.builder("gen_ai.client.operation.duration")
        .description("Duration of calls of models")
        .tags(
            tags.and(
                "error.type",
                orNone(call.errorType()),
                "agentops.status",
                lowerCase(call.status())))
        .tag("agentops.cached", Boolean.toString(call.cached()))
        .serviceLevelObjectives(DURATION_BUCKETS)
        .register(registry)
        .record(call.duration());
    call.timeToFirstChunk().ifPresent(first -> recordFirstChunk(tags, first));
    call.usage().ifPresent(usage -> recordTokens(tags, usage));
    recordCost(tags, call);
  }

  private void recordFirstChunk(Tags tags, Duration first) {
    Timer.builder("gen_ai.client.operation.time_to_first_chunk")
        .description("Time from the start of a call to the first chunk of its stream")
        .tags(tags)
        .serviceLevelObjectives(DURATION_BUCKETS)
        .register(registry)
        .record(first);
  }

  private void recordTokens(Tags tags, Usage usage) {
    tokens(tags, "input").record(usage.inputTokens());
    tokens(tags, "output").record(usage.outputTokens());
  }

  private DistributionSummary tokens(Tags tags, String type) {
    return DistributionSummary.builder("gen_ai.client.token.usage")
        .description("Tokens used by a call")
        .tags(tags.and("gen_ai.token.type", type))
        .serviceLevelObjectives(TOKEN_BUCKETS)
        .register(registry);
  }

  private void recordCost(Tags tags, ModelCallEvent call) {
    Cost cost = call.cost().orElse(null);
    if (cost != null) {
      Counter.builder("agentops.cost")
          .description("What calls of models have cost, in US dollars")
          .baseUnit("usd")
          .tags(tags)
          .register(registry)
          .increment(cost.usd().doubleValue());
    } else if (call.status() == CallStatus.OK) {
      counter("agentops.unpriced.calls", "Calls of models whose price is not known", tags)
          .increment();
    }
  }

  private void recordSaved(String cache, Cost saved) {
    Counter.builder("agentops.cache.saved")
        .description("What cached answers had cost, in US dollars")
        .baseUnit("usd")
        .tag("cache", cache)
        .register(registry)
        .increment(saved.usd().doubleValue());
  }

  private void record(ToolCallEvent tool) {
    Timer.builder("agentops.tool.duration")
        .description("Duration of tool executions")
        .tags(
            "gen_ai.tool.name",
            bounded(tools, tool.tool()),
            "agentops.status",
            lowerCase(tool.status()),
            "agentops.cached",
            Boolean.toString(tool.cached()))
        .serviceLevelObjectives(DURATION_BUCKETS)
        .register(registry)
        .record(tool.duration());
  }

  private Counter counter(String name, String description, Tags tags) {
    return Counter.builder(name).description(description).tags(tags).register(registry);
  }

  private static String bounded(Set<String> known, @Nullable String name) {
    if (name == null) {
      return "unknown";
    }
    if (known.contains(name) || (known.size() < MAXIMUM_NAMES && known.add(name))) {
      return name;
    }
    return OTHER;
  }

  private static String orNone(@Nullable String value) {
    return value == null ? NONE : value;
  }

  private static String lowerCase(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static Duration[] powersOfTwo(Duration first, int count) {
    Duration[] buckets = new Duration[count];
    for (int i = 0; i < count; i++) {
      buckets[i] = first.multipliedBy(1L << i);
    }
    return buckets;
  }

  private static double[] powersOfFour(int count) {
    double[] buckets = new double[count];
    for (int i = 0; i < count; i++) {
      buckets[i] = Math.pow(4, i);
    }
    return buckets;
  }
}

package dev.agentops.guard;

import dev.agentops.Cost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * How much one run of an agent may spend, and what counts as going in circles. Immutable; each
 * limit is optional.
 *
 * <p>A run is stopped before the call that would exceed a limit, as far as that can be told before
 * a call: of tokens the input is estimated and the output is not, the cost is not known at all, so
 * that a run may pass {@link Builder#maxTokens} and {@link Builder#maxCost} by what is under way.
 */
public final class RunLimits {

  private static final RunLimits STANDARD =
      builder()
          .maxModelCalls(250)
          .maxToolCalls(1_000)
          .maxTokens(10_000_000)
          .maxDuration(Duration.ofHours(1))
          .maxDepth(10)
          .maxIdenticalToolCalls(10)
          .maxRepeatedCycles(10)
          .maxStalledAnswers(10)
          .build();

  private static final RunLimits NONE = builder().build();

  private final Builder settings;

  private RunLimits(Builder from) {
    settings = from;
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Limits so generous that only a run that is certainly out of control meets them: 250 model
   * calls, 1,000 tool calls, 10 million tokens, one hour, agents 10 deep, 10 identical tool calls
   * in a row, 10 times the same cycle of tool calls, 10 answers in a row that bring nothing new. No
   * limit of cost and token velocity. {@link #toBuilder()} makes them tighter.
   */
  public static RunLimits standard() {
    return STANDARD;
  }

  /** No limit at all: such runs are counted, and can be killed. */
  public static RunLimits none() {
    return NONE;
  }

  /** A builder with these limits to start from. */
  public Builder toBuilder() {
    return new Builder(settings);
  }

  /** 0 for no limit, as for all numbers here. */
  long maxModelCalls() {
    return settings.maxModelCalls;
  }

  long maxToolCalls() {
    return settings.maxToolCalls;
  }

  long maxTokens() {
    return settings.maxTokens;
  }

  @Nullable Cost maxCost() {
    return settings.maxCost;
  }

  @Nullable Duration maxDuration() {
    return settings.maxDuration;
  }

  int maxDepth() {
    return settings.maxDepth;
  }

  int maxIdenticalToolCalls() {
    return settings.maxIdenticalToolCalls;
  }

  int maxRepeatedCycles() {
    return settings.maxRepeatedCycles;
  }

  int maxStalledAnswers() {
    return settings.maxStalledAnswers;
  }

  double maxTokenVelocity() {
    return settings.maxTokenVelocity;
  }

  double warnAt() {
    return settings.warnAt;
  }

  boolean isPolling(String tool) {
    return settings.pollingTools.contains(tool);
  }

  @Override
  public String toString() {
    List<String> set = new ArrayList<>();
    BiConsumer<String, Number> add =
        (name, value) -> {
          if (value.doubleValue() > 0) {
            set.add(name + '=' + value);
          }
        };
    add.accept("maxModelCalls", maxModelCalls());
    add.accept("maxToolCalls", maxToolCalls());
    add.accept("maxTokens", maxTokens());
    if (maxCost() != null) {
      set.add("maxCost=" + maxCost());
    }
    if (maxDuration() != null) {
      set.add("maxDuration=" + maxDuration());
    }
    add.accept("maxDepth", maxDepth());
    add.accept("maxIdenticalToolCalls", maxIdenticalToolCalls());
    add.accept("maxRepeatedCycles", maxRepeatedCycles());
    add.accept("maxStalledAnswers", maxStalledAnswers());
    add.accept("maxTokenVelocity", maxTokenVelocity());
    add.accept("warnAt", warnAt());
    return "RunLimits{" + String.join(", ", set) + '}';
  }

  /** Collects limits; all of them throw IllegalArgumentException for zero and less. */
  public static final class Builder {

    /** {@value}: the share of a limit at which a run is warned. */
    public static final double DEFAULT_WARN_AT = 0.8;

    private long maxModelCalls;
    private long maxToolCalls;
    private long maxTokens;
    private @Nullable Cost maxCost;
    private @Nullable Duration maxDuration;
    private int maxDepth;
    private int maxIdenticalToolCalls;
    private int maxRepeatedCycles;
    private int maxStalledAnswers;
    private double maxTokenVelocity;
    private double warnAt = DEFAULT_WARN_AT;
    private Set<String> pollingTools = Set.of();

    private Builder() {}

    private Builder(Builder from) {
      maxModelCalls = from.maxModelCalls;
      maxToolCalls = from.maxToolCalls;
      maxTokens = from.maxTokens;
      maxCost = from.maxCost;
      maxDuration = from.maxDuration;
      maxDepth = from.maxDepth;
      maxIdenticalToolCalls = from.maxIdenticalToolCalls;
      maxRepeatedCycles = from.maxRepeatedCycles;
      maxStalledAnswers = from.maxStalledAnswers;
      maxTokenVelocity = from.maxTokenVelocity;
      warnAt = from.warnAt;
      pollingTools = from.pollingTools;
    }

    /**
     * Calls of chat models, those that a cache answers among them; calls that another interceptor
     * refuses do not count.
     */
    public Builder maxModelCalls(long calls) {
      maxModelCalls = positive("maxModelCalls", calls);
      return this;
    }

    /** Executions of tools. */
    public Builder maxToolCalls(long calls) {
      maxToolCalls = positive("maxToolCalls", calls);
      return this;
    }

    /** Input and output tokens, those of embeddings among them; answers of a cache have none. */
    public Builder maxTokens(long tokens) {
      maxTokens = positive("maxTokens", tokens);
      return this;
    }

    /** Money, as the interceptor that prices calls tells it; without one nothing is spent. */
    public Builder maxCost(Cost cost) {
      if (cost.signum() <= 0) {
        throw new IllegalArgumentException("maxCost must be positive: " + cost);
      }
      maxCost = cost;
      return this;
    }

    /**
     * Time from the beginning of the run. It is also the {@link dev.agentops.Deadline} of all that
     * the run does.
     */
    public Builder maxDuration(Duration duration) {
      if (duration.isZero() || duration.isNegative()) {
        throw new IllegalArgumentException("maxDuration must be positive: " + duration);
      }
      maxDuration = duration;
      return this;
    }

    /** Agents inside of agents, from the outermost on: 1 allows none inside of that. */
    public Builder maxDepth(int depth) {
      maxDepth = (int) positive("maxDepth", depth);
      return this;
    }

    /**
     * Calls in a row of the same tool with the same arguments, whatever the order of their fields
     * and their white space. Each agent of a run is looked at by itself.
     */
    public Builder maxIdenticalToolCalls(int calls) {
      maxIdenticalToolCalls = (int) positive("maxIdenticalToolCalls", calls);
      return this;
    }

    /**
     * How often in a row an agent may go through the same cycle of 1 to 5 tool calls, each with the
     * same arguments as the last time.
     */
    public Builder maxRepeatedCycles(int cycles) {
      maxRepeatedCycles = (int) positive("maxRepeatedCycles", cycles);
      return this;
    }

    /**
     * Answers in a row that bring nothing new: what the model said last, text and tool calls, it
     * has said before to the same last message or tool results.
     */
    public Builder maxStalledAnswers(int answers) {
      maxStalledAnswers = (int) positive("maxStalledAnswers", answers);
      return this;
    }

    /**
     * How many times the tokens of one minute may exceed the agent's own norm: what its busy runs,
     * those at the 90th percentile of its last 64, use in their busiest minute. Without effect
     * until 20 runs of the agent have ended well, and below 10,000 tokens a minute.
     *
     * @param factor more than 1
     */
    public Builder maxTokenVelocity(double factor) {
      if (!(factor > 1 && factor < Double.POSITIVE_INFINITY)) {
        throw new IllegalArgumentException("maxTokenVelocity must be more than 1: " + factor);
      }
      maxTokenVelocity = factor;
      return this;
    }

    /**
     * The share of a limit at which the run is warned, once for each limit; {@value
     * #DEFAULT_WARN_AT} unless said.
     *
     * @param share more than 0, at most 1
     */
    public Builder warnAt(double share) {
      if (!(share > 0 && share <= 1)) {
        throw new IllegalArgumentException("warnAt must be more than 0 and at most 1: " + share);
      }
      warnAt = share;
      return this;
    }

    /**
     * Tools that are meant to be called again and again with the same arguments, such as {@code
     * job_status}: no limit of identical calls, cycles and stalled answers looks at them. In place
     * of those given before.
     */
    public Builder pollingTools(String... names) {
      pollingTools = Set.of(names);
      return this;
    }

    public RunLimits build() {
      return new RunLimits(new Builder(this));
    }

    private static long positive(String name, long value) {
      if (value <= 0) {
        throw new IllegalArgumentException(name + " must be positive: " + value);
      }
      return value;
    }
  }
}

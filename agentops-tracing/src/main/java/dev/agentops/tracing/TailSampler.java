package dev.agentops.tracing;

import dev.agentops.Cost;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Predicate;

/**
 * Decides, when a trace has ended, whether it is worth keeping: by its errors, its cost, its time,
 * its loops, its scores, and by chance. Immutable, hence thread-safe.
 *
 * <pre>{@code
 * TailSampler.builder()
 *     .keepErrors()
 *     .keepCostAbove(Cost.usd("0.10"))
 *     .keepLongerThan(Duration.ofSeconds(30))
 *     .keepRatio(0.05) // of the rest
 *     .build();
 * }</pre>
 *
 * <p>A trace is kept or left out whole, and so is what comes to it later; two that were started
 * under one id are decided apart. It is decided on the tracer's background thread, in memory: a
 * running trace costs as much as one that is kept. What is left out is counted under {@link
 * DropReason#TAIL_NOT_SAMPLED}.
 */
public final class TailSampler {

  private final List<Predicate<Trace>> rules;
  private final double ratio;

  private TailSampler(Builder from) {
    rules = List.copyOf(from.rules);
    ratio = from.ratio;
  }

  /** Starts without a rule: keeps nothing unless one is added. */
  public static Builder builder() {
    return new Builder();
  }

  /** Whether to keep a trace; a rule that throws keeps it. */
  boolean keeps(Trace trace, long traceIdLow) {
    for (Predicate<Trace> rule : rules) {
      try {
        if (rule.test(trace)) {
          return true;
        }
      } catch (Throwable t) { // better one too many
        return true;
      }
    }
    // other bits than a sampler by ratio has looked at when the trace started
    long mixed = traceIdLow * 0x9E3779B97F4A7C15L;
    return ((mixed ^ (mixed >>> 32)) & Long.MAX_VALUE) < ratio * Long.MAX_VALUE;
  }

  /** Collects the reasons to keep a trace; one is enough. Not thread-safe. */
  public static final class Builder {

    private final List<Predicate<Trace>> rules = new ArrayList<>();
    private double ratio;

    private Builder() {}

    /** Keeps a trace with a span that failed, was rejected or was abandoned. */
    public Builder keepErrors() {
      return keepIf(trace -> trace.spans().stream().anyMatch(span -> span.status().isError()));
    }

    /** Keeps a trace that cost more than this. */
    public Builder keepCostAbove(Cost cost) {
      Objects.requireNonNull(cost, "cost");
      return keepIf(trace -> trace.cost().compareTo(cost) > 0);
    }

    /**
     * Keeps a trace that took longer than this.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public Builder keepLongerThan(Duration duration) {
      if (duration.isNegative()) {
        throw new IllegalArgumentException("duration must not be negative: " + duration);
      }
      return keepIf(trace -> trace.duration().compareTo(duration) > 0);
    }

    /**
     * Keeps a trace in which the same tool was called with the same arguments at least this often,
     * or where arguments are not captured, the same tool.
     *
     * @throws IllegalArgumentException if it is less than two
     */
    public Builder keepRepeatedToolCalls(int times) {
      if (times < 2) {
        throw new IllegalArgumentException("times must be at least 2: " + times);
      }
      return keepIf(trace -> ToolRepetitions.most(trace) >= times);
    }

    /** Keeps a trace that has got a score of this name below a value by the time it ends. */
    public Builder keepScoreBelow(String name, double value) {
      Objects.requireNonNull(name, "name");
      return keepIf(
          trace ->
              trace.scores().stream()
                  .anyMatch(
                      score -> score.name().equals(name) && score.value().orElse(value) < value));
    }

    /** Keeps a trace for which this holds. */
    public Builder keepIf(Predicate<Trace> rule) {
      rules.add(Objects.requireNonNull(rule, "rule"));
      return this;
    }

    /**
     * Keeps a share of all other traces, by the id; none unless said.
     *
     * @param ratio from 0 to 1
     * @throws IllegalArgumentException if it is not
     */
    public Builder keepRatio(double ratio) {
      if (!(ratio >= 0 && ratio <= 1)) {
        throw new IllegalArgumentException("ratio must be from 0 to 1: " + ratio);
      }
      this.ratio = ratio;
      return this;
    }

    public TailSampler build() {
      return new TailSampler(this);
    }
  }
}

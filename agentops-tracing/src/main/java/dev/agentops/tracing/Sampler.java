package dev.agentops.tracing;

import dev.agentops.Clock;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Decides, when a trace starts, whether it is recorded at all. Implementations are thread-safe, and
 * quick: they run on the agent's thread.
 *
 * <p>What is left out is still counted, with its tokens and cost, under {@link
 * DropReason#NOT_SAMPLED}. What a sampler throws is logged, and the trace recorded. To keep traces
 * by how they end, use a {@link TailSampler}.
 */
@FunctionalInterface
public interface Sampler {

  /**
   * Whether to record a trace.
   *
   * @param agent whose work begins
   * @param action what it is
   * @param traceIdLow the last 16 digits of the trace id as a number, so that all processes of a
   *     trace can decide alike
   * @param parent the span elsewhere of which the work is a child; null where there is none
   */
  boolean isSampled(String agent, String action, long traceIdLow, @Nullable TraceParent parent);

  /** Records all traces. */
  static Sampler always() {
    return (agent, action, id, parent) -> true;
  }

  /** Records none. */
  static Sampler never() {
    return (agent, action, id, parent) -> false;
  }

  /**
   * Records a share of all traces, by the id, as OpenTelemetry's {@code TraceIdRatioBased} does.
   *
   * @param ratio from 0 to 1
   * @throws IllegalArgumentException if it is not
   */
  static Sampler ratio(double ratio) {
    if (!(ratio >= 0 && ratio <= 1)) {
      throw new IllegalArgumentException("ratio must be from 0 to 1: " + ratio);
    }
    if (ratio == 1) {
      return always();
    }
    long bound = (long) (ratio * Long.MAX_VALUE);
    return (agent, action, id, parent) -> Math.abs(id) < bound; // as OpenTelemetry's SDK does
  }

  /**
   * Records so many traces a second at most, and up to one second's worth at once.
   *
   * @throws IllegalArgumentException if it is not positive and finite
   */
  static Sampler rateLimited(double tracesPerSecond) {
    return rateLimited(tracesPerSecond, Clock.system());
  }

  /** As {@link #rateLimited(double)}, by another clock. */
  static Sampler rateLimited(double tracesPerSecond, Clock clock) {
    if (!(tracesPerSecond > 0 && tracesPerSecond <= 1e9)) {
      throw new IllegalArgumentException(
          "tracesPerSecond must be positive and at most 1e9: " + tracesPerSecond);
    }
    Objects.requireNonNull(clock, "clock");
    long interval = (long) (1e9 / tracesPerSecond);
    long burst = Math.max(interval, 1_000_000_000L);
    // GCRA: when the next one would be due if they came evenly
    AtomicLong due = new AtomicLong(clock.nanoTime() - burst);
    return (agent, action, id, parent) -> {
      while (true) {
        long now = clock.nanoTime();
        long known = due.get();
        long from = Math.max(0, known - (now - burst)) + (now - burst); // overflow-safe maximum
        if (from + interval - now > 0) {
          return false;
        }
        if (due.compareAndSet(known, from + interval)) {
          return true;
        }
      }
    };
  }

  /** Does as the parent elsewhere did; without one, asks another sampler. */
  static Sampler parentBased(Sampler root) {
    Objects.requireNonNull(root, "root");
    return (agent, action, id, parent) ->
        parent != null ? parent.sampled() : root.isSampled(agent, action, id, null);
  }
}

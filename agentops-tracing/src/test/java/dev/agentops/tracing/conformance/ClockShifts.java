package dev.agentops.tracing.conformance;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * By how much the times of each trace are off as a whole.
 *
 * <p>A tracer takes the wall time once for a trace and goes on by monotonic time. It cannot read
 * the two at one instant, so all spans of a trace may be off by the same amount; but not one span
 * against the other.
 */
final class ClockShifts {

  private final Map<String, Bounds> bounds = new HashMap<>();

  /** Takes account of a time, and of the bounds that the kit measured, which may be null. */
  void observe(String traceId, Instant earliest, Instant time, Instant latest) {
    Bounds known = bounds.computeIfAbsent(traceId, id -> new Bounds());
    if (earliest != null) {
      known.least = Math.max(known.least, Duration.between(time, earliest).toNanos());
    }
    if (latest != null) {
      known.most = Math.min(known.most, Duration.between(time, latest).toNanos());
    }
  }

  /** What to add to the times of the trace; zero where no one amount makes all of them right. */
  Duration of(String traceId) {
    Bounds known = bounds.get(traceId);
    if (known == null || known.least > known.most) {
      return Duration.ZERO;
    }
    return Duration.ofNanos(Math.min(Math.max(0, known.least), known.most));
  }

  private static final class Bounds {

    private long least = Long.MIN_VALUE;
    private long most = Long.MAX_VALUE;
  }
}

package dev.agentops.tracing;

import dev.agentops.Clock;
import java.time.Instant;

/**
 * The time of one trace: a wall time taken once, at its root, and monotonic time from there. So a
 * clock that is set while the trace runs cannot make a child begin before its parent.
 */
final class Timeline {

  private final Clock clock;
  private final Instant origin;
  private final long originNanos;

  private Timeline(Clock clock) {
    this.clock = clock;
    this.origin = clock.now();
    this.originNanos = clock.nanoTime();
  }

  static Timeline startingNow(Clock clock) {
    return new Timeline(clock);
  }

  long nanoTime() {
    return clock.nanoTime();
  }

  Instant at(long nanoTime) {
    return origin.plusNanos(nanoTime - originNanos);
  }
}

package dev.agentops.ratelimit;

import dev.agentops.Clock;
import java.util.concurrent.TimeUnit;

/**
 * Moves an adaptive limit by what the calls tell: once a round trip by their samples, which are as
 * many as may run at once, and after an overload at once. Calls that had begun when the limit was
 * last lowered do not lower it again: they tell of the same congestion. Thread-safe.
 */
final class LimitController {

  private static final int FEWEST_SAMPLES = 10;
  private static final long STALE_NANOS = TimeUnit.MINUTES.toNanos(10);

  private final LimitAlgorithm algorithm;
  private final int minimum;
  private final int maximum;
  private final CurrentLimit limit;
  private final Clock clock;
  private double exact;
  private int samples;
  private double sum;
  private int mostInUse;
  private long movedAtNanos;
  private boolean lowered;
  private long loweredAtNanos;
  private long heardAtNanos;

  LimitController(AdaptiveLimit adaptive, CurrentLimit limit, Clock clock) {
    this.algorithm = adaptive.algorithm();
    this.minimum = adaptive.minimum();
    this.maximum = adaptive.maximum();
    this.limit = limit;
    this.clock = clock;
    this.exact = limit.value();
    this.heardAtNanos = clock.coarseNanoTime();
  }

  synchronized void sample(long startNanos, long nanos, int inUse) {
    heardAtNanos = clock.coarseNanoTime();
    if (algorithm.isProbing() && startNanos - movedAtNanos < 0) {
      return;
    }
    samples++;
    sum += Math.max(1, nanos); // an algorithm may divide by it
    mostInUse = Math.max(mostInUse, inUse);
    if (samples >= Math.max(FEWEST_SAMPLES, limit.value())) {
      moveTo(algorithm.afterRound(exact, sum / samples, mostInUse));
    }
  }

  synchronized void overloaded(long startNanos) {
    heardAtNanos = clock.coarseNanoTime();
    if (lowered && startNanos - loweredAtNanos < 0) {
      return;
    }
    moveTo(algorithm.afterOverload(exact));
    lowered = true;
    loweredAtNanos = movedAtNanos;
  }

  /** Whether it has not heard of calls for so long that what it knows is worth no more. */
  synchronized boolean isStale() {
    return clock.coarseNanoTime() - heardAtNanos > STALE_NANOS;
  }

  private void moveTo(double next) {
    exact = Double.isNaN(next) ? exact : Math.max(minimum, Math.min(maximum, next));
    limit.set((int) exact);
    movedAtNanos = clock.nanoTime();
    samples = 0;
    sum = 0;
    mostInUse = 0;
  }
}

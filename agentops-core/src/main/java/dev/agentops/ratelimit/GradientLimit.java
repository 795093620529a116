package dev.agentops.ratelimit;

/**
 * Follows the ratio of the latency without a queue to the latency now.
 *
 * <p>After Netflix' concurrency-limits ({@code Gradient2Limit}): {@code limit x gradient +
 * headroom}, smoothed, with {@code gradient = tolerance x base / mean} between 1/2 and 1, and as
 * long as half of the limit is used. The base differs: a long-term average creeps up to the latency
 * of an overload that lasts, so this is the least mean of a round, measured anew now and then,
 * often at first, at a lower limit, as BBR does for its round-trip time (N. Cardwell et al., "BBR:
 * congestion-based congestion control", ACM Queue 14, 2016).
 */
final class GradientLimit implements LimitAlgorithm {

  private static final double LEAST_GRADIENT = 0.5;
  private static final double SMOOTHING = 0.5;
  private static final int FEWEST_ROUNDS_BETWEEN_PROBES = 5;
  private static final int MOST_ROUNDS_BETWEEN_PROBES = 50;

  /** Of the limit at which the latency is that which is tolerated: where no queue is. */
  private static final double PROBE_DEPTH = 0.75;

  /** What the headroom adds to the tolerance, about, so that a probe goes deep enough. */
  private static final double LEAST_DIVISOR = 1.5;

  private final double tolerance;
  private final double backoffRatio;
  private double baseNanos;
  private int roundsSinceBase;
  private int roundsBetweenProbes = FEWEST_ROUNDS_BETWEEN_PROBES;
  private boolean probing;
  private double limitBeforeProbe;

  GradientLimit(double tolerance, double backoffRatio) {
    this.tolerance = tolerance;
    this.backoffRatio = backoffRatio;
  }

  @Override
  public boolean isProbing() {
    return probing;
  }

  @Override
  public double afterRound(double limit, double meanNanos, int mostInUse) {
    if (probing) {
      probing = false;
      probed(meanNanos);
      return limitBeforeProbe;
    }
    if (baseNanos == 0) {
      measured(meanNanos);
    } else if (meanNanos < baseNanos) {
      measured((baseNanos + meanNanos) / 2); // a single lucky round does not count in full
    }
    roundsSinceBase++;
    boolean probe = roundsSinceBase >= roundsBetweenProbes;
    if (mostInUse * 2 < limit) {
      if (probe) { // it is one already
        probed(meanNanos);
      }
      return limit;
    }
    if (probe) {
      probing = true;
      limitBeforeProbe = limit;
      return limit * PROBE_DEPTH / Math.max(LEAST_DIVISOR, tolerance);
    }
    double gradient = Math.max(LEAST_GRADIENT, Math.min(1, tolerance * baseNanos / meanNanos));
    double target = limit * gradient + Math.max(1, Math.sqrt(limit) / 2);
    return limit + SMOOTHING * (target - limit);
  }

  @Override
  public double afterOverload(double limit) {
    double before = probing ? limitBeforeProbe : limit; // that of a probe is too low on purpose
    if (probing) {
      probing = false;
      roundsSinceBase = 0;
    }
    return before * backoffRatio;
  }

  private void probed(double meanNanos) {
    boolean sameAgain = meanNanos > baseNanos / tolerance && meanNanos < baseNanos * tolerance;
    roundsBetweenProbes =
        sameAgain
            ? Math.min(MOST_ROUNDS_BETWEEN_PROBES, 2 * roundsBetweenProbes)
            : FEWEST_ROUNDS_BETWEEN_PROBES;
    measured(meanNanos);
  }

  private void measured(double nanos) {
    baseNanos = nanos;
    roundsSinceBase = 0;
  }
}

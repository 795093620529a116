package dev.agentops.ratelimit;

/**
 * Additive increase, multiplicative decrease: one more a round trip while at least half of the
 * limit is used, and a part of it after an overload.
 *
 * <p>D. Chiu and R. Jain, "Analysis of the increase and decrease algorithms for congestion
 * avoidance in computer networks" (1989); RFC 5681, section 3.1. That an unused limit does not grow
 * is RFC 7661, and {@code AIMDLimit} of Netflix' concurrency-limits.
 */
final class AimdLimit implements LimitAlgorithm {

  private final double backoffRatio;
  private final double slowNanos;

  AimdLimit(double backoffRatio, double slowNanos) {
    this.backoffRatio = backoffRatio;
    this.slowNanos = slowNanos;
  }

  @Override
  public double afterRound(double limit, double meanNanos, int mostInUse) {
    if (meanNanos > slowNanos) {
      return afterOverload(limit);
    }
    return mostInUse * 2 >= limit ? limit + 1 : limit;
  }

  @Override
  public double afterOverload(double limit) {
    return limit * backoffRatio;
  }
}

package dev.agentops.ratelimit;

/** How an adaptive limit moves. Used by one thread at a time. */
interface LimitAlgorithm {

  /**
   * The limit after about one round trip of calls.
   *
   * @param limit as it was
   * @param meanNanos of the samples of these calls
   * @param mostInUse how many ran at once
   */
  double afterRound(double limit, double meanNanos, int mostInUse);

  /** Whether only calls that have begun since the limit moved count: it is measuring. */
  default boolean isProbing() {
    return false;
  }

  /** The limit after a call has said that the server has too much to do. */
  double afterOverload(double limit);
}

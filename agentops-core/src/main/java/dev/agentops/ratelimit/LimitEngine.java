package dev.agentops.ratelimit;

import java.util.List;

/** What decides for a {@link RateLimiter}: the meters of this process, or a store. Thread-safe. */
interface LimitEngine {

  /**
   * Takes a demand, if it fits within the time.
   *
   * @param holds whether it is to take a permit of a concurrency limit, too
   */
  Charge take(String key, Demand demand, long maxWaitNanos, boolean holds);

  /** As {@link #take} without a wait would decide; takes nothing. */
  Charge probe(String key, Demand demand);

  /** Lets nothing pass for a key for a time; the longer one wins. */
  void penalize(String key, long nanos);

  /** Lets nothing pass for any key for a time; the longer one wins. */
  void penalizeAll(long nanos);

  /** Makes the buckets of a key no fuller than this. */
  void observe(String key, List<Left> left);

  /**
   * What is left of a limit.
   *
   * @param units at least 0
   */
  record Left(Limit limit, long units) {}
}

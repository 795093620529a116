package dev.agentops.ratelimit;

/**
 * How a charge ends: what was estimated and what was used of each, in units.
 *
 * @param cancelled whether nothing was used, not even the time that was waited for
 */
record Settlement(
    long requestsTaken,
    long inputTaken,
    long outputTaken,
    long requestsUsed,
    long inputUsed,
    long outputUsed,
    boolean cancelled) {

  static Settlement used(Demand taken, long input, long output) {
    return new Settlement(
        taken.requests(),
        taken.inputTokens(),
        taken.outputTokens(),
        taken.requests(),
        input,
        output,
        false);
  }

  static Settlement cancelled(Demand taken) {
    return new Settlement(
        taken.requests(), taken.inputTokens(), taken.outputTokens(), 0, 0, 0, true);
  }

  /**
   * When a bucket will have leaked empty after it.
   *
   * <p>What was not used is given back as far as it has not leaked since, for then it is free
   * already. What was taken last leaks last, so it has leaked once the bucket would be empty
   * without anything that came later.
   *
   * @param tat when it will without
   * @param before when it would have before the charge
   * @param after when it would have right after it
   */
  long settled(Limit limit, long nowTicks, long tat, long before, long after) {
    long taken = limit.cost(limit.units(requestsTaken, inputTaken, outputTaken));
    long used = limit.cost(limit.units(requestsUsed, inputUsed, outputUsed));
    if (used >= taken) {
      long level = Math.max(0, tat - nowTicks);
      return used == taken ? tat : nowTicks + Math.min(level + used - taken, Limit.FOR_EVER);
    }
    if (cancelled && tat == after) {
      return before; // as if it had never been: what it waited for is given back, too
    }
    return tat - Math.min(taken - used, Math.max(0, after - nowTicks));
  }
}

package dev.agentops.ratelimit;

/**
 * What a {@link ConcurrencyLimiter} did and does, over all its keys. Immutable; the counts are
 * since the limiter was built.
 */
public final class ConcurrencyStats {

  private final int limit;
  private final long inUse;
  private final long waiting;
  private final int keys;
  private final long refused;
  private final long waited;
  private final long leaked;
  private final long overdue;
  private final long forgotten;

  ConcurrencyStats(int limit, long inUse, long waiting, int keys, ConcurrencyCounters counters) {
    this.limit = limit;
    this.inUse = inUse;
    this.waiting = waiting;
    this.keys = keys;
    this.refused = counters.refused.sum();
    this.waited = counters.waited.sum();
    this.leaked = counters.leaked.sum();
    this.overdue = counters.overdue.sum();
    this.forgotten = counters.forgotten.sum();
  }

  /** The most that may run at once now, of calls without a key. */
  public int limit() {
    return limit;
  }

  /** How many run now. */
  public long inUse() {
    return inUse;
  }

  /** How many wait now. */
  public long waiting() {
    return waiting;
  }

  /** How many keys are kept now. */
  public int keys() {
    return keys;
  }

  /** How often nobody got a permit: none was free, none came in time, or too many waited. */
  public long refused() {
    return refused;
  }

  /** How many had to wait, whether they got a permit or not. */
  public long waited() {
    return waited;
  }

  /** How many permits were lost by their holders and given back by the garbage collector. */
  public long leaked() {
    return leaked;
  }

  /** How many permits were held for longer than {@link ConcurrencyLimiter.Builder#maxHold}. */
  public long overdue() {
    return overdue;
  }

  /** How many keys nobody used any more and were forgotten. */
  public long forgotten() {
    return forgotten;
  }

  @Override
  public String toString() {
    return "ConcurrencyStats{limit="
        + limit
        + ", inUse="
        + inUse
        + ", waiting="
        + waiting
        + ", keys="
        + keys
        + ", refused="
        + refused
        + ", waited="
        + waited
        + ", leaked="
        + leaked
        + ", overdue="
        + overdue
        + ", forgotten="
        + forgotten
        + '}';
  }
}

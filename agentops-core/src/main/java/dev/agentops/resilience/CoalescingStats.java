package dev.agentops.resilience;

/** What a {@link CoalescingEmbeddingModel} has done so far. Immutable. */
public final class CoalescingStats {

  private final long calls;
  private final long batches;
  private final long batchedCalls;
  private final long madeAlone;
  private final long refused;

  CoalescingStats(long calls, long batches, long batchedCalls, long madeAlone, long refused) {
    this.calls = calls;
    this.batches = batches;
    this.batchedCalls = batchedCalls;
    this.madeAlone = madeAlone;
    this.refused = refused;
  }

  /** How many calls came, those for a request object aside. */
  public long calls() {
    return calls;
  }

  /** How many batches were sent, of one call or more that had waited. */
  public long batches() {
    return batches;
  }

  /** How many calls went in batches; the others went at once, by themselves. */
  public long batchedCalls() {
    return batchedCalls;
  }

  /** How many calls were made again alone, for their batch had failed. */
  public long madeAlone() {
    return madeAlone;
  }

  /** How many were refused, for too many waited. */
  public long refused() {
    return refused;
  }

  @Override
  public String toString() {
    return "CoalescingStats{calls="
        + calls
        + ", batches="
        + batches
        + ", batchedCalls="
        + batchedCalls
        + ", madeAlone="
        + madeAlone
        + ", refused="
        + refused
        + '}';
  }
}

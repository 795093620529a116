package dev.agentops.guard;

/** What a {@link RunGuard} has counted since it was built. Immutable. */
public final class RunGuardStats {

  private final long runs;
  private final int activeRuns;
  private final long forgottenRuns;
  private final long warnings;
  private final long stoppedRuns;
  private final long refusedByLimit;
  private final long refusedByKill;
  private final long brokenOffCalls;
  private final long withdrawnToolCalls;

  RunGuardStats(GuardCounters counters, int activeRuns, long forgottenRuns) {
    this.runs = counters.runs.sum();
    this.activeRuns = activeRuns;
    this.forgottenRuns = forgottenRuns;
    this.warnings = counters.warnings.sum();
    this.stoppedRuns = counters.stopped.sum();
    this.refusedByLimit = counters.refusedByLimit.sum();
    this.refusedByKill = counters.refusedByKill.sum();
    this.brokenOffCalls = counters.brokenOff.sum();
    this.withdrawnToolCalls = counters.withdrawnToolCalls.sum();
  }

  /** How many runs have begun. */
  public long runs() {
    return runs;
  }

  /** How many are going on, as far as they are remembered. */
  public int activeRuns() {
    return activeRuns;
  }

  /** How many were forgotten because nobody said that they are over, or because of too many. */
  public long forgottenRuns() {
    return forgottenRuns;
  }

  /** How often a run has passed the warning share of a limit. */
  public long warnings() {
    return warnings;
  }

  /** How many runs, and agents with limits of their own, were stopped by a limit. */
  public long stoppedRuns() {
    return stoppedRuns;
  }

  /** How many calls of stopped runs were refused, the ones that met the limit among them. */
  public long refusedByLimit() {
    return refusedByLimit;
  }

  /** How many calls were refused by kill switches. */
  public long refusedByKill() {
    return refusedByKill;
  }

  /** How many calls that were under way were broken off. */
  public long brokenOffCalls() {
    return brokenOffCalls;
  }

  /** How often a tool that is withdrawn was asked for. */
  public long withdrawnToolCalls() {
    return withdrawnToolCalls;
  }

  @Override
  public String toString() {
    return "RunGuardStats{runs="
        + runs
        + ", active="
        + activeRuns
        + ", forgotten="
        + forgottenRuns
        + ", warnings="
        + warnings
        + ", stopped="
        + stoppedRuns
        + ", refusedByLimit="
        + refusedByLimit
        + ", refusedByKill="
        + refusedByKill
        + ", brokenOff="
        + brokenOffCalls
        + ", withdrawnToolCalls="
        + withdrawnToolCalls
        + '}';
  }
}

package dev.agentops.resilience;

import java.time.Duration;

/** What a {@link WorkQueue} has done so far. Immutable. */
public final class WorkQueueStats {

  private final int waiting;
  private final int running;
  private final long accepted;
  private final long succeeded;
  private final long failed;
  private final long cancelled;
  private final long expired;
  private final long shed;
  private final long refused;
  private final Duration averageRun;

  WorkQueueStats(Counts counts, int waiting, int running) {
    this.waiting = waiting;
    this.running = running;
    accepted = counts.accepted;
    succeeded = counts.succeeded;
    failed = counts.failed;
    cancelled = counts.cancelled;
    expired = counts.expired;
    shed = counts.shed;
    refused = counts.refused;
    averageRun = Duration.ofNanos((long) counts.averageNanos);
  }

  /** How many jobs wait now. */
  public int waiting() {
    return waiting;
  }

  /** How many run now. */
  public int running() {
    return running;
  }

  /** How many were taken in: all but the refused. */
  public long accepted() {
    return accepted;
  }

  /** How many ran to their end. */
  public long succeeded() {
    return succeeded;
  }

  /** How many ran and threw. */
  public long failed() {
    return failed;
  }

  /** How many were given up by those who wanted them, before or while they ran. */
  public long cancelled() {
    return cancelled;
  }

  /** How many ran out of time, before or while they ran. */
  public long expired() {
    return expired;
  }

  /** How many had to go for others before they ran. */
  public long shed() {
    return shed;
  }

  /** How many were not taken in. */
  public long refused() {
    return refused;
  }

  /** How long the last jobs ran on average; zero before one has ended. */
  public Duration averageRun() {
    return averageRun;
  }

  @Override
  public String toString() {
    return "WorkQueueStats{waiting="
        + waiting
        + ", running="
        + running
        + ", accepted="
        + accepted
        + ", succeeded="
        + succeeded
        + ", failed="
        + failed
        + ", cancelled="
        + cancelled
        + ", expired="
        + expired
        + ", shed="
        + shed
        + ", refused="
        + refused
        + ", averageRun="
        + averageRun
        + '}';
  }

  /** The numbers while they grow. Not thread-safe. */
  static final class Counts {

    /** The last ten jobs or so decide. */
    private static final double WEIGHT = 0.1;

    long accepted;
    long succeeded;
    long failed;
    long cancelled;
    long expired;
    long shed;
    long refused;
    double averageNanos;

    void left(QueuedJob.End end) {
      switch (end) {
        case SUCCEEDED -> succeeded++;
        case FAILED -> failed++;
        case CANCELLED -> cancelled++;
        case EXPIRED -> expired++;
        case SHED -> shed++;
      }
    }

    void ran(long nanos) {
      averageNanos =
          averageNanos == 0 ? nanos : averageNanos + WEIGHT * ((double) nanos - averageNanos);
    }
  }
}

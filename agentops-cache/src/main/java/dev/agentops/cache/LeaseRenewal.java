package dev.agentops.cache;

import dev.agentops.Clock;
import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Renews a lease at each third of its time until closed. Thread-safe; never throws. */
final class LeaseRenewal implements AutoCloseable {

  private final @Nullable Lease<?> lease;
  private final Duration duration;
  private final Clock clock;
  private final Executor workers;
  private boolean closed;
  private Clock.@Nullable Timer timer;

  /**
   * Starts.
   *
   * @param lease null where there is nothing to renew
   * @param workers for the requests to the store; may reject
   */
  LeaseRenewal(@Nullable Lease<?> lease, Duration duration, Clock clock, Executor workers) {
    this.lease = lease;
    this.duration = duration;
    this.clock = clock;
    this.workers = workers;
    schedule();
  }

  /** Ends; the lease stays until it is released or its time is over. */
  @Override
  public synchronized void close() {
    closed = true;
    if (timer != null) {
      timer.cancel();
    }
  }

  private synchronized void schedule() {
    if (lease != null && !closed) {
      timer = clock.schedule(duration.dividedBy(3), this::handOver);
    }
  }

  private void handOver() {
    try {
      workers.execute(this::renew);
    } catch (RejectedExecutionException e) {
      schedule(); // two more tries before it ends
    }
  }

  private void renew() {
    if (lease != null && lease.renew(duration)) {
      schedule();
    }
  }
}

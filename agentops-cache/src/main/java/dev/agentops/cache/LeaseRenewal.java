package dev.agentops.cache;

import dev.agentops.Clock;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Renews a lease at each third of its time, until closed or nobody waits for the load any more.
 * Thread-safe; never throws.
 */
final class LeaseRenewal implements AutoCloseable {

  private final @Nullable Lease<?> lease;
  private final Duration duration;
  private final BooleanSupplier wanted;
  private final Clock clock;
  private final DaemonPool workers;
  private boolean closed;
  private Clock.@Nullable Timer timer;

  /**
   * Starts.
   *
   * @param lease null where there is nothing to renew
   * @param wanted whether it is to be renewed yet
   * @param workers for the requests to the store; may reject
   */
  LeaseRenewal(
      @Nullable Lease<?> lease,
      Duration duration,
      BooleanSupplier wanted,
      Clock clock,
      DaemonPool workers) {
    this.lease = lease;
    this.duration = duration;
    this.wanted = wanted;
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
      if (!workers.isClosed()) {
        schedule(); // two more tries before it ends
      }
    }
  }

  private void renew() {
    if (lease != null && wanted.getAsBoolean() && lease.renew(duration)) {
      schedule();
    }
  }
}

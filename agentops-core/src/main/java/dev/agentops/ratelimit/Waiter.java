package dev.agentops.ratelimit;

import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * A caller that stands in a {@link FairQueue}. The queue writes the result under its lock, before
 * it opens the latch.
 *
 * @param <T> what it waits for
 */
final class Waiter<T> {

  final String key;
  final Demand demand;

  /** Whether it is to hold a permit, where concurrency is limited. */
  final boolean holds;

  /** How much of the shared capacity it asks for, in the unit of all others in its queue. */
  final double cost;

  final long order;
  final long enqueuedNanos;
  final long deadlineNanos;

  private final CountDownLatch ended = new CountDownLatch(1);
  private @Nullable T taken;
  private @Nullable RuntimeException failure;
  private long retryAfterNanos;
  private boolean over;

  Waiter(
      String key, Demand demand, boolean holds, double cost, long order, long enqueuedNanos, long deadlineNanos) {
    this.key = key;
    this.demand = demand;
    this.holds = holds;
    this.cost = cost;
    this.order = order;
    this.enqueuedNanos = enqueuedNanos;
    this.deadlineNanos = deadlineNanos;
  }

  int priority() {
    return demand.priority();
  }

  /** Whether it stands in the queue no more. */
  boolean isOver() {
    return over;
  }

  /**
   * What it got; null where it was refused.
   *
   * @throws RuntimeException what the capacity threw
   */
  @Nullable T taken() {
    if (failure != null) {
      throw failure;
    }
    return taken;
  }

  @Nullable T takenIfAny() {
    return taken;
  }

  /** How long a refused one should wait before it asks again; at least 1. */
  long retryAfterNanos() {
    return retryAfterNanos;
  }

  void await() throws InterruptedException {
    ended.await();
  }

  void got(T taken) {
    this.taken = taken;
    end();
  }

  void refused(long retryAfterNanos) {
    this.retryAfterNanos = Math.max(1, retryAfterNanos);
    end();
  }

  void failed(RuntimeException failure) {
    this.failure = failure;
    end();
  }

  private void end() {
    over = true;
    ended.countDown();
  }
}

package dev.agentops.ratelimit;

import dev.agentops.Clock;
import dev.agentops.Deadline;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The permits of one key. Thread-safe.
 *
 * <p>How many are in use and how many wait stand in one word, so that taking and giving back are
 * one compare-and-set each, and a permit that is given back cannot miss one who begins to wait. The
 * lock is for the queue: whoever gives back while somebody waits takes it to hand the permit over.
 */
final class PermitPool {

  private static final long ONE_WAITING = 1L << 32;

  /** Forgotten: looks full, and stays so. */
  private static final long RETIRED = Integer.MAX_VALUE;

  private final PoolSettings settings;
  private final String key;
  private final CurrentLimit limit;
  private final @Nullable LimitController controller;
  private final PermitSlots slots = new PermitSlots();
  private final AtomicLong state = new AtomicLong();
  private final PriorityQueue<PermitWaiter> queue = new PriorityQueue<>();
  private long arrivals;

  PermitPool(PoolSettings settings, String key) {
    this.settings = settings;
    this.key = key;
    AdaptiveLimit adaptive = settings.adaptive();
    this.limit = adaptive == null ? settings.fixed() : new CurrentLimit(adaptive.initial());
    this.controller =
        adaptive == null ? null : new LimitController(adaptive, limit, settings.clock());
  }

  /** A permit if one is free and nobody waits; else null. */
  ConcurrencyLimiter.@Nullable Permit tryTake() {
    long seen = state.get();
    while (isFree(seen)) {
      if (state.compareAndSet(seen, seen + 1)) {
        return permit();
      }
      seen = state.get();
    }
    return null;
  }

  /**
   * Waits for a permit.
   *
   * @return null if this pool was forgotten in the meantime
   * @throws ConcurrencyLimitExceededException if none came free in time, or too many wait
   */
  ConcurrencyLimiter.@Nullable Permit take(Duration maxWait, int priority)
      throws InterruptedException {
    ConcurrencyLimiter.Permit free = tryTake();
    if (free != null) {
      return free;
    }
    Deadline deadline = Deadline.current();
    Duration wait = deadline == null ? maxWait : deadline.cut(maxWait);
    PermitWaiter waiter = new PermitWaiter(priority);
    switch (join(waiter, wait)) {
      case SERVED:
        return permit();
      case FORGOTTEN:
        return null;
      case REFUSED:
        throw refused(Duration.ZERO);
      case WAITING:
        break;
    }
    settings.counters().waited.increment();
    if (!awaitTurn(waiter, wait)) {
      throw refused(wait);
    }
    return permit();
  }

  /** Counts and makes a refusal. */
  ConcurrencyLimitExceededException refused(Duration waited) {
    settings.counters().refused.increment();
    return new ConcurrencyLimitExceededException(
        settings.name(), key, limit.value(), waited, waiting());
  }

  /** Gives back what the lease stands for; it has been ended by the caller, for good. */
  void release(Lease lease) {
    LeaseDetails details = lease.details();
    if (details != null) {
      details.end(controller, inUse());
    }
    giveBack();
  }

  /** As {@link #release}, for a lease whose permit nobody holds any more. */
  void recover(Lease lease) {
    LeaseDetails details = lease.details();
    if (details != null) {
      details.end(null, 0);
    }
    settings.counters().leaked(settings, key, details);
    giveBack();
  }

  /** To be called when the limit may have risen. */
  void handOver() {
    synchronized (queue) {
      long seen = state.get();
      while (waiting(seen) > 0 && inUse(seen) < limit.value()) {
        if (state.compareAndSet(seen, seen - ONE_WAITING + 1)) {
          queue.remove().serve();
        }
        seen = state.get();
      }
    }
  }

  /** Takes the pool out of use, if nobody uses it and nothing that it has learned is lost. */
  boolean retire() {
    return (controller == null || controller.isStale()) && state.compareAndSet(0, RETIRED);
  }

  boolean isRetired() {
    return state.get() == RETIRED;
  }

  int limit() {
    return limit.value();
  }

  int inUse() {
    long seen = state.get();
    return seen == RETIRED ? 0 : inUse(seen);
  }

  int waiting() {
    return waiting(state.get());
  }

  private ConcurrencyLimiter.Permit permit() {
    return slots.lease(this, settings.needsDetails() ? new LeaseDetails(settings, key) : null);
  }

  private void giveBack() {
    if (waiting(state.getAndDecrement()) > 0) {
      handOver();
    }
  }

  private Joined join(PermitWaiter waiter, Duration wait) {
    synchronized (queue) {
      while (true) {
        long seen = state.get();
        if (seen == RETIRED) {
          return Joined.FORGOTTEN;
        }
        if (isFree(seen)) {
          if (state.compareAndSet(seen, seen + 1)) {
            return Joined.SERVED;
          }
        } else if (wait.isZero() || wait.isNegative() || waiting(seen) >= settings.maxWaiting()) {
          return Joined.REFUSED;
        } else if (state.compareAndSet(seen, seen + ONE_WAITING)) {
          waiter.arrive(arrivals++);
          queue.add(waiter);
          return Joined.WAITING;
        }
      }
    }
  }

  private boolean awaitTurn(PermitWaiter waiter, Duration wait) throws InterruptedException {
    Clock.Timer timer = settings.clock().schedule(wait, waiter::giveUp);
    try {
      waiter.await();
    } catch (InterruptedException e) {
      if (!leave(waiter)) {
        giveBack();
      }
      throw e;
    } finally {
      timer.cancel();
    }
    return !leave(waiter);
  }

  /** False if it has been served. */
  private boolean leave(PermitWaiter waiter) {
    synchronized (queue) {
      boolean queued = queue.remove(waiter);
      if (queued) {
        state.addAndGet(-ONE_WAITING);
      }
      return queued;
    }
  }

  private boolean isFree(long seen) {
    return waiting(seen) == 0 && inUse(seen) < limit.value();
  }

  private static int inUse(long seen) {
    return (int) seen;
  }

  private static int waiting(long seen) {
    return (int) (seen >>> 32);
  }

  private enum Joined {
    SERVED,
    WAITING,
    REFUSED,
    FORGOTTEN
  }
}

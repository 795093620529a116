package dev.agentops.ratelimit;

import dev.agentops.Clock;
import dev.agentops.Deadline;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;

/**
 * How callers come to their turn, or learn why they do not: at once, at a time that is booked
 * ahead, or in the {@link WaitingRoom}. Thread-safe.
 */
final class Turns {

  private final String limiter;
  private final Clock clock;
  private final LimitEngine engine;
  private final Leases leases;
  private final WaitingRoom room;
  private final LimiterCounts counts;

  Turns(
      String limiter,
      Clock clock,
      LimitEngine engine,
      Leases leases,
      WaitingRoom room,
      LimiterCounts counts) {
    this.limiter = limiter;
    this.clock = clock;
    this.engine = engine;
    this.leases = leases;
    this.room = room;
    this.counts = counts;
  }

  /** Waits where it must: for a time that is booked ahead, or among those who want the same. */
  Charge takeInTurn(String key, Demand demand, Duration maxWait, boolean holds)
      throws InterruptedException {
    Deadline deadline = Deadline.current();
    Duration most = deadline == null ? maxWait : deadline.cut(maxWait);
    long mostNanos = Math.max(0, Clock.nanos(most));
    Objects.requireNonNull(key, "key");
    if (mostNanos > 0
        && (room.isFor(key, holds) || room.wouldPushIn(key, demand.priority(), holds))) {
      return takeAmongOthers(key, demand, mostNanos, holds);
    }
    Charge charge = take(key, demand, mostNanos, holds);
    awaitTurn(charge);
    return charge;
  }

  /** Takes what fits within the time, which is then to be waited for, or throws. */
  Charge take(String key, Demand demand, long maxWaitNanos, boolean holds) {
    Objects.requireNonNull(key, "key");
    leases.collect();
    if (room.wouldPushIn(key, demand.priority(), holds)) {
      Charge charge = engine.probe(key, demand);
      throw refusal(key, charge, behindOthers(key, demand, charge));
    }
    Charge charge = engine.take(key, demand, maxWaitNanos, holds);
    if (!charge.granted()) {
      throw refusal(key, charge, retryAfter(charge));
    }
    counts.decided(true);
    return charge;
  }

  private Charge takeAmongOthers(String key, Demand demand, long maxWaitNanos, boolean holds)
      throws InterruptedException {
    leases.collect();
    Charge charge =
        room.wouldPushIn(key, demand.priority(), holds) ? null : engine.take(key, demand, 0, holds);
    if (charge == null || !charge.granted()) {
      charge = await(key, demand, maxWaitNanos, holds);
    }
    counts.decided(true);
    return charge;
  }

  private Charge await(String key, Demand demand, long maxWaitNanos, boolean holds)
      throws InterruptedException {
    long start = clock.nanoTime();
    Waiter<Charge> waiter;
    try {
      waiter = room.await(key, demand, holds, maxWaitNanos);
    } catch (InterruptedException e) {
      counts.cancelled();
      throw e;
    }
    Charge charge = waiter.taken();
    if (charge == null) {
      Charge reason = engine.probe(key, demand);
      Duration told = Duration.ofNanos(waiter.retryAfterNanos());
      throw refusal(key, reason, later(told, retryAfter(reason)));
    }
    counts.waited(clock.nanoTime() - start);
    return charge;
  }

  private RateLimitExceededException refusal(String key, Charge reason, Duration retryAfter) {
    counts.decided(false);
    return new RateLimitExceededException(limiter, key, reason.binding(), retryAfter);
  }

  /** How soon to ask again where others wait for the same. */
  Duration behindOthers(String key, Demand demand, Charge charge) {
    Duration queue = Duration.ofNanos(room.estimateNanos(key, demand));
    return later(RateLimiter.CONCURRENCY_RETRY, later(queue, retryAfter(charge)));
  }

  private void awaitTurn(Charge charge) throws InterruptedException {
    long nanos = charge.waitNanos();
    if (nanos == 0) {
      return;
    }
    counts.waited(nanos);
    CountDownLatch turn = new CountDownLatch(1);
    Clock.Timer timer = clock.schedule(Duration.ofNanos(nanos), turn::countDown);
    try {
      turn.await();
    } catch (InterruptedException e) {
      timer.cancel();
      charge.cancel();
      room.returned(charge.key);
      counts.cancelled();
      throw e;
    }
  }

  static Duration retryAfter(Charge charge) {
    Duration wait = Duration.ofNanos(charge.granted() ? 0 : charge.waitNanos());
    return charge.full() && wait.compareTo(RateLimiter.CONCURRENCY_RETRY) < 0
        ? RateLimiter.CONCURRENCY_RETRY
        : wait;
  }

  private static Duration later(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? b : a;
  }
}

package dev.agentops.ratelimit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import org.jspecify.annotations.Nullable;

/** The bucket of a key that has one limit on requests or tokens: one number, changed by one CAS. */
final class OneLimitMeter extends Meter {

  /** No time that a clock gets to. */
  private static final long ENDED = Long.MIN_VALUE;

  private static final VarHandle TAT;

  static {
    try {
      TAT = MethodHandles.lookup().findVarHandle(OneLimitMeter.class, "tat", long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private volatile long tat;

  OneLimitMeter(RateLimits limits, long tat) {
    super(limits);
    this.tat = tat;
  }

  @Override
  long take(long now, long input, long output, long maxWaitNanos, @Nullable LocalCharge charge) {
    Limit limit = limits.get(0);
    long cost = limit.cost(limit.units(1, input, output));
    long nowTicks = limit.ticks(now);
    while (true) {
      long seen = tat;
      if (seen == ENDED) {
        return GONE;
      }
      long level = Math.max(0, seen - nowTicks);
      long wait = waitNanos(limit, level, cost);
      if (wait > maxWaitNanos) {
        return noting(charge, limit, wait);
      }
      long next = nowTicks + Math.min(level + cost, Limit.FOR_EVER);
      if (TAT.compareAndSet(this, seen, next)) {
        if (charge != null) {
          charge.add(new LocalCharge.Part(this, new long[] {seen}, new long[] {next}, false));
        }
        return noting(charge, limit, wait);
      }
      Thread.onSpinWait();
    }
  }

  @Override
  long probe(long now, long input, long output, @Nullable LocalCharge charge) {
    Limit limit = limits.get(0);
    long seen = tat;
    long level = Math.max(0, seen - limit.ticks(now));
    long cost = limit.cost(limit.units(1, input, output));
    return seen == ENDED ? GONE : noting(charge, limit, waitNanos(limit, level, cost));
  }

  @Override
  boolean settle(long now, LocalCharge.Part part, Settlement settlement) {
    Limit limit = limits.get(0);
    while (true) {
      long seen = tat;
      if (seen == ENDED) {
        return false;
      }
      long next =
          settlement.settled(limit, limit.ticks(now), seen, part.before()[0], part.after()[0]);
      if (TAT.compareAndSet(this, seen, next)) {
        return true;
      }
      Thread.onSpinWait();
    }
  }

  @Override
  boolean penalize(long openAt) {
    return false; // there is no room for it
  }

  @Override
  boolean drain(long now, int index, long unitsLeft) {
    Limit limit = limits.get(index);
    long least =
        limit.ticks(now) + limit.capacity() - Math.min(limit.cost(unitsLeft), limit.capacity());
    while (true) {
      long seen = tat;
      if (seen == ENDED) {
        return false;
      }
      if (seen - least >= 0 || TAT.compareAndSet(this, seen, least)) {
        return true;
      }
    }
  }

  @Override
  boolean endIfIdle(long now) {
    long seen = tat;
    return seen != ENDED
        && seen - limits.get(0).ticks(now) <= 0
        && TAT.compareAndSet(this, seen, ENDED);
  }

  @Override
  boolean ended() {
    return tat == ENDED;
  }

  @Override
  @Nullable Levels end() {
    long last = (long) TAT.getAndSet(this, ENDED);
    return last == ENDED ? null : new Levels(limits, new long[] {last}, 0, Long.MIN_VALUE);
  }

  private static long waitNanos(Limit limit, long level, long cost) {
    long over = level + Math.min(cost, limit.capacity()) - limit.capacity();
    return over <= 0 ? 0 : limit.nanos(over);
  }

  private static long noting(@Nullable LocalCharge charge, Limit limit, long wait) {
    if (charge != null && wait > 0) {
      charge.bind(limit, wait);
    }
    return wait;
  }
}

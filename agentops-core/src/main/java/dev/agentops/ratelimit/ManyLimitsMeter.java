package dev.agentops.ratelimit;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The buckets of a key that has several limits, or is taken together with others: a few numbers
 * under a lock of one bit, which is held for nanoseconds and never while waiting for anything.
 */
final class ManyLimitsMeter extends Meter {

  private static final int FREE = 0;
  private static final int LOCKED = 1;
  private static final int ENDED = 2;
  private static final int SPINS = 64;
  private static final int YIELDS = 128;
  private static final long PAUSE_NANOS = 20_000;

  private static final VarHandle STATE;

  static {
    try {
      STATE = MethodHandles.lookup().findVarHandle(ManyLimitsMeter.class, "state", int.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  @SuppressWarnings("unused") // through STATE
  private volatile int state;

  /**
   * For each limit when its bucket is empty, then how many run now where that is limited, then,
   * after a penalty, when it is over, then how many still run since their number was limited.
   * Guarded by the lock.
   */
  private long[] values;

  ManyLimitsMeter(RateLimits limits, long[] tats, Levels levels) {
    super(limits);
    boolean carries = levels.inUse() > 0 && !limits.limitsConcurrency();
    boolean penalized = carries || levels.openAt() != Long.MIN_VALUE;
    values = Arrays.copyOf(tats, plainSize() + (penalized ? 1 : 0) + (carries ? 1 : 0));
    if (countsPermits()) {
      values[permits()] = levels.inUse();
    }
    if (penalized) {
      values[plainSize()] = levels.openAt();
    }
  }

  /** False if it has ended: there is nothing to lock any more. */
  @SuppressWarnings("ThreadPriorityCheck") // a yield only lets the holder go on sooner
  boolean lock() {
    for (int tries = 0; !STATE.weakCompareAndSetAcquire(this, FREE, LOCKED); tries++) {
      if ((int) STATE.getOpaque(this) == ENDED) {
        return false;
      }
      if (tries < SPINS) {
        Thread.onSpinWait();
      } else if (tries < YIELDS) {
        Thread.yield();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
    return true;
  }

  void unlock() {
    STATE.setRelease(this, FREE);
  }

  /** How long until it fits, or {@link #FULL}. With the lock. */
  long waitNanos(long now, long input, long output, @Nullable LocalCharge charge) {
    if (charge != null
        && charge.holds
        && limits.limitsConcurrency()
        && values[limits.size()] >= limits.maximumConcurrency()) {
      charge.bindConcurrency(limits);
      return FULL;
    }
    long penalty = penaltyNanos(now);
    long longest = 0;
    for (int i = 0; i < limits.size(); i++) {
      Limit limit = limits.get(i);
      long level = Math.max(0, values[i] - limit.ticks(now) - limit.ticksOf(penalty));
      long cost = limit.cost(limit.units(1, input, output));
      long over = level + Math.min(cost, limit.capacity()) - limit.capacity();
      long wait = over <= 0 ? 0 : limit.nanos(over);
      longest = Math.max(longest, wait);
      if (charge != null && wait > 0) {
        charge.bind(limit, wait);
      }
    }
    if (charge != null && penalty > 0) {
      charge.bindPenalty(penalty, longest);
    }
    return penalty + longest;
  }

  /**
   * Takes a request and its tokens for the time when the wait for them is over: other buckets must
   * not leak them while one makes them wait, or all who wait for it would go at once. With the
   * lock.
   */
  void charge(long now, long wait, long input, long output, @Nullable LocalCharge charge) {
    long[] before = charge == null ? null : values.clone();
    for (int i = 0; i < limits.size(); i++) {
      Limit limit = limits.get(i);
      long base = limit.ticks(now);
      long level = Math.max(values[i] - base, limit.ticksOf(wait));
      long cost = limit.cost(limit.units(1, input, output));
      values[i] = base + Math.min(level + cost, Limit.FOR_EVER);
    }
    if (charge != null && before != null) {
      boolean holds = charge.holds && limits.limitsConcurrency();
      if (holds) {
        values[limits.size()]++;
      }
      charge.add(new LocalCharge.Part(this, before, values.clone(), holds));
    }
  }

  @Override
  long take(long now, long input, long output, long maxWaitNanos, @Nullable LocalCharge charge) {
    if (!lock()) {
      return GONE;
    }
    try {
      long wait = waitNanos(now, input, output, charge);
      if (wait >= 0 && wait <= maxWaitNanos) {
        charge(now, wait, input, output, charge);
      }
      return wait;
    } finally {
      unlock();
    }
  }

  @Override
  long probe(long now, long input, long output, @Nullable LocalCharge charge) {
    if (!lock()) {
      return GONE;
    }
    try {
      return waitNanos(now, input, output, charge);
    } finally {
      unlock();
    }
  }

  @Override
  boolean settle(long now, LocalCharge.Part part, Settlement settlement) {
    if (!lock()) {
      return false;
    }
    try {
      for (int i = 0; i < limits.size(); i++) {
        Limit limit = limits.get(i);
        values[i] =
            settlement.settled(
                limit, limit.ticks(now), values[i], part.before()[i], part.after()[i]);
      }
      if (part.holds() && countsPermits()) {
        values[permits()] = Math.max(0, values[permits()] - 1);
      }
      return true;
    } finally {
      unlock();
    }
  }

  @Override
  boolean penalize(long openAt) {
    if (!lock()) {
      return false;
    }
    try {
      if (values.length == plainSize()) {
        values = Arrays.copyOf(values, values.length + 1);
        values[plainSize()] = openAt;
      } else {
        values[plainSize()] = Math.max(values[plainSize()], openAt);
      }
      return true;
    } finally {
      unlock();
    }
  }

  @Override
  boolean drain(long now, int index, long unitsLeft) {
    if (!lock()) {
      return false;
    }
    try {
      Limit limit = limits.get(index);
      long left = Math.min(limit.cost(unitsLeft), limit.capacity());
      values[index] = Math.max(values[index], limit.ticks(now) + limit.capacity() - left);
      return true;
    } finally {
      unlock();
    }
  }

  @Override
  boolean endIfIdle(long now) {
    if (!lock()) {
      return false;
    }
    boolean idle = penaltyNanos(now) == 0;
    for (int i = 0; idle && i < limits.size(); i++) {
      idle = values[i] - limits.get(i).ticks(now) <= 0;
    }
    idle &= !countsPermits() || values[permits()] == 0;
    STATE.setRelease(this, idle ? ENDED : FREE);
    return idle;
  }

  @Override
  boolean ended() {
    return (int) STATE.getAcquire(this) == ENDED;
  }

  @Override
  @Nullable Levels end() {
    if (!lock()) {
      return null;
    }
    long inUse = countsPermits() ? values[permits()] : 0;
    Levels levels = new Levels(limits, values, inUse, openAt());
    STATE.setRelease(this, ENDED);
    return levels;
  }

  private long penaltyNanos(long now) {
    return Math.max(openAt(), now) - now;
  }

  private long openAt() {
    return values.length == plainSize() ? Long.MIN_VALUE : values[plainSize()];
  }

  private boolean countsPermits() {
    return limits.limitsConcurrency() || values.length > plainSize() + 1;
  }

  private int permits() {
    return limits.limitsConcurrency() ? limits.size() : values.length - 1;
  }

  private int plainSize() {
    return limits.size() + (limits.limitsConcurrency() ? 1 : 0);
  }
}

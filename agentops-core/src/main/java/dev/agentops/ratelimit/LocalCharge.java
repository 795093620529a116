package dev.agentops.ratelimit;

import org.jspecify.annotations.Nullable;

/** A step of {@link LocalLimits}. Written by one thread, before others see it. */
final class LocalCharge extends Charge {

  static final String PENALTY = "penalty";

  private final LocalLimits origin;

  /** Whether it is to take permits of concurrency limits. */
  final boolean holds;

  @Nullable Part own;
  @Nullable Part total;
  private boolean granted;
  private boolean full;
  private boolean ownFull;
  private long waitNanos;
  private long ownWaitNanos;
  private long bindingNanos;
  private @Nullable Object binding;

  LocalCharge(LocalLimits origin, String key, Demand demand, boolean holds) {
    super(key, demand);
    this.origin = origin;
    this.holds = holds;
  }

  /** Forgets an attempt that came to nothing. */
  void reset() {
    own = null;
    total = null;
    bindingNanos = 0;
    binding = null;
  }

  void add(Part part) {
    if (own == null) {
      own = part;
    } else {
      total = part;
    }
  }

  /** This limit takes so long; the longest binds. */
  void bind(Limit limit, long wait) {
    if (wait > bindingNanos) {
      bindingNanos = wait;
      binding = limit;
    }
  }

  void bindConcurrency(RateLimits limits) {
    bindingNanos = Long.MAX_VALUE;
    binding = limits.maximumConcurrency() + " at once";
  }

  /** A penalty comes on top of what the limits take. */
  void bindPenalty(long penalty, long limitsTake) {
    if (penalty >= limitsTake && penalty > bindingNanos) {
      bindingNanos = penalty;
      binding = PENALTY;
    }
  }

  /** The limits of the key alone take so long, or it is {@link Meter#FULL}. */
  void ownWait(long nanos) {
    ownFull = nanos == Meter.FULL;
    ownWaitNanos = Math.max(0, nanos);
  }

  void ended(boolean granted, boolean full, long waitNanos) {
    this.granted = granted;
    this.full = full;
    this.waitNanos = waitNanos;
    if (waitNanos > 0 && binding == null) {
      binding = PENALTY; // of all keys
    }
  }

  @Override
  boolean granted() {
    return granted;
  }

  @Override
  boolean full() {
    return full;
  }

  @Override
  boolean ownFull() {
    return ownFull;
  }

  @Override
  long waitNanos() {
    return waitNanos;
  }

  @Override
  long ownWaitNanos() {
    return ownWaitNanos;
  }

  @Override
  @Nullable String binding() {
    return binding == null ? null : binding.toString();
  }

  @Override
  boolean holdsPermit() {
    return (own != null && own.holds()) || (total != null && total.holds());
  }

  @Override
  void settle(long inputTokens, long outputTokens) {
    origin.settle(this, Settlement.used(demand, inputTokens, outputTokens));
  }

  @Override
  void cancel() {
    origin.settle(this, Settlement.cancelled(demand));
  }

  /**
   * What was taken of one meter.
   *
   * @param before its state before
   * @param after its state right after
   * @param holds whether a permit is held
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Part(Meter meter, long[] before, long[] after, boolean holds) {

    /** The same of the meter that has taken the place of this one. */
    Part movedTo(Meter successor, long now) {
      int size = successor.limits.size();
      long[] movedBefore = new long[size];
      long[] movedAfter = new long[size];
      for (int i = 0; i < size; i++) {
        Limit limit = successor.limits.get(i);
        movedBefore[i] = Meter.moved(meter.limits, before, limit, now);
        movedAfter[i] = Meter.moved(meter.limits, after, limit, now);
      }
      return new Part(successor, movedBefore, movedAfter, holds);
    }
  }
}

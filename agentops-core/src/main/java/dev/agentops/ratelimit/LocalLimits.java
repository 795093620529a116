package dev.agentops.ratelimit;

import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** The limits of one process. */
final class LocalLimits implements LimitEngine {

  /** A look-up takes no longer, unless the thread is held up. */
  private static final long LOOKUP_NANOS = 1_000_000;

  private final SteadyTime time;
  private final Meters meters;
  private volatile @Nullable ManyLimitsMeter total;
  private final AtomicLong openAt = new AtomicLong();

  /**
   * Limits of which nothing is used.
   *
   * @param total the limits of all keys together; null for none
   */
  LocalLimits(SteadyTime time, Meters meters, @Nullable RateLimits total) {
    this.time = time;
    this.meters = meters;
    this.total = total == null ? null : totalMeter(total, null);
  }

  /** Takes one request and so many tokens, if they fit now, without a permit and for good. */
  boolean tryTake(String key, long input, long output) {
    long now = time.nanos(); // before the meter is looked up, whose memory is fetched meanwhile
    boolean again = false;
    while (openAt.get() <= now) {
      Meter own = meters.of(key);
      ManyLimitsMeter all = total;
      long wait =
          all == null
              ? own.take(now, input, output, 0, null)
              : takeBoth(own, all, now, input, output, 0, null);
      if (wait == Meter.GONE) {
        meters.removeEnded(key, own);
      } else if (again || wait <= 0 || wait > LOOKUP_NANOS) {
        return wait == 0;
      } else {
        again = true; // its meter may be younger than this time, or it fits by now
      }
      now = time.nanos();
    }
    return false;
  }

  @Override
  public Charge take(String key, Demand demand, long maxWaitNanos, boolean holds) {
    LocalCharge charge = new LocalCharge(this, key, demand, holds);
    long input = demand.inputTokens();
    long output = demand.outputTokens();
    while (true) {
      Meter own = meters.of(key);
      ManyLimitsMeter all = total;
      long now = time.nanos();
      long closed = Math.max(0, openAt.get() - now);
      long from = now + closed;
      long most = maxWaitNanos - closed;
      long wait =
          all == null
              ? own.take(from, input, output, most, charge)
              : takeBoth(own, all, from, input, output, most, charge);
      if (wait != Meter.GONE) {
        return ended(charge, wait, closed, all != null, wait >= 0 && wait <= most);
      }
      meters.removeEnded(key, own);
      charge.reset();
    }
  }

  @Override
  public Charge probe(String key, Demand demand) {
    LocalCharge charge = new LocalCharge(this, key, demand, true);
    while (true) {
      Meter own = meters.find(key);
      ManyLimitsMeter all = total;
      long now = time.nanos();
      long closed = Math.max(0, openAt.get() - now);
      long from = now + closed;
      long wait = own == null ? 0 : probe(own, from, charge);
      charge.ownWait(wait);
      if (wait != Meter.GONE && all != null) {
        wait = longer(wait, probe(all, from, charge));
      }
      if (wait != Meter.GONE) {
        return ended(charge, wait, closed, all != null, false);
      }
      if (own != null) {
        meters.removeEnded(key, own);
      }
      charge.reset();
    }
  }

  @Override
  public void penalize(String key, long nanos) {
    meters.penalize(key, time.nanos() + nanos);
  }

  @Override
  public void penalizeAll(long nanos) {
    long until = time.nanos() + nanos;
    openAt.accumulateAndGet(until, Math::max);
  }

  @Override
  public void observe(String key, List<Left> left) {
    for (Left one : left) {
      boolean done = false;
      while (!done) {
        Meter meter = meters.of(key);
        int index = meter.limits.limits().indexOf(one.limit());
        done =
            index < 0 || meters.isOverflow(meter) || meter.drain(time.nanos(), index, one.units());
        if (!done) {
          meters.removeEnded(key, meter);
        }
      }
    }
  }

  /** Changes what all keys have together; what was used of it stays used. */
  synchronized void total(RateLimits limits) {
    ManyLimitsMeter before = total;
    total = totalMeter(limits, before == null ? null : before.end());
  }

  void settle(LocalCharge charge, Settlement settlement) {
    settle(charge.key, charge.own, settlement, false);
    settle(charge.key, charge.total, settlement, true);
  }

  /** For how long nothing passes for any key. */
  long closedNanos() {
    return Math.max(0, openAt.get() - time.nanos());
  }

  Meters meters() {
    return meters;
  }

  private void settle(
      String key, LocalCharge.@Nullable Part taken, Settlement settlement, boolean ofAll) {
    LocalCharge.Part part = taken;
    while (part != null && !part.meter().settle(time.nanos(), part, settlement)) {
      meters.removeEnded(key, part.meter());
      Meter successor = ofAll ? total : meters.of(key);
      part = successor == null ? null : part.movedTo(successor, time.nanos());
    }
  }

  /** Both in one step: locked in this order by all, so that nobody waits for the other. */
  private static long takeBoth(
      Meter one,
      ManyLimitsMeter all,
      long now,
      long input,
      long output,
      long maxWaitNanos,
      @Nullable LocalCharge charge) {
    ManyLimitsMeter own = (ManyLimitsMeter) one; // as the meters are made where there is a total
    if (!own.lock()) {
      return Meter.GONE;
    }
    try {
      if (!all.lock()) {
        return Meter.GONE;
      }
      try {
        long ownWait = own.waitNanos(now, input, output, charge);
        if (charge != null) {
          charge.ownWait(ownWait);
        }
        long wait = longer(ownWait, all.waitNanos(now, input, output, charge));
        if (wait >= 0 && wait <= maxWaitNanos) {
          own.charge(now, wait, input, output, charge);
          all.charge(now, wait, input, output, charge);
        }
        return wait;
      } finally {
        all.unlock();
      }
    } finally {
      own.unlock();
    }
  }

  private static long probe(Meter meter, long now, LocalCharge charge) {
    return meter.probe(now, charge.demand.inputTokens(), charge.demand.outputTokens(), charge);
  }

  private static long longer(long a, long b) {
    return a < 0 || b < 0 ? Math.min(a < 0 ? a : b, b < 0 ? b : a) : Math.max(a, b);
  }

  private static Charge ended(
      LocalCharge charge, long wait, long closed, boolean hasTotal, boolean granted) {
    if (!hasTotal) {
      charge.ownWait(wait);
    }
    charge.ended(granted, wait == Meter.FULL, wait == Meter.FULL ? closed : closed + wait);
    return charge;
  }

  private ManyLimitsMeter totalMeter(RateLimits limits, Meter.@Nullable Levels levels) {
    return Meter.ofMany(limits, time.nanos(), levels);
  }
}

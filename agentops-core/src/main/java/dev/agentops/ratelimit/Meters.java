package dev.agentops.ratelimit;

import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meters of all keys. Those that are idle are forgotten, for a new one is the same: each key
 * that comes new looks at a few others, so that nobody pays for all of them at once. Thread-safe.
 */
final class Meters {

  private static final Logger LOG = LoggerFactory.getLogger(Meters.class);

  /** As many keys are kept unseen; sweeping a few is not worth it. */
  private static final int WORTH_SWEEPING = 1_024;

  /** Above 1, or a flood of keys that come once would grow for ever. */
  private static final int LOOKS = 4;

  private final String limiter;
  private final int maximumKeys;
  private final boolean shared;
  private final SteadyTime time;
  private final LimitsBook book;
  private final ConcurrentHashMap<String, Meter> meters = new ConcurrentHashMap<>();
  private final AtomicBoolean sweeping = new AtomicBoolean();
  private final AtomicBoolean overflowTold = new AtomicBoolean();
  private final LongAdder forgotten = new LongAdder();
  private final LongAdder overflowed = new LongAdder();

  /** What the keys share for which there is no room. Written with the lock of this. */
  private volatile @Nullable Meter overflow;

  /** Guarded by {@link #sweeping}. */
  private @Nullable Iterator<Map.Entry<String, Meter>> sweep;

  /** How often limits were changed: what was created meanwhile may have those from before. */
  private final AtomicInteger changes = new AtomicInteger();

  /**
   * None yet.
   *
   * @param shared whether they are taken together with another meter
   */
  Meters(String limiter, int maximumKeys, boolean shared, SteadyTime time, LimitsBook book) {
    this.limiter = limiter;
    this.maximumKeys = maximumKeys;
    this.shared = shared;
    this.time = time;
    this.book = book;
  }

  /** The meter of a key, or the one that all keys share for which there is no room. */
  Meter of(String key) {
    Meter meter = meters.get(key);
    return meter != null ? meter : create(key);
  }

  /** The same, if there is one; null if a new one would be made. */
  @Nullable Meter find(String key) {
    Meter meter = meters.get(key);
    return meter == null && !hasRoomFor(key) ? overflow : meter;
  }

  /** Whether it is the one that keys share: what one of them did is not for the others to bear. */
  boolean isOverflow(Meter meter) {
    return meter == overflow;
  }

  /** Takes a meter out if it has ended. */
  void removeEnded(String key, Meter gone) {
    if (gone.ended() && !meters.remove(key, gone)) {
      removeOverflow(gone);
    }
  }

  /** Gives a key the limits that it has now. */
  void refresh(String key) {
    changes.incrementAndGet();
    refreshOne(key);
  }

  /** Gives all keys the limits that they have now; each in one step. */
  void refreshAll() {
    changes.incrementAndGet();
    meters.keySet().forEach(this::refreshOne);
    refreshOverflow();
  }

  /** Lets nothing pass for a key before, if it has a meter of its own. */
  void penalize(String key, long openAt) {
    Meter meter = of(key);
    while (!isOverflow(meter) && !meter.penalize(openAt)) {
      meters.computeIfPresent(key, (k, there) -> penalized(there, openAt));
      meter = of(key);
    }
  }

  int size() {
    return meters.size();
  }

  long forgottenCount() {
    return forgotten.sum();
  }

  long overflowCount() {
    return overflowed.sum();
  }

  private Meter create(String key) {
    sweepSome();
    if (!hasRoomFor(key)) {
      return overflow(key);
    }
    while (true) {
      int before = changes.get();
      Meter fresh = Meter.of(book.of(key), shared, time.nanos(), null);
      Meter there = meters.putIfAbsent(key, fresh);
      if (there != null) {
        return there;
      }
      if (before == changes.get()) {
        return fresh;
      }
      refreshOne(key);
    }
  }

  /** Keys that were given limits of their own are never too many, so that they have them. */
  private boolean hasRoomFor(String key) {
    return meters.size() < maximumKeys || book.hasOwn(key);
  }

  private Meter overflow(String key) {
    overflowed.increment();
    if (overflowTold.compareAndSet(false, true)) {
      LOG.warn(
          "rate limit '{}' has {} keys, its maximum; those beyond share one limit from now on",
          limiter,
          maximumKeys);
    }
    Meter there = overflow;
    return there == null ? createOverflow(key) : there;
  }

  private synchronized Meter createOverflow(String key) {
    Meter there = overflow;
    if (there == null) {
      there = Meter.of(book.ofMany(key), shared, time.nanos(), null);
      overflow = there;
    }
    return there;
  }

  private synchronized void refreshOverflow() {
    Meter there = overflow;
    if (there != null && !there.limits.equals(book.limits()) && !book.limits().isEmpty()) {
      overflow = successor(there, book.limits());
    }
  }

  private synchronized void removeOverflow(Meter gone) {
    if (overflow == gone) {
      overflow = null;
    }
  }

  private void refreshOne(String key) {
    meters.computeIfPresent(
        key,
        (k, meter) -> {
          RateLimits now = book.of(k);
          return meter.limits.equals(now) ? meter : successor(meter, now);
        });
  }

  /** Within the map's step: whoever finds the old one ended waits for the new one. */
  private @Nullable Meter successor(Meter meter, RateLimits limits) {
    Meter.Levels levels = meter.end();
    return levels == null ? null : Meter.of(limits, shared, time.nanos(), levels);
  }

  private @Nullable Meter penalized(Meter meter, long openAt) {
    if (meter.penalize(openAt)) {
      return meter;
    }
    Meter.Levels levels = meter.end();
    return levels == null ? null : Meter.ofMany(meter.limits, time.nanos(), levels.openAt(openAt));
  }

  private void sweepSome() {
    if (meters.size() < Math.min(WORTH_SWEEPING, maximumKeys)
        || !sweeping.compareAndSet(false, true)) {
      return;
    }
    try {
      long now = time.nanos();
      for (int looks = 0; looks < LOOKS; looks++) {
        if (sweep == null || !sweep.hasNext()) {
          sweep = meters.entrySet().iterator();
        }
        if (sweep.hasNext()) {
          Map.Entry<String, Meter> entry = sweep.next();
          if (entry.getValue().endIfIdle(now) && meters.remove(entry.getKey(), entry.getValue())) {
            forgotten.increment();
          }
        }
      }
    } finally {
      sweeping.set(false);
    }
  }
}

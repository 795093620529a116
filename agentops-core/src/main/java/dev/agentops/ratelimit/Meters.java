package dev.agentops.ratelimit;

import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The meters of all keys. Those that are idle are forgotten, for a new one is the same: each key
 * that comes new looks at a few others, so that nobody pays for all of them at once. Thread-safe.
 */
final class Meters {

  private static final Logger LOG = LoggerFactory.getLogger(Meters.class);

  private static final String OVERFLOW = "(keys beyond the maximum)";

  /** As many keys are kept unseen; sweeping a few is not worth it. */
  private static final int WORTH_SWEEPING = 1_024;

  /** Above 1, or a flood of keys that come once would grow for ever. */
  private static final int LOOKS = 4;

  private final String limiter;
  private final int maximumKeys;
  private final boolean shared;
  private final SteadyTime time;
  private final Function<String, RateLimits> limitsOf;
  private final ConcurrentHashMap<String, Meter> meters = new ConcurrentHashMap<>();
  private final AtomicBoolean sweeping = new AtomicBoolean();
  private final AtomicBoolean overflowTold = new AtomicBoolean();
  private final LongAdder forgotten = new LongAdder();
  private final LongAdder overflowed = new LongAdder();

  /** Guarded by {@link #sweeping}. */
  private @Nullable Iterator<Map.Entry<String, Meter>> sweep;

  /** How often limits were changed: what was created meanwhile may have those from before. */
  private final AtomicInteger changes = new AtomicInteger();

  /**
   * None yet.
   *
   * @param shared whether they are taken together with another meter
   * @param limitsOf the limits that a key has now; never throws
   */
  Meters(
      String limiter,
      int maximumKeys,
      boolean shared,
      SteadyTime time,
      Function<String, RateLimits> limitsOf) {
    this.limiter = limiter;
    this.maximumKeys = maximumKeys;
    this.shared = shared;
    this.time = time;
    this.limitsOf = limitsOf;
  }

  /** The meter of a key, or the one that all keys share for which there is no room. */
  Meter of(String key) {
    Meter meter = meters.get(key);
    return meter != null ? meter : create(key);
  }

  /** The same, if there is one; null if a new one would be made. */
  @Nullable Meter find(String key) {
    Meter meter = meters.get(key);
    return meter == null && meters.size() >= maximumKeys ? meters.get(OVERFLOW) : meter;
  }

  /** Takes a meter out if it has ended. */
  void removeEnded(String key, Meter gone) {
    if (gone.ended() && !meters.remove(key, gone)) {
      meters.remove(OVERFLOW, gone);
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
  }

  /** Lets nothing pass for a key before. */
  void penalize(String key, long openAt) {
    while (!of(key).penalize(openAt)) {
      String slot = meters.containsKey(key) ? key : OVERFLOW;
      meters.computeIfPresent(slot, (k, meter) -> penalized(meter, openAt));
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
    String slot = meters.size() < maximumKeys ? key : overflow();
    while (true) {
      int before = changes.get();
      Meter fresh = Meter.of(limitsOf.apply(slot), shared, time.nanos(), null);
      Meter there = meters.putIfAbsent(slot, fresh);
      if (there != null) {
        return there;
      }
      if (before == changes.get()) {
        return fresh;
      }
      refreshOne(slot);
    }
  }

  private String overflow() {
    overflowed.increment();
    if (overflowTold.compareAndSet(false, true)) {
      LOG.warn(
          "rate limit '{}' has {} keys, its maximum; those beyond share one limit from now on",
          limiter,
          maximumKeys);
    }
    return OVERFLOW;
  }

  private void refreshOne(String key) {
    meters.computeIfPresent(
        key,
        (k, meter) -> {
          RateLimits now = limitsOf.apply(k);
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
    return levels == null
        ? null
        : Meter.of(meter.limits, shared, time.nanos(), levels.openAt(openAt));
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

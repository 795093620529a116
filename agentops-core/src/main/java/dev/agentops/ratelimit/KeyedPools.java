package dev.agentops.ratelimit;

import dev.agentops.Clock;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The pools of the keys of a {@link ConcurrencyLimiter}; those that nobody uses are forgotten, and
 * keys beyond the maximum share one. Thread-safe.
 */
final class KeyedPools {

  private static final int FIRST_SWEEP = 1_024;
  private static final long SWEEP_INTERVAL_NANOS = 1_000_000_000;

  private final PoolSettings settings;
  private final Clock clock;
  private final int maximum;
  private final ConcurrentMap<String, PermitPool> pools = new ConcurrentHashMap<>();
  private final PermitPool overflow;
  private final AtomicBoolean sweeping = new AtomicBoolean();
  private volatile int sweepAt = FIRST_SWEEP;
  private volatile long nextSweepNanos;

  KeyedPools(PoolSettings settings, int maximum) {
    this.settings = settings;
    this.clock = settings.clock();
    this.maximum = maximum;
    this.overflow = new PermitPool(settings, "(keys beyond the maximum)");
    this.nextSweepNanos = clock.nanoTime();
  }

  /** The pool of a key, made where it is new. */
  PermitPool get(String key) {
    PermitPool pool = pools.get(key);
    if (pool != null && !pool.isRetired()) {
      return pool;
    }
    if (pool != null) {
      pools.remove(key, pool);
    }
    sweepIfGrown();
    return pools.size() < maximum
        ? pools.computeIfAbsent(key, name -> new PermitPool(settings, name))
        : overflow;
  }

  /** The pool of a key that somebody has used; null for another. */
  @Nullable PermitPool find(String key) {
    return pools.get(key);
  }

  int size() {
    return pools.size();
  }

  void forEach(Consumer<PermitPool> action) {
    pools.values().forEach(action);
    action.accept(overflow);
  }

  /**
   * Whenever there are twice as many, and once a second at most, so that callers with ever new keys
   * cannot make every call look at all of them.
   */
  private void sweepIfGrown() {
    if (pools.size() < Math.min(sweepAt, maximum) || !sweeping.compareAndSet(false, true)) {
      return;
    }
    try {
      long now = clock.nanoTime();
      if (now - nextSweepNanos >= 0) {
        pools.forEach(this::forgetIfIdle);
        sweepAt = Math.max(FIRST_SWEEP, 2 * pools.size());
        nextSweepNanos = now + SWEEP_INTERVAL_NANOS;
      }
    } finally {
      sweeping.set(false);
    }
  }

  private void forgetIfIdle(String key, PermitPool pool) {
    if (pool.retire()) {
      pools.remove(key, pool);
      settings.counters().forgotten.increment();
    }
  }
}

package dev.agentops;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts the failures that agentops keeps from the agent, and logs at most one a minute with its
 * stack trace.
 *
 * <p>For interceptors, exporters, handlers and stores: whatever they throw ends here. Thread-safe;
 * never throws.
 */
public final class FaultLog {

  private static final long QUIET_NANOS = 60_000_000_000L;

  private final Logger log;
  private final Clock clock;
  private final LongAdder count = new LongAdder();
  private final AtomicLong unlogged = new AtomicLong();
  private final AtomicLong nextLogNanos;

  /**
   * A log of its own for one component.
   *
   * @param component whose name the log lines carry
   */
  public FaultLog(Class<?> component, Clock clock) {
    this.log = LoggerFactory.getLogger(component);
    this.clock = clock;
    this.nextLogNanos = new AtomicLong(clock.nanoTime());
  }

  /**
   * Counts a failure and, when none was logged in the last minute, logs it.
   *
   * @param what failed, as the subject of a sentence: "interceptor CostInterceptor"
   */
  public void report(String what, Throwable failure) {
    try {
      count.increment();
      long now = clock.nanoTime();
      long next = nextLogNanos.get();
      if (now - next >= 0 && nextLogNanos.compareAndSet(next, now + QUIET_NANOS)) {
        long others = unlogged.getAndSet(0);
        log.warn(
            "{} failed; the agent goes on without it ({} more failures since the last such line)",
            what,
            others,
            failure);
      } else {
        unlogged.incrementAndGet();
      }
    } catch (Throwable ignored) {
      // a logging system that fails must not bring the agent down either
    }
  }

  /** How many failures were reported. */
  public long count() {
    return count.sum();
  }
}

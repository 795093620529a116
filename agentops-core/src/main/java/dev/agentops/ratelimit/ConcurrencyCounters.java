package dev.agentops.ratelimit;

import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a {@link ConcurrencyLimiter} has counted, and says in the log. Thread-safe. */
final class ConcurrencyCounters {

  private static final Logger LOG = LoggerFactory.getLogger(ConcurrencyLimiter.class);

  final LongAdder refused = new LongAdder();
  final LongAdder waited = new LongAdder();
  final LongAdder leaked = new LongAdder();
  final LongAdder overdue = new LongAdder();
  final LongAdder forgotten = new LongAdder();

  /** The first of a limiter is said in the log, and with its place each. */
  void leaked(PoolSettings settings, String key, @Nullable LeaseDetails details) {
    leaked.increment();
    Throwable place = details == null ? null : details.place();
    if (place != null) {
      LOG.warn(
          "a permit of concurrency limit '{}' for '{}' was never closed; it is given back",
          settings.name(),
          key,
          place);
    } else if (leaked.sum() == 1) {
      LOG.warn(
          "a permit of concurrency limit '{}' for '{}' was never closed; it is given back, as"
              + " others will be without a word; trackLeaks(true) says who acquires them",
          settings.name(),
          key);
    }
  }

  void overdue(PoolSettings settings, String key, @Nullable Throwable place) {
    overdue.increment();
    LOG.warn(
        "a permit of concurrency limit '{}' for '{}' has been held for longer than {}",
        settings.name(),
        key,
        settings.maxHold(),
        place);
  }
}

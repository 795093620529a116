package dev.agentops.ratelimit;

import dev.agentops.Clock;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What all keys of a {@link ConcurrencyLimiter} have in common. */
record PoolSettings(
    String name,
    CurrentLimit fixed,
    @Nullable AdaptiveLimit adaptive,
    int maxWaiting,
    boolean trackLeaks,
    @Nullable Duration maxHold,
    Clock clock,
    ConcurrencyCounters counters) {

  boolean needsDetails() {
    return adaptive != null || trackLeaks || maxHold != null;
  }
}

package dev.agentops.cost;

import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/**
 * Rates, and when they hold: each condition that is set must be met.
 *
 * @param from the first moment at which they hold; null for always
 * @param until the first moment at which they no longer hold; null for never
 * @param dayStart the time of day, UTC, from which on they hold; null for all day
 * @param dayEnd the time of day, UTC, until which they hold, possibly past midnight; null for all
 *     day
 * @param inputAbove all input tokens of the request, cached ones included, must be more than this;
 *     -1 for any
 */
record PriceRule(
    @Nullable Instant from,
    @Nullable Instant until,
    @Nullable LocalTime dayStart,
    @Nullable LocalTime dayEnd,
    long inputAbove,
    Rates rates) {

  boolean holds(Instant at, long inputTokens) {
    return inputTokens > inputAbove
        && (from == null || !at.isBefore(from))
        && (until == null || at.isBefore(until))
        && holdsAtTimeOfDay(at);
  }

  private boolean holdsAtTimeOfDay(Instant at) {
    if (dayStart == null || dayEnd == null) {
      return true;
    }
    LocalTime time = LocalTime.ofInstant(at, ZoneOffset.UTC);
    boolean started = !time.isBefore(dayStart);
    boolean ended = !time.isBefore(dayEnd);
    return dayStart.isBefore(dayEnd) ? started && !ended : started || !ended;
  }
}

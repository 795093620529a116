package dev.agentops.cost;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * When a price holds: each condition that is set must be met.
 *
 * @param from the first moment at which it holds; null for always
 * @param until the first moment at which it no longer holds; null for never
 * @param hours the hours at which it holds; null for all
 * @param inputAbove all input tokens of the request, cached ones included, must be more than this;
 *     -1 for any
 * @param tiers the service tiers for which it holds; null for any
 * @param regions the regions for which it holds; null for any
 * @param speeds the speeds for which it holds; null for any
 */
record Conditions(
    @Nullable Instant from,
    @Nullable Instant until,
    @Nullable DailyHours hours,
    long inputAbove,
    @Nullable Set<String> tiers,
    @Nullable Set<String> regions,
    @Nullable Set<String> speeds) {

  /** Whether all are met. */
  boolean hold(PriceQuery query) {
    return query.usage().inputTokens() > inputAbove && holdForAnySize(query);
  }

  /** Whether all but the one of the size are met. */
  boolean holdForAnySize(PriceQuery query) {
    Instant at = query.at();
    return (from == null || !at.isBefore(from))
        && (until == null || at.isBefore(until))
        && (tiers == null || tiers.contains(query.tierWord()))
        && (regions == null || regions.contains(query.regionWord()))
        && (speeds == null || speeds.contains(query.speedWord()))
        && (hours == null || hours.contain(at));
  }
}

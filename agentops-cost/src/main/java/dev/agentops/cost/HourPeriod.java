package dev.agentops.cost;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;

/**
 * Hours by the clocks of the zone, which need not be those of UTC. Where clocks are put back, the
 * hour that comes twice is two windows; where they change by half an hour, as on Lord Howe Island,
 * the hour is cut there.
 */
enum HourPeriod implements BudgetPeriod {
  HOUR;

  @Override
  public String label() {
    return "an hour";
  }

  @Override
  public BudgetWindow window(Instant at, ZoneId zone) {
    ZoneRules rules = zone.getRules();
    Instant start = at.atOffset(rules.getOffset(at)).truncatedTo(ChronoUnit.HOURS).toInstant();
    Instant end = start.plus(Duration.ofHours(1));
    ZoneOffsetTransition last = rules.previousTransition(at.plusNanos(1));
    if (last != null && last.getInstant().isAfter(start)) {
      start = last.getInstant();
    }
    ZoneOffsetTransition next = rules.nextTransition(at);
    if (next != null && next.getInstant().isBefore(end)) {
      end = next.getInstant();
    }
    return BudgetWindow.of(
        start.toEpochMilli(),
        end.toEpochMilli(),
        start.toEpochMilli(),
        start.minus(Duration.ofHours(KEPT)).toEpochMilli());
  }
}

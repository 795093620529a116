package dev.agentops.cost;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Hours of some days of the week, by the clock on the wall of a zone. Immutable.
 *
 * <p>The day is that of the moment itself: 22:00-06:00 on Fridays is the first six and the last two
 * hours of a Friday. Where a clock is put back, both passes of an hour count; where it is put
 * forward, the hour that is left out never comes.
 */
final class DailyHours {

  private static final long SECONDS_A_DAY = 86_400;
  private static final long NANOS_A_SECOND = 1_000_000_000;
  private static final int EVERY_DAY = 0x7f;

  /** 1970-01-01 was a Thursday, of which the bit is 3. */
  private static final int FIRST_DAY = 3;

  private final ZoneId zone;
  private final int days;
  private final long start;
  private final long end;

  /**
   * Some hours of a week.
   *
   * @param start the time of day from which on; null for midnight
   * @param end the time of day until which, possibly past midnight; null for midnight
   * @param days empty for every day
   */
  DailyHours(@Nullable LocalTime start, @Nullable LocalTime end, Set<DayOfWeek> days, ZoneId zone) {
    this.zone = zone;
    this.start = start == null ? 0 : start.toNanoOfDay();
    this.end = end == null ? 0 : end.toNanoOfDay();
    this.days = days.isEmpty() ? EVERY_DAY : days.stream().mapToInt(DailyHours::bit).sum();
  }

  boolean contain(Instant at) {
    long seconds = at.getEpochSecond() + zone.getRules().getOffset(at).getTotalSeconds();
    long day = Math.floorDiv(seconds, SECONDS_A_DAY);
    long time = Math.floorMod(seconds, SECONDS_A_DAY) * NANOS_A_SECOND + at.getNano();
    boolean onTheDay = (days & 1 << Math.floorMod(day + FIRST_DAY, 7)) != 0;
    return onTheDay && (start < end ? start <= time && time < end : start <= time || time < end);
  }

  private static int bit(DayOfWeek day) {
    return 1 << day.ordinal();
  }
}

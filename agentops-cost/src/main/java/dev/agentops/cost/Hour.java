package dev.agentops.cost;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** The hour and the day of a zone that a moment lies in. Immutable. */
final class Hour {

  private final Instant begin;
  private final LocalDate day;
  private final long firstSecond;
  private final long endSecond;

  private Hour(Instant begin, LocalDate day, long firstSecond, long endSecond) {
    this.begin = begin;
    this.day = day;
    this.firstSecond = firstSecond;
    this.endSecond = endSecond;
  }

  /**
   * The hour of a moment.
   *
   * @throws LedgerException if the moment lies beyond what dates can tell
   */
  static Hour of(Instant moment, ZoneId zone) {
    try {
      ZonedDateTime local = moment.atZone(zone);
      ZonedDateTime begin = local.truncatedTo(ChronoUnit.HOURS);
      ZonedDateTime end = begin.plusHours(1).truncatedTo(ChronoUnit.HOURS);
      return new Hour(
          begin.toInstant(), local.toLocalDate(), begin.toEpochSecond(), end.toEpochSecond());
    } catch (DateTimeException e) {
      throw new LedgerException("no day holds the moment " + moment, e);
    }
  }

  /** The moment at which the hour of a moment begins; the moment itself where no date tells it. */
  static Instant begin(Instant moment, ZoneId zone) {
    try {
      return moment.atZone(zone).truncatedTo(ChronoUnit.HOURS).toInstant();
    } catch (DateTimeException e) {
      return moment;
    }
  }

  Instant begin() {
    return begin;
  }

  LocalDate day() {
    return day;
  }

  /**
   * Whether it surely holds a moment. It may deny one where clocks are put back by less than an
   * hour, never the contrary.
   */
  boolean holds(Instant moment) {
    long second = moment.getEpochSecond();
    return second >= firstSecond && second < endSecond;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Hour that && begin.equals(that.begin) && day.equals(that.day);
  }

  @Override
  public int hashCode() {
    return Long.hashCode(firstSecond);
  }

  @Override
  public String toString() {
    return day + " " + begin;
  }
}

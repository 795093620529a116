package dev.agentops.cost.jdbc;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.ChronoField;
import java.time.temporal.ChronoUnit;

/** How long the period of a row of totals is, and how such periods are numbered. */
enum Grain {
  /** The one period of all time, number 0. */
  ALL(0),
  /** By months since year 0. */
  MONTH(1),
  /** By days since 1970. */
  DAY(2),
  /** By the second since 1970 at which the hour begins. */
  HOUR(3);

  private final int code;

  Grain(int code) {
    this.code = code;
  }

  /** As it is stored. */
  int code() {
    return code;
  }

  static long month(LocalDate day) {
    return day.getLong(ChronoField.PROLEPTIC_MONTH);
  }

  static long month(long day) {
    return month(LocalDate.ofEpochDay(day));
  }

  static long hour(Instant time, ZoneId zone) {
    return time.atZone(zone).truncatedTo(ChronoUnit.HOURS).toEpochSecond();
  }
}

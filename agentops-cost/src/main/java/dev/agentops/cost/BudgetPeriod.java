package dev.agentops.cost;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;

/** The calendar periods of budgets. */
enum BudgetPeriod {
  DAY("day") {
    @Override
    LocalDate startOfNext(LocalDate day) {
      return day.plusDays(1);
    }
  },
  WEEK("week") {
    @Override
    LocalDate startOfNext(LocalDate day) {
      return day.with(TemporalAdjusters.next(DayOfWeek.MONDAY));
    }
  },
  MONTH("month") {
    @Override
    LocalDate startOfNext(LocalDate day) {
      return day.with(TemporalAdjusters.firstDayOfNextMonth());
    }
  };

  private final String label;

  BudgetPeriod(String label) {
    this.label = label;
  }

  String label() {
    return label;
  }

  abstract LocalDate startOfNext(LocalDate day);

  /**
   * The end of the period that holds this moment: the first moment of the next one, whatever the
   * zone does to its clocks meanwhile.
   */
  Instant end(Instant at, ZoneId zone) {
    return startOfNext(LocalDate.ofInstant(at, zone)).atStartOfDay(zone).toInstant();
  }
}

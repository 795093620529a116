package dev.agentops.cost;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.TemporalAdjusters;

/**
 * The calendar periods of budgets. A window begins with the first moment of its day, whatever the
 * zone does to its clocks meanwhile.
 */
enum CalendarPeriod implements BudgetPeriod {
  DAY("a day") {
    @Override
    LocalDate startOf(LocalDate day) {
      return day;
    }

    @Override
    LocalDate plus(LocalDate start, int periods) {
      return start.plusDays(periods);
    }
  },
  WEEK("a week") {
    @Override
    LocalDate startOf(LocalDate day) {
      return day.with(TemporalAdjusters.previousOrSame(DayOfWeek.MONDAY));
    }

    @Override
    LocalDate plus(LocalDate start, int periods) {
      return start.plusWeeks(periods);
    }
  },
  MONTH("a month") {
    @Override
    LocalDate startOf(LocalDate day) {
      return day.withDayOfMonth(1);
    }

    @Override
    LocalDate plus(LocalDate start, int periods) {
      return start.plusMonths(periods);
    }
  };

  private final String label;

  CalendarPeriod(String label) {
    this.label = label;
  }

  @Override
  public String label() {
    return label;
  }

  @Override
  public BudgetWindow window(Instant at, ZoneId zone) {
    LocalDate first = startOf(LocalDate.ofInstant(at, zone));
    long start = millis(first, zone);
    return BudgetWindow.of(
        start, millis(plus(first, 1), zone), start, millis(plus(first, -KEPT), zone));
  }

  abstract LocalDate startOf(LocalDate day);

  abstract LocalDate plus(LocalDate start, int periods);

  private static long millis(LocalDate day, ZoneId zone) {
    return day.atStartOfDay(zone).toInstant().toEpochMilli();
  }
}

package dev.agentops.cost;

import java.time.LocalDate;
import java.util.function.Consumer;

/**
 * How far back some series tell days and months apart, so that there are at most so many of them.
 * Thread-safe.
 */
final class DayBounds {

  private final int maximumPeriods;
  private final Series calendar;
  private volatile LocalDate foldedBefore = LocalDate.MIN;
  private volatile LocalDate forgottenBefore = LocalDate.MIN;

  DayBounds(int maximumPeriods) {
    this.maximumPeriods = maximumPeriods;
    this.calendar = newSeries();
  }

  /** One that begins with these bounds. */
  Series newSeries() {
    return new Series(foldedBefore, forgottenBefore);
  }

  /** A series that has all days that any of these series has. */
  Series calendar() {
    return calendar;
  }

  /** Adds to the calendar; true if there are too many periods since. */
  boolean add(LocalDate day, Tally tally) {
    return calendar.add(day, tally) > maximumPeriods;
  }

  /** Shortens the calendar and these series. */
  synchronized void makeRoom(Consumer<Consumer<Series>> forEach) {
    LocalDate oldest = calendar.firstDayBeforeLast();
    while (calendar.periods() > maximumPeriods && oldest != null) {
      LocalDate before = oldest.plusDays(1);
      foldedBefore = before;
      apply(series -> series.foldBefore(before), forEach);
      oldest = calendar.firstDayBeforeLast();
    }
    LocalDate month = calendar.firstMonthBeforeLast();
    while (calendar.periods() > maximumPeriods && month != null) {
      LocalDate before = month.plusDays(1);
      forgottenBefore = before;
      apply(series -> series.forgetBefore(before), forEach);
      month = calendar.firstMonthBeforeLast();
    }
  }

  private void apply(Consumer<Series> action, Consumer<Consumer<Series>> forEach) {
    action.accept(calendar);
    forEach.accept(action);
  }
}

package dev.agentops.cost;

import java.time.LocalDate;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The totals of one value of a dimension, in all, by day, and of older days by month. Thread-safe.
 */
final class Series {

  private final Tally total = new Tally();
  private final TreeMap<LocalDate, Tally> days = new TreeMap<>();

  /** Of days that are told apart no longer, by the first of their month. */
  private final TreeMap<LocalDate, Tally> months = new TreeMap<>();

  private LocalDate foldedBefore;
  private LocalDate forgottenBefore;
  private LocalDate latest = LocalDate.MIN;
  private Tally latestTally = new Tally();

  /**
   * An empty one.
   *
   * @param foldedBefore earlier days count in their month only
   * @param forgottenBefore earlier days count in the total only
   */
  Series(LocalDate foldedBefore, LocalDate forgottenBefore) {
    this.foldedBefore = foldedBefore;
    this.forgottenBefore = forgottenBefore;
  }

  /** Adds to the totals, and returns how many days and months it tells apart since. */
  synchronized int add(LocalDate day, Tally tally) {
    total.add(tally);
    if (day.equals(latest)) {
      latestTally.add(tally);
    } else {
      addToDay(day, tally);
    }
    return periods();
  }

  synchronized CostStatistics total() {
    return total.statistics();
  }

  /** Of days that are in their month only, those whose whole month is meant. */
  synchronized CostStatistics total(LocalDate from, LocalDate until) {
    Tally sum = new Tally();
    days.subMap(from, true, until, false).values().forEach(sum::add);
    months
        .subMap(from, true, until, false)
        .forEach(
            (month, tally) -> {
              if (month.withDayOfMonth(month.lengthOfMonth()).isBefore(until)) {
                sum.add(tally);
              }
            });
    return sum.statistics();
  }

  synchronized NavigableMap<LocalDate, CostStatistics> days(LocalDate from, LocalDate until) {
    NavigableMap<LocalDate, CostStatistics> copy = new TreeMap<>();
    days.subMap(from, true, until, false)
        .forEach((day, tally) -> copy.put(day, tally.statistics()));
    return copy;
  }

  /** The first day that it tells apart, unless it is the last; null then. */
  synchronized @Nullable LocalDate firstDayBeforeLast() {
    return days.size() < 2 ? null : days.firstKey();
  }

  /** The first of the first month, unless there is nothing else; null then. */
  synchronized @Nullable LocalDate firstMonthBeforeLast() {
    return months.isEmpty() || periods() < 2 ? null : months.firstKey();
  }

  synchronized int periods() {
    return days.size() + months.size();
  }

  /** Moves what earlier days hold to their months, now and from now on. */
  synchronized void foldBefore(LocalDate day) {
    foldedBefore = day;
    latest = LocalDate.MIN;
    NavigableMap<LocalDate, Tally> old = new TreeMap<>(days.headMap(day, false));
    days.headMap(day, false).clear();
    old.forEach(this::addToDay);
  }

  /** Forgets what earlier days hold, now and from now on; it stays in the total. */
  synchronized void forgetBefore(LocalDate day) {
    forgottenBefore = day;
    latest = LocalDate.MIN;
    days.headMap(day, false).clear();
    months.headMap(day, false).clear();
  }

  private void addToDay(LocalDate day, Tally tally) {
    if (!day.isBefore(foldedBefore)) {
      latest = day;
      latestTally = days.computeIfAbsent(day, key -> new Tally());
      latestTally.add(tally);
      return;
    }
    LocalDate month = day.withDayOfMonth(1);
    if (!month.isBefore(forgottenBefore)) {
      months.computeIfAbsent(month, key -> new Tally()).add(tally);
    }
  }
}

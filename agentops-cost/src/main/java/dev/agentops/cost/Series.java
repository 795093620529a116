package dev.agentops.cost;

import java.time.LocalDate;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The totals of one value of a dimension, in all and by day. Thread-safe. */
final class Series {

  private final Tally total = new Tally();
  private final TreeMap<LocalDate, Tally> days = new TreeMap<>();
  private LocalDate foldedBefore;
  private LocalDate forgottenBefore;
  private LocalDate latest = LocalDate.MIN;
  private Tally latestTally = new Tally();

  /**
   * An empty one.
   *
   * @param foldedBefore earlier days count as the first of their month
   * @param forgottenBefore earlier days count in the total only
   */
  Series(LocalDate foldedBefore, LocalDate forgottenBefore) {
    this.foldedBefore = foldedBefore;
    this.forgottenBefore = forgottenBefore;
  }

  /** Adds to the totals, and returns how many days it tells apart since. */
  synchronized int add(LocalDate day, Tally tally) {
    total.add(tally);
    if (day.equals(latest)) {
      latestTally.add(tally);
    } else {
      addToDay(day, tally);
    }
    return days.size();
  }

  synchronized CostStatistics total() {
    return total.statistics();
  }

  synchronized CostStatistics total(LocalDate from, LocalDate until) {
    Tally first = null;
    Tally sum = null;
    for (Tally day : days.subMap(from, true, until, false).values()) {
      if (first == null) {
        first = day;
      } else {
        if (sum == null) {
          sum = new Tally();
          sum.add(first);
        }
        sum.add(day);
      }
    }
    Tally all = sum == null ? first : sum;
    return all == null ? CostStatistics.NONE : all.statistics();
  }

  synchronized NavigableMap<LocalDate, CostStatistics> days(LocalDate from, LocalDate until) {
    NavigableMap<LocalDate, CostStatistics> copy = new TreeMap<>();
    days.subMap(from, true, until, false)
        .forEach((day, tally) -> copy.put(day, tally.statistics()));
    return copy;
  }

  /** The first day from one on that it tells apart, unless it is the last of all; null then. */
  synchronized @Nullable LocalDate firstDayBeforeLast(LocalDate from) {
    LocalDate first = days.ceilingKey(from);
    return first == null || first.equals(days.lastKey()) ? null : first;
  }

  synchronized int dayCount() {
    return days.size();
  }

  /** Moves what earlier days hold to the first of their month, now and from now on. */
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
  }

  private void addToDay(LocalDate day, Tally tally) {
    LocalDate kept = day.isBefore(foldedBefore) ? day.withDayOfMonth(1) : day;
    if (kept.isBefore(forgottenBefore)) {
      return;
    }
    Tally ofDay = days.computeIfAbsent(kept, key -> new Tally());
    ofDay.add(tally);
    if (kept.equals(day)) {
      latest = day;
      latestTally = ofDay;
    }
  }
}

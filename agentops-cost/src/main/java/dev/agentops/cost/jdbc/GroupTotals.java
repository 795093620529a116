package dev.agentops.cost.jdbc;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** By how much a group of records moves which rows of totals. Not thread-safe. */
final class GroupTotals {

  private final Map<LabelledDay, Totals> days = new HashMap<>();
  private final Map<Long, Totals> hours = new HashMap<>();

  void add(Label label, long day, Totals change) {
    days.computeIfAbsent(new LabelledDay(label, day), key -> new Totals()).add(change);
  }

  void addHour(long hour, Totals change) {
    hours.computeIfAbsent(hour, key -> new Totals()).add(change);
  }

  boolean hasHour(long hour) {
    return hours.containsKey(hour);
  }

  boolean isEmpty() {
    return days.isEmpty();
  }

  /**
   * The rows, and by how much.
   *
   * @param folded which days are in longer periods already
   */
  SortedMap<Bucket, Totals> rows(Fold.State folded) {
    SortedMap<Bucket, Totals> rows = new TreeMap<>();
    days.forEach(
        (key, change) -> {
          merge(rows, Bucket.of(key.label(), Grain.DAY, key.day()), change);
          if (key.day() < folded.until(key.label().dimension())) {
            mergeLonger(rows, key.label(), key.day(), change);
          }
        });
    hours.forEach(
        (hour, change) -> merge(rows, Bucket.of(Label.EVERYTHING, Grain.HOUR, hour), change));
    return rows;
  }

  /** Adds a day to the longer periods that it is in. */
  static void mergeLonger(SortedMap<Bucket, Totals> rows, Label label, long day, Totals change) {
    merge(rows, Bucket.of(label, Grain.MONTH, Grain.month(day)), change);
    merge(rows, Bucket.of(label, Grain.ALL, 0), change);
  }

  private static void merge(SortedMap<Bucket, Totals> rows, Bucket bucket, Totals change) {
    rows.computeIfAbsent(bucket, key -> new Totals()).add(change);
  }

  private record LabelledDay(Label label, long day) {}
}

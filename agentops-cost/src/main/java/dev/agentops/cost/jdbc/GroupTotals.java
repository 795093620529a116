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

  boolean isEmpty() {
    return days.isEmpty();
  }

  SortedMap<Bucket, Totals> rows() {
    SortedMap<Bucket, Totals> rows = new TreeMap<>();
    days.forEach(
        (key, change) -> {
          merge(rows, Bucket.of(key.label(), Grain.DAY, key.day()), change);
          merge(rows, Bucket.of(key.label(), Grain.MONTH, Grain.month(key.day())), change);
          merge(rows, Bucket.of(key.label(), Grain.ALL, 0), change);
        });
    hours.forEach(
        (hour, change) -> merge(rows, Bucket.of(Label.EVERYTHING, Grain.HOUR, hour), change));
    return rows;
  }

  private static void merge(SortedMap<Bucket, Totals> rows, Bucket bucket, Totals change) {
    rows.computeIfAbsent(bucket, key -> new Totals()).add(change);
  }

  private record LabelledDay(Label label, long day) {}
}

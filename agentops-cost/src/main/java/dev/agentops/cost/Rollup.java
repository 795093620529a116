package dev.agentops.cost;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Totals for each value of one dimension. Bounded: values that come when it is full are counted
 * together. Thread-safe.
 *
 * @param <K> the values
 */
final class Rollup<K extends Comparable<? super K>> {

  private final int maximumValues;
  private final K overflow;
  private final ConcurrentHashMap<K, CostStatistics> totals = new ConcurrentHashMap<>();

  /**
   * An empty rollup.
   *
   * @param overflow the value under which those without room are counted; not counted against the
   *     maximum
   */
  Rollup(int maximumValues, K overflow) {
    this.maximumValues = maximumValues;
    this.overflow = overflow;
  }

  /** Adds a record; whether the value had room. */
  boolean add(K value, UsageRecord record) {
    boolean room = totals.containsKey(value) || totals.size() < maximumValues;
    totals.compute(
        room ? value : overflow,
        (ignored, old) -> (old == null ? CostStatistics.NONE : old).plus(record));
    return room;
  }

  CostStatistics get(K value) {
    return totals.getOrDefault(value, CostStatistics.NONE);
  }

  Map<K, CostStatistics> all() {
    return new TreeMap<>(totals);
  }
}

package dev.agentops.cost;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The values of one dimension, as many as there is room for. Thread-safe. */
final class Dimension {

  private final Map<String, Series> values = new ConcurrentHashMap<>();
  private final int maximumValues;
  private final Supplier<Series> newSeries;

  Dimension(int maximumValues, Supplier<Series> newSeries) {
    this.maximumValues = maximumValues;
    this.newSeries = newSeries;
  }

  /**
   * Where a value counts: with the others where there is no room for it. A value that once had no
   * room never gets any, so that a record always counts in the same place.
   */
  Series at(String value) {
    Series known = values.get(value);
    return known == null ? make(value) : known;
  }

  /** Where a value counts that is told apart; null for any other. */
  @Nullable Series find(String value) {
    return values.get(value);
  }

  boolean tellsApart(String value) {
    return values.containsKey(value);
  }

  Map<String, Series> values() {
    return values;
  }

  private synchronized Series make(String value) {
    boolean room = values.containsKey(value) || told() < maximumValues;
    return values.computeIfAbsent(room ? value : UsageLedger.OVERFLOW, name -> newSeries.get());
  }

  private int told() {
    return values.size() - (values.containsKey(UsageLedger.OVERFLOW) ? 1 : 0);
  }
}

package dev.agentops.alerts.promql;

import java.util.Comparator;

/** Orders samples by value; NaN is always last, and equal values stay as they were. */
final class Order {

  static final Comparator<Sample> ASCENDING = (a, b) -> compare(a.value(), b.value());

  static final Comparator<Sample> DESCENDING =
      (a, b) ->
          Double.isNaN(a.value()) || Double.isNaN(b.value())
              ? compare(a.value(), b.value())
              : compare(b.value(), a.value());

  private Order() {}

  private static int compare(double a, double b) {
    // unlike Double.compare this has 0 and -0 equal
    return a == b ? 0 : Double.compare(a, b);
  }
}

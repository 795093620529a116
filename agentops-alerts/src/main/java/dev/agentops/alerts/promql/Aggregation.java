package dev.agentops.alerts.promql;

import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How the values of a group become one, or fewer. */
enum Aggregation {
  SUM,
  AVG,
  MIN,
  MAX,
  COUNT,
  GROUP,
  STDDEV,
  STDVAR,
  QUANTILE,
  TOPK,
  BOTTOMK;

  /** The aggregation of a name, if there is one. */
  static @Nullable Aggregation of(String name) {
    return Arrays.stream(values())
        .filter(aggregation -> aggregation.toString().equalsIgnoreCase(name))
        .findFirst()
        .orElse(null);
  }

  boolean hasParameter() {
    return this == QUANTILE || selects();
  }

  /** Whether it gives some of the series rather than a new one. */
  boolean selects() {
    return this == TOPK || this == BOTTOMK;
  }

  /** One value of many, in the order of the series. */
  double apply(double[] values, double parameter) {
    return switch (this) {
      case SUM -> Arrays.stream(values).reduce(0, Double::sum);
      case AVG -> mean(values);
      case MIN -> Statistics.min(values);
      case MAX -> Statistics.max(values);
      case COUNT -> values.length;
      case GROUP -> 1;
      case STDDEV -> Math.sqrt(variance(values));
      case STDVAR -> variance(values);
      case QUANTILE -> Statistics.quantile(parameter, values);
      case TOPK, BOTTOMK -> throw new IllegalStateException(this + " gives no value");
    };
  }

  private static double mean(double[] values) {
    double mean = values[0];
    for (int i = 1; i < values.length; i++) {
      if (!Statistics.infiniteMeanStays(mean, values[i])) {
        mean += values[i] / (i + 1) - mean / (i + 1);
      }
    }
    return mean;
  }

  private static double variance(double[] values) {
    double mean = values[0];
    double squares = 0;
    for (int i = 1; i < values.length; i++) {
      double delta = values[i] - mean;
      mean += delta / (i + 1);
      squares += delta * (values[i] - mean);
    }
    return squares / values.length;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}

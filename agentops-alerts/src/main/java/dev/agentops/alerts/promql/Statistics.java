package dev.agentops.alerts.promql;

import java.util.Arrays;

/**
 * The arithmetic of Prometheus 2.42 (promql/functions.go, promql/quantile.go), with its treatment
 * of NaN and the infinities.
 */
final class Statistics {

  private Statistics() {}

  /** The smallest; NaN only if there is nothing else. */
  static double min(double[] values) {
    double min = values[0];
    for (double value : values) {
      if (value < min || Double.isNaN(min)) {
        min = value;
      }
    }
    return min;
  }

  /** The largest; NaN only if there is nothing else. */
  static double max(double[] values) {
    double max = values[0];
    for (double value : values) {
      if (value > max || Double.isNaN(max)) {
        max = value;
      }
    }
    return max;
  }

  /** Whether a mean that is infinite does not change by one more value. */
  static boolean infiniteMeanStays(double mean, double value) {
    return Double.isInfinite(mean) && (Double.isFinite(value) || value == mean);
  }

  static double mean(double[] values) {
    Sum mean = new Sum();
    for (int i = 0; i < values.length; i++) {
      if (!infiniteMeanStays(mean.sum, values[i])) {
        mean.add(values[i] / (i + 1) - mean.sum / (i + 1));
      }
    }
    return mean.total();
  }

  static double sum(double[] values) {
    Sum sum = new Sum();
    for (double value : values) {
      sum.add(value);
    }
    return sum.total();
  }

  static double variance(double[] values) {
    Sum mean = new Sum();
    Sum squares = new Sum();
    for (int i = 0; i < values.length; i++) {
      double delta = values[i] - (mean.sum + mean.compensation);
      mean.add(delta / (i + 1));
      squares.add(delta * (values[i] - (mean.sum + mean.compensation)));
    }
    return (squares.sum + squares.compensation) / values.length;
  }

  /** Between two values it interpolates; NaN counts as the smallest. */
  static double quantile(double quantile, double[] values) {
    if (values.length == 0 || Double.isNaN(quantile)) {
      return Double.NaN;
    }
    if (quantile < 0 || quantile > 1) {
      return quantile < 0 ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int n = sorted.length;
    int numbers = n;
    while (numbers > 0 && Double.isNaN(sorted[numbers - 1])) {
      numbers--;
    }
    // Java sorts NaN to the end
    int nans = n - numbers;
    double rank = quantile * (n - 1);
    int lower = (int) Math.floor(rank);
    int upper = Math.min(n - 1, lower + 1);
    double weight = rank - Math.floor(rank);
    double lowerValue = sorted[(lower + numbers) % n];
    double upperValue = sorted[(upper + numbers) % n];
    return nans == n ? Double.NaN : lowerValue * (1 - weight) + upperValue * weight;
  }

  /**
   * The least-squares line through a window.
   *
   * @param zeroMillis where the intercept is taken
   * @return slope per second, and intercept
   */
  static double[] line(Window window, long zeroMillis) {
    Sum x = new Sum();
    Sum y = new Sum();
    Sum xy = new Sum();
    Sum xx = new Sum();
    boolean constant = true;
    int n = window.size();
    for (int i = 0; i < n; i++) {
      constant = constant && (i == 0 || window.value(i) == window.value(0));
      double seconds = (window.time(i) - zeroMillis) / 1e3;
      x.add(seconds);
      y.add(window.value(i));
      xy.add(seconds * window.value(i));
      xx.add(seconds * seconds);
    }
    if (constant) {
      boolean infinite = Double.isInfinite(window.value(0));
      return new double[] {infinite ? Double.NaN : 0, infinite ? Double.NaN : window.value(0)};
    }
    double sumX = x.sum + x.compensation;
    double sumY = y.sum + y.compensation;
    double covariance = xy.sum + xy.compensation - sumX * sumY / n;
    double variance = xx.sum + xx.compensation - sumX * sumX / n;
    double slope = covariance / variance;
    return new double[] {slope, sumY / n - slope * sumX / n};
  }

  /** A sum that carries what rounding loses: Kahan's algorithm as improved by Neumaier. */
  private static final class Sum {

    private double sum;
    private double compensation;

    void add(double value) {
      double next = sum + value;
      if (Math.abs(sum) >= Math.abs(value)) {
        compensation += (sum - next) + value;
      } else {
        compensation += (value - next) + sum;
      }
      sum = next;
    }

    double total() {
      return Double.isInfinite(sum) ? sum : sum + compensation;
    }
  }
}

package dev.agentops.alerts.promql;

import java.util.Arrays;

/** Samples of one series in the order of time; reused from series to series. Not thread-safe. */
final class Window {

  private long[] times = new long[16];
  private double[] values = new double[16];
  private int size;

  void clear() {
    size = 0;
  }

  void add(long time, double value) {
    if (size == times.length) {
      times = Arrays.copyOf(times, 2 * size);
      values = Arrays.copyOf(values, 2 * size);
    }
    times[size] = time;
    values[size++] = value;
  }

  int size() {
    return size;
  }

  /** In milliseconds since the epoch. */
  long time(int i) {
    return times[i];
  }

  double value(int i) {
    return values[i];
  }

  double lastValue() {
    return values[size - 1];
  }

  long lastTime() {
    return times[size - 1];
  }

  double[] copyOfValues() {
    return Arrays.copyOf(values, size);
  }
}

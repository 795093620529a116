package dev.agentops.alerts.promql;

import java.util.Arrays;

/**
 * The samples of one series in the order of time, in a ring that grows to its bound and then loses
 * the oldest. Thread-safe.
 */
final class Series {

  /** The NaN that says that a series has ended, the one Prometheus stores. */
  static final double STALE = Double.longBitsToDouble(0x7ff0000000000002L);

  private static final int FIRST_CAPACITY = 8;

  private final Labels labels;
  private final int maxSamples;
  private long[] times = new long[FIRST_CAPACITY];
  private double[] values = new double[FIRST_CAPACITY];
  private int head;
  private int size;

  Series(Labels labels, int maxSamples) {
    this.labels = labels;
    this.maxSamples = maxSamples;
  }

  Labels labels() {
    return labels;
  }

  /** Forgets what is older than the retention, then adds; false if the sample is not newer. */
  synchronized boolean append(long time, double value, long retention) {
    if (size > 0 && time <= times[index(size - 1)]) {
      return false;
    }
    while (size > 0 && (times[head] < time - retention || size == maxSamples)) {
      head = (head + 1) % times.length;
      size--;
    }
    if (size == times.length) {
      grow();
    }
    times[index(size)] = time;
    values[index(size)] = value;
    size++;
    return true;
  }

  synchronized boolean endedBefore(long time) {
    return size == 0 || times[index(size - 1)] < time;
  }

  /** The newest sample that is not after a time, nor stale, nor older than the lookback. */
  synchronized boolean latest(long at, long lookback, Window into) {
    int newest = firstAfter(at) - 1;
    if (newest < 0 || times[index(newest)] < at - lookback || isStale(values[index(newest)])) {
      return false;
    }
    into.clear();
    into.add(times[index(newest)], values[index(newest)]);
    return true;
  }

  /** The samples between two times, both included, without the stale ones. */
  synchronized void range(long from, long to, Window into) {
    into.clear();
    int end = firstAfter(to);
    for (int i = firstAfter(from - 1); i < end; i++) {
      int at = index(i);
      if (!isStale(values[at])) {
        into.add(times[at], values[at]);
      }
    }
  }

  private int firstAfter(long time) {
    int low = 0;
    int high = size;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (times[index(middle)] <= time) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int index(int i) {
    int index = head + i;
    return index < times.length ? index : index - times.length;
  }

  private void grow() {
    int capacity = Math.min(2 * size, maxSamples);
    long[] moreTimes = Arrays.copyOf(times, capacity);
    double[] moreValues = Arrays.copyOf(values, capacity);
    for (int i = 0; i < size; i++) {
      moreTimes[i] = times[index(i)];
      moreValues[i] = values[index(i)];
    }
    times = moreTimes;
    values = moreValues;
    head = 0;
  }

  private static boolean isStale(double value) {
    return Double.doubleToRawLongBits(value) == Double.doubleToRawLongBits(STALE);
  }
}

package dev.agentops.alerts.rule;

/** The last values of a series, by size and by age. Not thread-safe. */
final class PastValues {

  private static final int FEWEST = 20;
  private static final int NEIGHBOURS = 3;

  private final double[] byAge;
  private final double[] sorted;
  private int size;
  private int oldest;
  private double sum;
  private double squares;

  /** What is taken off each value in the sums, which would lose the digits of large ones. */
  private double offset;

  PastValues(int capacity) {
    byAge = new double[capacity];
    sorted = new double[capacity];
  }

  /** How far it is to the nearest value; 0 as long as there are too few to tell. */
  double distance(double value) {
    if (size < FEWEST) {
      return 0;
    }
    int at = placeOf(value);
    double below = at > 0 ? value - sorted[at - 1] : Double.POSITIVE_INFINITY;
    double above = at < size ? sorted[at] - value : Double.POSITIVE_INFINITY;
    return Math.min(below, above);
  }

  /**
   * How far apart those are that stand next to a value, on the side of the nearest; 0 as long as
   * there are too few to tell.
   */
  double spacing(double value) {
    if (size < FEWEST) {
      return 0;
    }
    int at = placeOf(value);
    boolean belowIsNearer = at == size || (at > 0 && value - sorted[at - 1] <= sorted[at] - value);
    return belowIsNearer
        ? sorted[at - 1] - sorted[Math.max(0, at - 1 - NEIGHBOURS)]
        : sorted[Math.min(size - 1, at + NEIGHBOURS)] - sorted[at];
  }

  /** The standard deviation. */
  double deviation() {
    if (size == 0) {
      return 0;
    }
    double mean = sum / size;
    return Math.sqrt(Math.max(0, squares / size - mean * mean));
  }

  /** How large the values are, whatever their sign. */
  double magnitude() {
    return size == 0 ? 0 : Math.abs(offset + sum / size);
  }

  void add(double value) {
    if (size == byAge.length) {
      remove(byAge[oldest]);
    }
    byAge[oldest] = value;
    oldest = (oldest + 1) % byAge.length;
    int at = placeOf(value);
    System.arraycopy(sorted, at, sorted, at + 1, size - at);
    sorted[at] = value;
    size++;
    if (oldest == 0 || size == 1) { // now and then, for sums of differences drift
      sumUp();
    } else {
      sum += value - offset;
      squares += (value - offset) * (value - offset);
    }
  }

  private void remove(double value) {
    int at = placeOf(value);
    System.arraycopy(sorted, at + 1, sorted, at, size - at - 1);
    size--;
    sum -= value - offset;
    squares -= (value - offset) * (value - offset);
  }

  private void sumUp() {
    offset = sorted[size / 2];
    sum = 0;
    squares = 0;
    for (int i = 0; i < size; i++) {
      double rest = sorted[i] - offset;
      sum += rest;
      squares += rest * rest;
    }
  }

  /** Where the value stands, or would: before its equals. */
  private int placeOf(double value) {
    int from = 0;
    int to = size;
    while (from < to) {
      int middle = (from + to) >>> 1;
      if (sorted[middle] < value) {
        from = middle + 1;
      } else {
        to = middle;
      }
    }
    return from;
  }
}

package dev.agentops.alerts.rule;

/**
 * The last points of a series, cut into all stretches of one length. The distance of two stretches
 * is the root of the mean square of their differences. Not thread-safe.
 */
final class PastStretches {

  private static final int FEWEST = 50;
  private static final double FORGETTING = 1.0 / 2_048;

  /** A ring, twice in a row, so that each stretch is in one piece. */
  private final double[] points;

  private final int capacity;
  private final int length;
  private int size;
  private int next;
  private double usual;
  private int compared;
  private final Record furthest = new Record(0.9995);

  PastStretches(int capacity, int length) {
    this.capacity = capacity;
    this.length = length;
    this.points = new double[2 * capacity];
  }

  /**
   * Adds a point, and tells how new the stretch is that ends with it: its distance to the nearest
   * one before it, as a multiple of how far it may be.
   *
   * @param least what it may be in any case
   */
  double novelty(double value, double least) {
    add(value);
    int others = size - 2 * length; // none that overlaps
    if (others < FEWEST) {
      return 0;
    }
    double distance = Math.sqrt(nearest(others) / length);
    double allowed =
        Math.max(Math.max(least, AnomalyDetector.STRETCH_FACTOR * usual), furthest.value());
    double novelty = compared < FEWEST || distance == 0 ? 0 : distance / allowed;
    furthest.add(distance);
    compared++;
    usual += (distance - usual) * Math.max(FORGETTING, 1.0 / compared);
    return novelty;
  }

  private void add(double value) {
    points[next] = value;
    points[next + capacity] = value;
    next = (next + 1) % capacity;
    size = Math.min(size + 1, capacity);
  }

  private double nearest(int others) {
    int first = next + capacity - size;
    int last = next + capacity - length;
    double best = Double.POSITIVE_INFINITY;
    for (int i = others - 1; i >= 0 && best > 0; i--) {
      int other = (first + i) % capacity;
      double sum = 0;
      for (int k = 0; k < length && sum < best; k++) {
        double difference = points[other + k] - points[last + k];
        sum += difference * difference;
      }
      best = Math.min(best, sum);
    }
    return best;
  }
}

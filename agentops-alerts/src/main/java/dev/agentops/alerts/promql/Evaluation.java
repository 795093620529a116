package dev.agentops.alerts.promql;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** One evaluation at one time: what it reads, and how much it has read. Not thread-safe. */
final class Evaluation {

  /** So many samples no rule should need: three days of a hundred series are a third of it. */
  static final int MAX_SAMPLES = 5_000_000;

  private final MetricStore store;
  private final long atMillis;
  private final int[] samples;

  Evaluation(MetricStore store, long atMillis) {
    this(store, atMillis, new int[1]);
  }

  private Evaluation(MetricStore store, long atMillis, int[] samples) {
    this.store = store;
    this.atMillis = atMillis;
    this.samples = samples;
  }

  /** The same at another time; counts the samples with this one. */
  Evaluation at(long otherMillis) {
    count(1);
    return new Evaluation(store, otherMillis, samples);
  }

  MetricStore store() {
    return store;
  }

  long atMillis() {
    return atMillis;
  }

  /**
   * Counts samples that were read.
   *
   * @throws ExpressionException if there are too many
   */
  void count(int read) {
    samples[0] += read;
    if (samples[0] > MAX_SAMPLES) {
      throw new ExpressionException(
          "the expression reads more than " + MAX_SAMPLES + " samples; ask for less");
    }
  }

  /** Two series with the same labels are no result. */
  static List<Sample> requireUnique(List<Sample> vector) {
    if (vector.size() > 1) {
      Set<Labels> seen = new HashSet<>(2 * vector.size());
      for (Sample sample : vector) {
        if (!seen.add(sample.labels())) {
          throw new ExpressionException(
              "vector cannot contain metrics with the same labelset: " + sample.labels());
        }
      }
    }
    return vector;
  }
}

package dev.agentops.alerts.promql;

import java.util.Arrays;
import java.util.concurrent.atomic.DoubleAdder;
import java.util.concurrent.atomic.LongAdder;

/**
 * A live distribution: at each {@link MetricStore#scrape} the series {@code <name>_bucket} with the
 * cumulative count of each upper bound in the label {@code le}, {@code <name>_sum} and {@code
 * <name>_count}, as Prometheus has them. Keep it in a field. Thread-safe; recording does not
 * allocate and does not wait.
 */
public final class Histogram implements MetricSource {

  private final double[] bounds;
  private final LongAdder[] counts;
  private final DoubleAdder sum = new DoubleAdder();
  private final Labels[] buckets;
  private final Labels sumSeries;
  private final Labels countSeries;

  Histogram(Labels series, double[] bounds) {
    this.bounds = bounds.clone();
    for (int i = 0; i < bounds.length; i++) {
      if (!Double.isFinite(bounds[i]) || (i > 0 && bounds[i] <= bounds[i - 1])) {
        throw new IllegalArgumentException(
            "bounds of a histogram must be finite and rise: " + Arrays.toString(bounds));
      }
    }
    if (!series.value("le").isEmpty()) {
      throw new IllegalArgumentException("a histogram sets the label 'le' itself: " + series);
    }
    counts = new LongAdder[bounds.length + 1];
    buckets = new Labels[bounds.length + 1];
    Labels bucket = series.with(Labels.NAME, series.name() + "_bucket");
    for (int i = 0; i <= bounds.length; i++) {
      counts[i] = new LongAdder();
      double bound = i < bounds.length ? bounds[i] : Double.POSITIVE_INFINITY;
      buckets[i] = bucket.with("le", Numbers.format(bound));
    }
    sumSeries = series.with(Labels.NAME, series.name() + "_sum");
    countSeries = series.with(Labels.NAME, series.name() + "_count");
  }

  /** Counts a value; NaN is ignored. */
  public void record(double value) {
    if (Double.isNaN(value)) {
      return;
    }
    int bucket = 0;
    while (bucket < bounds.length && value > bounds[bucket]) {
      bucket++;
    }
    counts[bucket].increment();
    sum.add(value);
  }

  @Override
  public void collect(Sink sink) {
    long cumulative = 0;
    for (int i = 0; i < counts.length; i++) {
      cumulative += counts[i].sum();
      sink.add(buckets[i], cumulative);
    }
    sink.add(sumSeries, sum.sum());
    sink.add(countSeries, cumulative);
  }
}

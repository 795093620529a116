package dev.agentops.alerts.promql;

import java.util.concurrent.atomic.DoubleAdder;

/**
 * A live count that only grows, turned into a sample at each {@link MetricStore#scrape}. Keep it in
 * a field. Thread-safe; adding does not allocate and does not wait.
 */
public final class Counter implements MetricSource {

  private final Labels series;
  private final DoubleAdder sum = new DoubleAdder();

  Counter(Labels series) {
    this.series = series;
  }

  /** Adds one. */
  public void increment() {
    sum.add(1);
  }

  /** Adds an amount; one that is negative, infinite or not a number is ignored. */
  public void add(double amount) {
    if (amount > 0 && amount < Double.POSITIVE_INFINITY) {
      sum.add(amount);
    }
  }

  /** The count so far. */
  public double value() {
    return sum.sum();
  }

  @Override
  public void collect(Sink sink) {
    sink.add(series, value());
  }
}

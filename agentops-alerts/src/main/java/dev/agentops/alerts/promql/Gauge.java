package dev.agentops.alerts.promql;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A live value that goes up and down, turned into a sample at each {@link MetricStore#scrape}. Keep
 * it in a field. Thread-safe; setting does not allocate and does not wait.
 */
public final class Gauge implements MetricSource {

  private final Labels series;
  private final AtomicLong bits = new AtomicLong();

  Gauge(Labels series) {
    this.series = series;
  }

  public void set(double value) {
    bits.set(Double.doubleToRawLongBits(value));
  }

  /** Adds an amount, which may be negative. */
  public void add(double amount) {
    long before;
    long after;
    do {
      before = bits.get();
      after = Double.doubleToRawLongBits(Double.longBitsToDouble(before) + amount);
    } while (!bits.compareAndSet(before, after));
  }

  public double value() {
    return Double.longBitsToDouble(bits.get());
  }

  @Override
  public void collect(Sink sink) {
    sink.add(series, value());
  }
}

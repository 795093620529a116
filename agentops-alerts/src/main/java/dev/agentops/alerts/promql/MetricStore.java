package dev.agentops.alerts.promql;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * The time series that expressions are evaluated over: in memory, with a bound on the number of
 * series, on their samples and on their age. What is beyond a bound is dropped and counted.
 *
 * <p>Samples come by {@link #append}, or from live instruments and {@linkplain MetricSource
 * sources} at each {@link #scrape}. Thread-safe.
 */
public final class MetricStore {

  /** No range of an expression reaches further back: {@value} days. */
  public static final int MAX_RETENTION_DAYS = 3;

  private final int maxSeries;
  private final int maxSamplesPerSeries;
  private final Duration lookback;
  private final Duration subqueryStep;
  private final AtomicLong retentionMillis;
  private final SeriesIndex index = new SeriesIndex();
  private final Scraper scraper;
  private final LongAdder rejectedSeries = new LongAdder();
  private final LongAdder droppedSamples = new LongAdder();
  private final AtomicLong sweptAtMillis = new AtomicLong(Long.MIN_VALUE);

  private MetricStore(Builder builder) {
    maxSeries = builder.maxSeries;
    maxSamplesPerSeries = builder.maxSamplesPerSeries;
    lookback = builder.lookback;
    subqueryStep = builder.subqueryStep;
    retentionMillis = new AtomicLong();
    retainAtLeast(builder.retention);
    scraper = new Scraper(this, new FaultLog(MetricStore.class, builder.clock));
  }

  /** A store with the defaults of the builder. */
  public static MetricStore create() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Keeps samples for this long at least, beyond the lookback; for the ranges of the expressions to
   * come, see {@link Expression#range}. What was dropped before does not come back.
   *
   * @throws IllegalArgumentException if it is negative or above {@value #MAX_RETENTION_DAYS} days
   */
  public void retainAtLeast(Duration range) {
    requireAtMost(Objects.requireNonNull(range, "range"));
    retentionMillis.accumulateAndGet(range.plus(lookback).toMillis(), Math::max);
  }

  /**
   * Adds a sample.
   *
   * @param series the labels with the name of the metric, see {@link Labels#metric}
   * @return false if it was dropped: not newer than the last sample of its series, or a new series
   *     beyond the bound
   * @throws IllegalArgumentException if the series has no name
   */
  public boolean append(Labels series, Instant at, double value) {
    return append(Objects.requireNonNull(series, "series"), at.toEpochMilli(), value);
  }

  /**
   * Ends a series: from this moment on expressions do not see it, instead of seeing its last value
   * for the time of the lookback. A later sample starts it again.
   */
  public void markStale(Labels series, Instant at) {
    end(Objects.requireNonNull(series, "series"), at.toEpochMilli());
  }

  /** The counter with these labels and this name, the same one each time. */
  public Counter counter(Labels series) {
    return scraper.instrument(named(series), Counter.class, Counter::new);
  }

  /** The gauge with these labels and this name, the same one each time. */
  public Gauge gauge(Labels series) {
    return scraper.instrument(named(series), Gauge.class, Gauge::new);
  }

  /**
   * The histogram with these labels and this name, the same one each time.
   *
   * @param bounds the upper bounds of the buckets, rising, without the infinite one; those of the
   *     first call hold
   * @throws IllegalArgumentException if the bounds do not rise or are not finite
   */
  public Histogram histogram(Labels series, double... bounds) {
    return scraper.instrument(
        named(series), Histogram.class, labels -> new Histogram(labels, bounds));
  }

  /** Takes an instrument out; its series go stale at the next scrape. */
  public void removeInstrument(Labels series) {
    scraper.remove(Objects.requireNonNull(series, "series"));
  }

  /** Asks a source at each scrape from now on. */
  public void addSource(MetricSource source) {
    scraper.add(Objects.requireNonNull(source, "source"));
  }

  /** Does not ask a source any more; its series go stale at the next scrape. */
  public void removeSource(MetricSource source) {
    scraper.remove(Objects.requireNonNull(source, "source"));
  }

  /**
   * Turns the current values of all instruments and sources into samples, and marks as stale what
   * the last scrape had and this one has not. Also forgets series without a sample in the
   * retention.
   */
  public void scrape(Instant at) {
    scraper.scrape(at.toEpochMilli());
    sweep(at.toEpochMilli());
  }

  /** How many series there are. */
  public int series() {
    return index.size();
  }

  /** How many samples were dropped because their series would have been beyond the bound. */
  public long rejectedSeries() {
    return rejectedSeries.sum();
  }

  /** How many samples were dropped because they were not newer than the last of their series. */
  public long droppedSamples() {
    return droppedSamples.sum();
  }

  /** How often a source failed. */
  public long sourceFaults() {
    return scraper.faults();
  }

  /** How old a sample may be to count as the current value. */
  public Duration lookback() {
    return lookback;
  }

  /** The step of a subquery that names none. */
  public Duration subqueryStep() {
    return subqueryStep;
  }

  boolean append(Labels labels, long atMillis, double value) {
    Series series = index.get(labels);
    if (series == null) {
      named(labels);
      if (index.size() >= maxSeries) {
        sweep(atMillis);
      }
      if (index.size() >= maxSeries) {
        rejectedSeries.increment();
        return false;
      }
      series = index.add(labels, maxSamplesPerSeries);
    }
    boolean added = series.append(atMillis, value, retentionMillis.get());
    if (!added) {
      droppedSamples.increment();
    }
    return added;
  }

  void end(Labels labels, long atMillis) {
    if (index.get(labels) != null) {
      append(labels, atMillis, Series.STALE);
    }
  }

  List<Series> select(@Nullable String name) {
    return index.select(name);
  }

  /** At most once in the time of the lookback: it looks at every series. */
  private void sweep(long nowMillis) {
    long last = sweptAtMillis.get();
    boolean due = last == Long.MIN_VALUE || nowMillis - last >= lookback.toMillis();
    if (due && sweptAtMillis.compareAndSet(last, nowMillis)) {
      long oldest = nowMillis - retentionMillis.get();
      index.removeIf(series -> series.endedBefore(oldest));
    }
  }

  private static Labels named(Labels series) {
    if (Objects.requireNonNull(series, "series").name().isEmpty()) {
      throw new IllegalArgumentException("a series needs the name of a metric: " + series);
    }
    return series;
  }

  private static void requireAtMost(Duration range) {
    if (range.isNegative() || range.compareTo(Duration.ofDays(MAX_RETENTION_DAYS)) > 0) {
      throw new IllegalArgumentException(
          "samples are kept for 0 to " + MAX_RETENTION_DAYS + " days, not " + range);
    }
  }

  /** Sets up a store. */
  public static final class Builder {

    private int maxSeries = 10_000;
    private int maxSamplesPerSeries = 20_000;
    private Duration retention = Duration.ZERO;
    private Duration lookback = Duration.ofMinutes(5);
    private Duration subqueryStep = Duration.ofMinutes(1);
    private Clock clock = Clock.system();

    private Builder() {}

    /** How many series it holds; further ones are rejected. Default 10,000. */
    public Builder maxSeries(int maxSeries) {
      this.maxSeries = positive(maxSeries, "maxSeries");
      return this;
    }

    /** How many samples a series holds; then it loses the oldest. Default 20,000. */
    public Builder maxSamplesPerSeries(int maxSamplesPerSeries) {
      this.maxSamplesPerSeries = positive(maxSamplesPerSeries, "maxSamplesPerSeries");
      return this;
    }

    /**
     * How long samples are kept beyond the lookback, at most {@value #MAX_RETENTION_DAYS} days.
     * Default zero: {@link #retainAtLeast} raises it to what the expressions need.
     */
    public Builder retention(Duration retention) {
      requireAtMost(Objects.requireNonNull(retention, "retention"));
      this.retention = retention;
      return this;
    }

    /** How old a sample may be to count as the current value. Default 5 minutes. */
    public Builder lookback(Duration lookback) {
      requireAtMost(Objects.requireNonNull(lookback, "lookback"));
      this.lookback = lookback;
      return this;
    }

    /** The step of a subquery that names none. Default 1 minute, as in Prometheus. */
    public Builder subqueryStep(Duration subqueryStep) {
      if (Objects.requireNonNull(subqueryStep, "subqueryStep").toMillis() < 1) {
        throw new IllegalArgumentException("subqueryStep is below 1 ms: " + subqueryStep);
      }
      this.subqueryStep = subqueryStep;
      return this;
    }

    /** For how often failures are logged. Default the system's clock. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public MetricStore build() {
      return new MetricStore(this);
    }

    private static int positive(int value, String name) {
      if (value < 1) {
        throw new IllegalArgumentException(name + " must be positive: " + value);
      }
      return value;
    }
  }
}

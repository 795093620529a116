package dev.agentops.alerts.promql;

/**
 * Something that knows current values and tells them at each scrape: a registry of meters, the JVM,
 * a pool. What it stops telling goes stale at the next scrape.
 */
@FunctionalInterface
public interface MetricSource {

  /** Where the values go. */
  @FunctionalInterface
  interface Sink {

    /**
     * Takes the current value of a series.
     *
     * @param series its labels and its name, see {@link Labels#metric}
     */
    void add(Labels series, double value);
  }

  /**
   * Tells the current values. Whatever it throws is counted and logged, and what it had told before
   * that counts.
   */
  void collect(Sink sink);
}

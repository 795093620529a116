package dev.agentops.alerts.promql;

import java.util.Objects;

/**
 * One value of one series, as an expression gives it.
 *
 * @param labels of the series
 * @param value any double, NaN and the infinities too
 */
public record Sample(Labels labels, double value) {

  public Sample {
    Objects.requireNonNull(labels, "labels");
  }

  /** As Prometheus writes it: {@code up{job="agent"} 1}. */
  @Override
  public String toString() {
    return labels + " " + Numbers.format(value);
  }
}

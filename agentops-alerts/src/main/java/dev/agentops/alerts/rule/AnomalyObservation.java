package dev.agentops.alerts.rule;

import java.time.Instant;

/** What an {@link AnomalyDetector} makes of one point. Immutable. */
public final class AnomalyObservation {

  private final Instant time;
  private final double value;
  private final boolean anomalous;
  private final double novelty;

  AnomalyObservation(Instant time, double value, boolean anomalous, double novelty) {
    this.time = time;
    this.value = value;
    this.anomalous = anomalous;
    this.novelty = novelty;
  }

  public Instant time() {
    return time;
  }

  public double value() {
    return value;
  }

  /** Whether something begins here that was never seen before. */
  public boolean anomalous() {
    return anomalous;
  }

  /**
   * How far the point is from everything before it, as a multiple of how far it may be: above 1 is
   * new, also where it is not told because an incident is under way; 0 during warm-up.
   */
  public double novelty() {
    return novelty;
  }

  @Override
  public String toString() {
    return "AnomalyObservation{"
        + value
        + " at "
        + time
        + (anomalous ? ", anomalous" : "")
        + ", novelty="
        + novelty
        + '}';
  }
}

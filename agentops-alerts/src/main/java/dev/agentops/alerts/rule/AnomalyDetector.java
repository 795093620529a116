package dev.agentops.alerts.rule;

import java.time.Instant;
import java.util.Objects;

/**
 * Finds values and stretches that a series of measurements has never shown before, whatever its
 * shape; nothing needs to be set.
 *
 * <p>Each point is compared with its nearest neighbours in the series' own past (its left discord,
 * as the literature on the matrix profile calls it): the nearest value, and the nearest stretch of
 * {@value #STRETCH} points and of {@value #LONG_STRETCH}. So days and weeks that repeat are known
 * once they were seen, a new level is told once and then known, a line that is flat or drifts
 * slowly is silent, and a value between two clusters is as new as one beyond them. A point is
 * anomalous if
 *
 * <ul>
 *   <li>its value is further from every value of the past than {@value #VALUE_SHARE} of their
 *       standard deviation, than half of what was the furthest lately, and than half of how far
 *       those next to it are apart; or
 *   <li>the stretch that it ends, short or long, is further from every other one than that and
 *       {@value #STRETCH_FACTOR} times the usual distance, and than any one lately.
 * </ul>
 *
 * <p>The first {@value #WARM_UP} points are never anomalous. An incident is told at its onset, and
 * the next one when {@value #QUIET} points were nothing new. The past are the last {@value
 * #HISTORY} points, 192 KB for each detector. Points are taken as they come: their times may repeat
 * and go back. Values that are no finite numbers are passed over. Not thread-safe.
 */
public final class AnomalyDetector {

  /** How many points are learned from before any can be anomalous: {@value}. */
  public static final int WARM_UP = 150;

  /** How many points with nothing new end an incident: {@value}. */
  public static final int QUIET = 150;

  /** How many points are remembered: {@value}. */
  public static final int HISTORY = 4_096;

  /** How many points make a stretch: {@value}. */
  public static final int STRETCH = 48;

  /** How many points make a long stretch, in which a peak that does not come is seen: {@value}. */
  public static final int LONG_STRETCH = 192;

  static final double VALUE_SHARE = 0.3;
  static final double STRETCH_FACTOR = 3;

  /** A series that varies by less than a hundredth of its mean is taken to vary by that. */
  private static final double LEAST_VARIATION = 0.01;

  private final PastValues values = new PastValues(HISTORY);
  private final PastStretches stretches = new PastStretches(HISTORY, STRETCH);
  private final PastStretches longStretches = new PastStretches(HISTORY, LONG_STRETCH);
  private final Record furthestValue = new Record(0.995);
  private long seen;
  private int quiet;

  private AnomalyDetector() {}

  public static AnomalyDetector create() {
    return new AnomalyDetector();
  }

  /**
   * Takes the next point, and compares it with those before it.
   *
   * @param time of the point; told back, and otherwise not looked at
   * @param value in any unit
   */
  public AnomalyObservation observe(Instant time, double value) {
    Objects.requireNonNull(time, "time");
    if (!Double.isFinite(value)) {
      return new AnomalyObservation(time, value, false, 0);
    }
    double least = VALUE_SHARE * Math.max(values.deviation(), LEAST_VARIATION * values.magnitude());
    double novelty =
        Math.max(
            noveltyOfValue(value, least),
            Math.max(stretches.novelty(value, least), longStretches.novelty(value, least)));
    values.add(value);
    seen++;
    if (seen <= WARM_UP) {
      return new AnomalyObservation(time, value, false, 0);
    }
    boolean anomalous = novelty > 1 && quiet == 0;
    quiet = novelty > 1 ? QUIET : Math.max(0, quiet - 1);
    return new AnomalyObservation(time, value, anomalous, novelty);
  }

  private double noveltyOfValue(double value, double least) {
    double distance = values.distance(value);
    double usual = Math.max(furthestValue.value(), values.spacing(value)) / 2;
    furthestValue.add(distance);
    return distance == 0 ? 0 : distance / Math.max(least, usual);
  }
}

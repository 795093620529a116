package dev.agentops.alerts;

import dev.agentops.Cost;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The three limits of a healthy agent, and what to say when one is passed. A limit that is not set
 * is never passed.
 */
record Thresholds(double errorRate, @Nullable Duration responseTime, @Nullable Cost costPerHour) {

  /** Never passed. */
  static final double NO_ERROR_RATE = Double.POSITIVE_INFINITY;

  boolean errorRateIsOver(long errors, long total) {
    return total > 0 && (double) errors / total > errorRate;
  }

  boolean responseTimeIsOver(Duration duration) {
    return responseTime != null && duration.compareTo(responseTime) > 0;
  }

  boolean costPerHourIsOver(Cost cost) {
    return costPerHour != null && cost.compareTo(costPerHour) > 0;
  }

  Alert.Builder errorRateAlert(long errors, long total) {
    double rate = (double) errors / total;
    return Alert.builder()
        .level(AlertLevel.ERROR)
        .name("HighErrorRate")
        .message(
            "Error rate is "
                + percent(rate)
                + " ("
                + errors
                + " of "
                + total
                + "), over the threshold of "
                + percent(errorRate))
        .metadata("errors", errors)
        .metadata("total", total)
        .metadata("rate", rate)
        .metadata("threshold", errorRate);
  }

  Alert.Builder responseTimeAlert(Duration duration) {
    return slow("Response took " + seconds(duration) + ", over the threshold of ")
        .metadata("responseTime", duration);
  }

  Alert.Builder slowCallsAlert(long slow, long total) {
    return slow(slow + " of " + total + " calls took longer than the threshold of ")
        .metadata("slow", slow)
        .metadata("total", total);
  }

  Alert.Builder costPerHourAlert(Cost cost) {
    return Alert.builder()
        .level(AlertLevel.WARNING)
        .name("HighCostPerHour")
        .message("Cost per hour is " + cost + ", over the threshold of " + costPerHour)
        .metadata("costPerHour", cost)
        .metadata("threshold", costPerHour);
  }

  private Alert.Builder slow(String what) {
    return Alert.builder()
        .level(AlertLevel.WARNING)
        .name("HighResponseTime")
        .message(what + (responseTime == null ? "none" : seconds(responseTime)))
        .metadata("threshold", responseTime);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", share * 100);
  }

  private static String seconds(Duration duration) {
    return String.format(Locale.ROOT, "%.3f s", duration.toSeconds() + duration.getNano() / 1e9);
  }
}

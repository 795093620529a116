package dev.agentops.alerts;

import dev.agentops.Clock;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Holds the thresholds against the model calls of the recent past.
 *
 * <p>Error rate and response time look at {@value #WINDOW_MINUTES} minutes and need a minimum of
 * calls there; with fewer, nothing is known. Answers of a cache, refusals and cancelled calls are
 * no calls of the model; what they cost counts. Thread-safe.
 */
final class CallWatch {

  /**
   * The window of error rate and response time, and how long a value must have been below before it
   * fires again.
   */
  static final int WINDOW_MINUTES = 5;

  private static final Duration WINDOW = Duration.ofMinutes(WINDOW_MINUTES);
  private static final int BUCKETS = 60;

  private final Thresholds thresholds;
  private final long minimumRequests;
  private final Clock clock;
  private final Consumer<Alert.Builder> alerts;
  private final SlidingWindow recent;
  private final SlidingWindow hour;
  private final Crossing errorRate;
  private final Crossing responseTime;
  private final Crossing costPerHour;

  CallWatch(
      Thresholds thresholds,
      long minimumRequests,
      Duration repeatInterval,
      Clock clock,
      Consumer<Alert.Builder> alerts) {
    this.thresholds = thresholds;
    this.minimumRequests = minimumRequests;
    this.clock = clock;
    this.alerts = alerts;
    long now = clock.nanoTime();
    recent = new SlidingWindow(WINDOW.dividedBy(BUCKETS), BUCKETS, now);
    hour = new SlidingWindow(Duration.ofHours(1).dividedBy(BUCKETS), BUCKETS, now);
    errorRate = new Crossing(WINDOW, repeatInterval);
    responseTime = new Crossing(WINDOW, repeatInterval);
    costPerHour = new Crossing(WINDOW, repeatInterval);
  }

  synchronized void observe(ModelCallEvent call) {
    long now = clock.nanoTime();
    recent.moveTo(now);
    hour.moveTo(now);
    if (thresholds.costPerHourIsOver(hour.cost())) { // it only falls between two calls
      costPerHour.stayedOver(now);
    }
    boolean error = call.status() == CallStatus.ERROR;
    if (error || (call.status() == CallStatus.OK && !call.cached())) {
      recent.addCall(error, thresholds.responseTimeIsOver(call.duration()));
    }
    call.cost().ifPresent(hour::addCost);
    evaluate(now);
  }

  private void evaluate(long now) {
    long calls = recent.calls();
    if (calls >= minimumRequests) {
      long errors = recent.errors();
      if (errorRate.fires(thresholds.errorRateIsOver(errors, calls), now)) {
        alerts.accept(thresholds.errorRateAlert(errors, calls));
      }
      // the 95th percentile is over the threshold just when more than a twentieth of the calls are
      long slow = recent.slow();
      if (responseTime.fires(slow * 20 > calls, now)) {
        alerts.accept(thresholds.slowCallsAlert(slow, calls));
      }
    }
    if (costPerHour.fires(thresholds.costPerHourIsOver(hour.cost()), now)) {
      alerts.accept(thresholds.costPerHourAlert(hour.cost()));
    }
  }
}

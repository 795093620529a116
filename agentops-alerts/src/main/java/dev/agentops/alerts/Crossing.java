package dev.agentops.alerts;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Turns "is it over the threshold now?", asked again and again, into one alert per crossing.
 *
 * <p>Fires when a value goes over, and then stays silent until it has been back below for a while
 * (a value that trembles around its threshold is one problem, not many), nothing was known of it
 * for as long, or the repeat interval has passed. Not thread-safe.
 */
final class Crossing {

  private final long recoveryNanos;
  private final long repeatNanos;
  private boolean firing;
  private long firedNanos;
  private long lastOverNanos;

  Crossing(Duration recovery, Duration repeat) {
    recoveryNanos = recovery.toNanos();
    repeatNanos = TimeUnit.NANOSECONDS.convert(repeat); // saturates
  }

  /** Whether to fire. */
  boolean fires(boolean over, long nowNanos) {
    firing = firing && nowNanos - lastOverNanos < recoveryNanos;
    if (!over) {
      return false;
    }
    lastOverNanos = nowNanos;
    if (firing && nowNanos - firedNanos < repeatNanos) {
      return false;
    }
    firing = true;
    firedNanos = nowNanos;
    return true;
  }

  /** Says that the value has been over all the time since it was asked for last. */
  void stayedOver(long nowNanos) {
    lastOverNanos = nowNanos;
  }
}

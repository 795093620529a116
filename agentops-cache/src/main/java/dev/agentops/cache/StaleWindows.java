package dev.agentops.cache;

import dev.agentops.Clock;
import java.time.Duration;

/**
 * For how long after its time a value is served, while a newer one is loaded or if that fails.
 * Immutable.
 */
record StaleWindows(Duration whileRevalidate, Duration ifError) {

  /** How long values are kept after their time. */
  Duration longest() {
    return whileRevalidate.compareTo(ifError) > 0 ? whileRevalidate : ifError;
  }

  boolean servesWhileRevalidating(long overNanos) {
    return overNanos < Clock.nanos(whileRevalidate);
  }

  boolean servesIfError(long overNanos) {
    return overNanos < Clock.nanos(ifError);
  }
}

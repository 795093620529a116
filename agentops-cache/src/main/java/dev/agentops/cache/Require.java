package dev.agentops.cache;

import java.time.Duration;

/** Checks of what a cache is configured with; each quotes the value that it refuses. */
final class Require {

  private Require() {}

  static long positive(String what, long number) {
    if (number <= 0) {
      throw new IllegalArgumentException(what + " must be positive: " + number);
    }
    return number;
  }

  static Duration positive(String what, Duration time) {
    if (time.isZero() || time.isNegative()) {
      throw new IllegalArgumentException(what + " must be positive: " + time);
    }
    return time;
  }

  static String notBlank(String what, String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException(what + " must not be blank: '" + text + "'");
    }
    return text;
  }
}

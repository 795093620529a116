package dev.agentops.cache;

import java.time.Duration;
import java.util.Objects;

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
    Objects.requireNonNull(time, what);
    if (time.isZero() || time.isNegative()) {
      throw new IllegalArgumentException(what + " must be positive: " + time);
    }
    return time;
  }

  static String notBlank(String what, String text) {
    Objects.requireNonNull(text, what);
    if (text.isBlank()) {
      throw new IllegalArgumentException(what + " must not be blank: '" + text + "'");
    }
    return text;
  }
}

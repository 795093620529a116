package dev.agentops.resilience;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What builders refuse. */
final class Checks {

  private Checks() {}

  static Duration positive(String name, @Nullable Duration value) {
    if (value == null || value.isZero() || value.isNegative()) {
      throw new IllegalArgumentException(name + " must be positive: " + value);
    }
    return value;
  }

  static Duration notNegative(String name, @Nullable Duration value) {
    if (value == null || value.isNegative()) {
      throw new IllegalArgumentException(name + " must not be negative: " + value);
    }
    return value;
  }

  static int atLeast(int least, String name, int value) {
    if (value < least) {
      throw new IllegalArgumentException(name + " must be at least " + least + ": " + value);
    }
    return value;
  }

  /** From 0 to 1. */
  static double share(String name, double value) {
    if (!(value >= 0 && value <= 1)) { // NaN, too
      throw new IllegalArgumentException(name + " must be from 0 to 1: " + value);
    }
    return value;
  }

  static String notBlank(String name, @Nullable String value) {
    if (value == null || value.isBlank()) {
      throw new IllegalArgumentException(name + " must not be blank: '" + value + "'");
    }
    return value;
  }
}

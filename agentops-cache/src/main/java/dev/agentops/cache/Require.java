package dev.agentops.cache;

import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Checks of what a cache is configured with; each quotes the value that it refuses. */
final class Require {

  /** Characters of a cache's name, which is a part of the keys that its stores see. */
  static final int LONGEST_NAME = 64;

  /** Characters of a tag. */
  static final int LONGEST_TAG = 256;

  private static final int QUOTED = 80;

  private Require() {}

  static String cacheName(String name) {
    if (Objects.requireNonNull(name, "name").isBlank()
        || name.length() > LONGEST_NAME
        || !CacheKeys.isWellFormed(name)
        || name.chars().anyMatch(c -> c == ':' || Character.isISOControl(c))) {
      throw new IllegalArgumentException(
          "name must be 1 to "
              + LONGEST_NAME
              + " characters without colons and control characters: "
              + quoted(name));
    }
    return name;
  }

  static String tag(@Nullable String tag) {
    if (tag == null || tag.length() > LONGEST_TAG || !CacheKeys.isWellFormed(tag)) {
      throw new IllegalArgumentException(
          "tag must be well-formed text of at most "
              + LONGEST_TAG
              + " characters: "
              + (tag == null ? "null" : quoted(tag)));
    }
    return tag;
  }

  private static String quoted(String text) {
    return text.length() <= QUOTED
        ? "'" + text + "'"
        : "'" + text.substring(0, QUOTED) + "...' of " + text.length() + " characters";
  }

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

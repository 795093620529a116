package dev.agentops.http;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads times as headers write them; null for what makes no sense. */
final class HeaderTimes {

  private static final double MOST_SECONDS = ProviderLimits.MOST_DAYS * 86_400.0;

  private static final Pattern NUMBER = Pattern.compile("\\d{1,15}(?:\\.\\d{0,15})?");

  /** A part of a duration as Go prints it: {@code 1h6m0.5s}. */
  private static final Pattern PART =
      Pattern.compile("(\\d{1,15}(?:\\.\\d{1,15})?)(d|h|ms|m|us|µs|ns|s)");

  private final Instant now;

  HeaderTimes(Instant now) {
    this.now = now;
  }

  /** An HTTP date, or the other time where there is none. */
  static Instant date(@Nullable String value, Instant otherwise) {
    Instant date = value == null ? null : date(value);
    return date == null ? otherwise : date;
  }

  /** A number of seconds, or an HTTP date. */
  @Nullable Duration retryAfter(@Nullable String value) {
    if (value == null) {
      return null;
    }
    Instant date = NUMBER.matcher(value).matches() ? null : date(value);
    return date == null ? until(value) : until(date);
  }

  /** A number of milliseconds. */
  @Nullable Duration millis(@Nullable String value) {
    return value == null || !NUMBER.matcher(value).matches()
        ? null
        : ofSeconds(Double.parseDouble(value) / 1_000);
  }

  /**
   * The time until a limit is reset: a duration such as {@code 6m0s}, a number of seconds, seconds
   * or milliseconds of the epoch, or a time of RFC 3339.
   */
  @Nullable Duration until(String value) {
    if (NUMBER.matcher(value).matches()) {
      return ofNumber(Double.parseDouble(value));
    }
    if (value.indexOf('T') > 0) {
      return ofTimestamp(value);
    }
    Matcher part = PART.matcher(value);
    double seconds = 0;
    int end = 0;
    while (end < value.length() && part.region(end, value.length()).lookingAt()) {
      seconds += Double.parseDouble(part.group(1)) * secondsOf(part.group(2));
      end = part.end();
    }
    return end == 0 || end < value.length() ? null : ofSeconds(seconds);
  }

  private @Nullable Duration ofNumber(double number) {
    if (number >= 1e11) { // after the year 5138 in seconds, 1973 in milliseconds
      return until(Instant.ofEpochMilli((long) number));
    }
    return number >= 1e9 ? until(Instant.ofEpochSecond((long) number)) : ofSeconds(number);
  }

  private @Nullable Duration ofTimestamp(String value) {
    try {
      return until(OffsetDateTime.parse(value).toInstant());
    } catch (DateTimeException e) {
      return null;
    }
  }

  private @Nullable Duration until(Instant time) {
    Duration wait = Duration.between(now, time);
    return wait.isNegative() || wait.toSeconds() > MOST_SECONDS ? null : wait;
  }

  private static @Nullable Instant date(String value) {
    try {
      return ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant();
    } catch (DateTimeException e) {
      return null;
    }
  }

  private static @Nullable Duration ofSeconds(double seconds) {
    return seconds > MOST_SECONDS ? null : Duration.ofNanos(Math.round(seconds * 1e9));
  }

  private static double secondsOf(String unit) {
    return switch (unit) {
      case "d" -> 86_400;
      case "h" -> 3_600;
      case "m" -> 60;
      case "s" -> 1;
      case "ms" -> 1e-3;
      case "ns" -> 1e-9;
      default -> 1e-6;
    };
  }
}

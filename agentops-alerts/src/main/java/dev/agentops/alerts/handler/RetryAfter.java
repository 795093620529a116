package dev.agentops.alerts.handler;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.http.HttpHeaders;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Optional;

/** How long a channel asks to be left alone: in a header, or in the answer itself. */
final class RetryAfter {

  /** What a channel can ask at most: more is a mistake of its. */
  private static final Duration LONGEST = Duration.ofDays(1);

  private static final double MILLIS = 1_000;

  private RetryAfter() {}

  static Optional<Duration> of(HttpHeaders headers, JsonNode body) {
    Optional<Duration> told = headers.firstValue("Retry-After").flatMap(v -> parse(v, headers));
    return told.or(() -> seconds(body.path("retry_after")))
        .or(() -> seconds(body.path("parameters").path("retry_after")));
  }

  private static Optional<Duration> parse(String value, HttpHeaders headers) {
    try {
      return seconds(Double.parseDouble(value.trim()));
    } catch (NumberFormatException e) {
      return date(value).map(until -> bounded(Duration.between(now(headers), until)));
    }
  }

  /** The server's, so that it does not matter whose clock is wrong. */
  private static Instant now(HttpHeaders headers) {
    return headers.firstValue("Date").flatMap(RetryAfter::date).orElseGet(Instant::now);
  }

  private static Optional<Instant> date(String value) {
    try {
      return Optional.of(
          ZonedDateTime.parse(value.trim(), DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
    } catch (DateTimeException e) {
      return Optional.empty();
    }
  }

  private static Optional<Duration> seconds(JsonNode node) {
    return node.isNumber() ? seconds(node.asDouble()) : Optional.empty();
  }

  private static Optional<Duration> seconds(double seconds) {
    return seconds >= 0
        ? Optional.of(bounded(Duration.ofMillis((long) Math.ceil(seconds * MILLIS))))
        : Optional.empty();
  }

  private static Duration bounded(Duration duration) {
    if (duration.isNegative()) {
      return Duration.ZERO;
    }
    return duration.compareTo(LONGEST) > 0 ? LONGEST : duration;
  }
}

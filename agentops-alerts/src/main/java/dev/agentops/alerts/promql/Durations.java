package dev.agentops.alerts.promql;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as Prometheus writes them: 5m, 1h30m, 250ms; a week has 7 days and a year 365. */
final class Durations {

  private static final String[] UNITS = {"y", "w", "d", "h", "m", "s", "ms"};
  private static final long[] MILLIS = {
    31_536_000_000L, 604_800_000L, 86_400_000L, 3_600_000L, 60_000L, 1_000L, 1L
  };
  private static final Pattern SYNTAX =
      Pattern.compile(
          "(?:(\\d+)y)?(?:(\\d+)w)?(?:(\\d+)d)?(?:(\\d+)h)?(?:(\\d+)m)?(?:(\\d+)s)?(?:(\\d+)ms)?");

  /** What fits into the nanoseconds of Prometheus. */
  private static final long MAX_MILLIS = Long.MAX_VALUE / 1_000_000;

  private Durations() {}

  /**
   * The milliseconds of a duration.
   *
   * @throws IllegalArgumentException if it is not one, is zero or longer than 292 years
   */
  static long parse(String text) {
    Matcher matcher = SYNTAX.matcher(text);
    if (text.isEmpty() || !matcher.matches()) {
      throw new IllegalArgumentException("not a duration: '" + text + "'");
    }
    long millis = 0;
    try {
      for (int i = 0; i < UNITS.length; i++) {
        String count = matcher.group(i + 1);
        if (count != null) {
          millis = Math.addExact(millis, Math.multiplyExact(Long.parseLong(count), MILLIS[i]));
        }
      }
    } catch (ArithmeticException | NumberFormatException e) {
      millis = Long.MAX_VALUE;
    }
    if (millis > MAX_MILLIS) {
      throw new IllegalArgumentException("the duration is too long: '" + text + "'");
    }
    if (millis == 0) {
      throw new IllegalArgumentException("duration must be greater than 0: '" + text + "'");
    }
    return millis;
  }

  static String format(long millis) {
    StringBuilder text = new StringBuilder();
    long rest = millis;
    for (int i = 0; i < UNITS.length; i++) {
      if (rest >= MILLIS[i]) {
        text.append(rest / MILLIS[i]).append(UNITS[i]);
        rest %= MILLIS[i];
      }
    }
    return text.toString();
  }
}

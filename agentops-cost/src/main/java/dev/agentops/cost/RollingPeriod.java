package dev.agentops.cost;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;

/**
 * The time before now, in slices of a 60th: what was spent counts until its slice is a whole period
 * ago, so that no stretch of that length ever holds more than the limit.
 */
final class RollingPeriod implements BudgetPeriod {

  static final int SLICES = 60;

  private static final Duration SHORTEST = Duration.ofMinutes(1);
  private static final Duration LONGEST = Duration.ofDays(3_660);

  private final Duration period;
  private final long sliceMillis;

  /** Slices of {@code period}, which is from a minute to ten years. */
  RollingPeriod(Duration period) {
    if (period.compareTo(SHORTEST) < 0 || period.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "a rolling budget must span " + SHORTEST + " to " + LONGEST + ": " + period);
    }
    this.period = period;
    this.sliceMillis = (period.toMillis() + SLICES - 1) / SLICES;
  }

  @Override
  public String label() {
    return "in any " + period;
  }

  @Override
  public BudgetWindow window(Instant at, ZoneId zone) {
    long start = Math.floorDiv(at.toEpochMilli(), sliceMillis) * sliceMillis;
    long first = start - SLICES * sliceMillis;
    return BudgetWindow.of(start, start + sliceMillis, first, first);
  }
}

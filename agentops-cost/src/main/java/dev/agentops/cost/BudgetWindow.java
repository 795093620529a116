package dev.agentops.cost;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The stretch of time for which a budget's limit holds, in milliseconds of the epoch. Immutable.
 *
 * <p>What is spent in it is kept under its {@link #startMillis()}. In a calendar window only that
 * counts; a rolling one is a slice in a row, and the slices before it count too, from {@link
 * #countsFromMillis()} on.
 */
public final class BudgetWindow {

  /** The end of a window that never ends. */
  public static final long NEVER = Long.MAX_VALUE;

  private static final long AHEAD_MILLIS = 60_000;

  private final long startMillis;
  private final long endMillis;
  private final long countsFromMillis;
  private final long keepFromMillis;

  private BudgetWindow(long start, long end, long countsFrom, long keepFrom) {
    this.startMillis = start;
    this.endMillis = end;
    this.countsFromMillis = countsFrom;
    this.keepFromMillis = keepFrom;
  }

  /**
   * A window.
   *
   * @throws IllegalArgumentException unless {@code keepFrom <= countsFrom <= start < end}
   */
  public static BudgetWindow of(
      long startMillis, long endMillis, long countsFromMillis, long keepFromMillis) {
    if (keepFromMillis > countsFromMillis
        || countsFromMillis > startMillis
        || startMillis >= endMillis) {
      throw new IllegalArgumentException(
          "not in order: keep from "
              + keepFromMillis
              + ", count from "
              + countsFromMillis
              + ", start "
              + startMillis
              + ", end "
              + endMillis);
    }
    return new BudgetWindow(startMillis, endMillis, countsFromMillis, keepFromMillis);
  }

  /** The first moment, under which spending is kept. */
  public long startMillis() {
    return startMillis;
  }

  /** The first moment that is no longer in it; {@link #NEVER} where it has no end. */
  public long endMillis() {
    return endMillis;
  }

  /**
   * The start of the first window whose spending counts, up to and including this one: its own
   * start unless it is a slice of a rolling window.
   */
  public long countsFromMillis() {
    return countsFromMillis;
  }

  /**
   * The start of the last window whose spending counts: its own start unless it is a slice of a
   * rolling window. There, slices that begin up to a minute after it has ended count too: those of
   * processes whose clocks are ahead.
   */
  public long countsToMillis() {
    return countsFromMillis == startMillis || endMillis > NEVER - AHEAD_MILLIS
        ? startMillis
        : endMillis + AHEAD_MILLIS;
  }

  /** The start of the oldest window to keep; what was spent in older ones may be forgotten. */
  public long keepFromMillis() {
    return keepFromMillis;
  }

  /** The end as a time, null where it has none. */
  @Nullable Instant end() {
    return endMillis == NEVER ? null : Instant.ofEpochMilli(endMillis);
  }

  boolean contains(long millis) {
    return startMillis <= millis && millis < endMillis;
  }

  @Override
  public String toString() {
    return "BudgetWindow{"
        + Instant.ofEpochMilli(startMillis)
        + ".."
        + (endMillis == NEVER ? "" : Instant.ofEpochMilli(endMillis))
        + (countsFromMillis == startMillis
            ? ""
            : ", counts from " + Instant.ofEpochMilli(countsFromMillis))
        + '}';
  }
}

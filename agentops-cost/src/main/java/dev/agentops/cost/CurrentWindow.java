package dev.agentops.cost;

import java.time.Instant;
import java.time.ZoneId;

/**
 * The window of a budget now, remembered until it ends. Thread-safe.
 *
 * <p>A clock that goes back by less than {@value #TOLERATED_MILLIS} ms does not reopen the window
 * before: it was set right, or a thread was late.
 */
final class CurrentWindow {

  private static final long TOLERATED_MILLIS = 60_000;

  private final BudgetPeriod period;
  private final ZoneId zone;
  private volatile BudgetWindow window;

  CurrentWindow(BudgetPeriod period, ZoneId zone, long millis) {
    this.period = period;
    this.zone = zone;
    this.window = period.window(Instant.ofEpochMilli(millis), zone);
  }

  /** The window as of the latest call of {@link #at}. */
  BudgetWindow latest() {
    return window;
  }

  BudgetWindow at(long millis) {
    BudgetWindow current = window;
    return current.contains(millis) ? current : moved(millis);
  }

  private synchronized BudgetWindow moved(long millis) {
    BudgetWindow current = window;
    long late = current.startMillis() - millis;
    if (!current.contains(millis) && !(0 < late && late <= TOLERATED_MILLIS)) {
      window = period.window(Instant.ofEpochMilli(millis), zone);
    }
    return window;
  }
}

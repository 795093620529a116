package dev.agentops.alerts;

import dev.agentops.event.BudgetEvent;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Turns what budgets tell into alerts: one for each mark of each budget and key, until its period
 * ends.
 *
 * <p>A refusal says the same as passing the limit, and may come without it where reservations keep
 * the spending just below. Remembers the {@value #MAX_REMEMBERED} marks that were passed last; one
 * that was forgotten may be told twice. Thread-safe.
 */
final class BudgetWatch {

  static final int MAX_REMEMBERED = 10_000;

  private final Consumer<Alert.Builder> alerts;
  private final Map<Mark, Instant> quietUntil =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Mark, Instant> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  BudgetWatch(Consumer<Alert.Builder> alerts) {
    this.alerts = alerts;
  }

  synchronized void observe(BudgetEvent event) {
    boolean warning = event.type() == BudgetEvent.Type.WARNING;
    Mark mark = new Mark(event.budget(), event.key(), warning, warning ? event.share() : 1);
    Instant quiet = quietUntil.get(mark);
    if (quiet == null || !event.timestamp().isBefore(quiet)) {
      quietUntil.put(mark, event.resetsAt());
      alerts.accept(alert(event, warning));
    }
  }

  private static Alert.Builder alert(BudgetEvent event, boolean warning) {
    String budget =
        "Budget '"
            + event.budget()
            + "'"
            + (event.key().isEmpty() ? "" : " of '" + event.key() + "'");
    return Alert.builder()
        .level(warning ? AlertLevel.WARNING : AlertLevel.ERROR)
        .name(warning ? "BudgetWarning" : "BudgetExceeded")
        .message(
            (warning ? budget + " is nearly used up: " : budget + " is used up: ")
                + event.spent()
                + " of "
                + event.limit()
                + " is spent until "
                + event.resetsAt())
        .label("budget", event.budget())
        .label("key", event.key())
        .metadata("budget", event.budget())
        .metadata("key", event.key())
        .metadata("share", event.share())
        .metadata("spent", event.spent())
        .metadata("limit", event.limit())
        .metadata("resetsAt", event.resetsAt());
  }

  /** Something that is told once a period. */
  private record Mark(String budget, String key, boolean warning, double share) {}
}

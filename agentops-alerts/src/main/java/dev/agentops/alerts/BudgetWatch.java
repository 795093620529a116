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
    switch (event.type()) {
      case WARNING -> tell(event, AlertLevel.WARNING, "BudgetWarning", "is nearly used up");
      case DOWNGRADED ->
          tell(event, AlertLevel.WARNING, "BudgetDowngraded", "makes calls use a cheaper model");
      case EXCEEDED, REJECTED -> tell(event, AlertLevel.ERROR, "BudgetExceeded", "is used up");
      case STORE_UNAVAILABLE ->
          alerts.accept(alert(event, AlertLevel.ERROR, "BudgetStoreUnavailable", "is not shared"));
      case RESET -> quietUntil.keySet().removeIf(mark -> mark.isOf(event.budget(), event.key()));
      case INCREASED, STORE_RECOVERED -> {} // good news
    }
  }

  private void tell(BudgetEvent event, AlertLevel level, String name, String what) {
    Mark mark = new Mark(event.budget(), event.key(), name, event.share());
    Instant quiet = quietUntil.get(mark);
    if (quiet == null || !event.timestamp().isBefore(quiet)) {
      Instant end = event.resetsAt();
      quietUntil.put(mark, end == null ? Instant.MAX : end);
      alerts.accept(alert(event, level, name, what));
    }
  }

  private static Alert.Builder alert(
      BudgetEvent event, AlertLevel level, String name, String what) {
    return Alert.builder()
        .level(level)
        .name(name)
        .message(
            "Budget '"
                + event.budget()
                + "'"
                + (event.key().isEmpty() ? " " : " of '" + event.key() + "' ")
                + what
                + ": "
                + event.spent()
                + " of "
                + event.limit()
                + " is spent"
                + (event.resetsAt() == null ? "" : " until " + event.resetsAt()))
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
  private record Mark(String budget, String key, String name, double share) {

    boolean isOf(String budget, String key) {
      return this.budget.equals(budget) && this.key.equals(key);
    }
  }
}

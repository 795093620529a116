package dev.agentops.alerts;

import dev.agentops.event.BudgetEvent;
import java.time.Instant;
import java.util.Iterator;
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

  private static final String WARNING = "BudgetWarning";

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
      case WARNING -> tell(event, AlertLevel.WARNING, WARNING, "is nearly used up");
      case DOWNGRADED ->
          tell(event, AlertLevel.WARNING, "BudgetDowngraded", "makes calls use a cheaper model");
      case EXCEEDED, REJECTED -> tell(event, AlertLevel.ERROR, "BudgetExceeded", "is used up");
      case STORE_UNAVAILABLE ->
          alerts.accept(alert(event, AlertLevel.ERROR, "BudgetStoreUnavailable", "is not shared"));
      case RESET -> reset(event);
      case INCREASED, STORE_RECOVERED -> {} // good news
    }
  }

  private void tell(BudgetEvent event, AlertLevel level, String name, String what) {
    Mark mark = new Mark(event.budget(), event.key(), level, name, event.share());
    Instant quiet = quietUntil.get(mark);
    if (quiet == null || !event.timestamp().isBefore(quiet)) {
      Instant end = event.resetsAt();
      quietUntil.put(mark, end == null ? Instant.MAX : end);
      alerts.accept(alert(event, level, name, what));
    }
  }

  private void reset(BudgetEvent event) {
    Iterator<Mark> marks = quietUntil.keySet().iterator();
    while (marks.hasNext()) {
      Mark mark = marks.next();
      if (mark.isOf(event.budget(), event.key())) {
        marks.remove();
        alerts.accept(
            labelled(mark.level(), mark.name(), event, mark.share())
                .message("Budget '" + event.budget() + "' begins anew")
                .state(AlertState.RESOLVED));
      }
    }
  }

  private static Alert.Builder alert(
      BudgetEvent event, AlertLevel level, String name, String what) {
    return labelled(level, name, event, event.share())
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
        .metadata("budget", event.budget())
        .metadata("key", event.key())
        .metadata("share", event.share())
        .metadata("spent", event.spent())
        .metadata("limit", event.limit())
        .metadata("resetsAt", event.resetsAt());
  }

  /** A warning at half is another problem than one at four fifths. */
  private static Alert.Builder labelled(
      AlertLevel level, String name, BudgetEvent event, double share) {
    return Alert.builder()
        .level(level)
        .name(name)
        .label("budget", event.budget())
        .label("key", event.key())
        .label("share", name.equals(WARNING) ? Double.toString(share) : "");
  }

  /** Something that is told once a period. */
  private record Mark(String budget, String key, AlertLevel level, String name, double share) {

    boolean isOf(String budget, String key) {
      return this.budget.equals(budget) && this.key.equals(key);
    }
  }
}

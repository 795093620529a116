package dev.agentops.alerts;

import java.util.ArrayDeque;
import java.util.List;

/** The latest firings and resolutions, the oldest first, with a bound. Thread-safe. */
final class AlertHistory {

  private final int capacity;
  private final ArrayDeque<Alert> alerts = new ArrayDeque<>();

  AlertHistory(int capacity) {
    this.capacity = capacity;
  }

  synchronized void add(Alert alert) {
    alerts.add(alert);
    if (alerts.size() > capacity) {
      alerts.remove();
    }
  }

  synchronized List<Alert> list() {
    return List.copyOf(alerts);
  }
}

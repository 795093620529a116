package dev.agentops.alerts;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds the problems that are named by a message, without computing labels: a repeat costs a look
 * into a map. Bounded, thread-safe.
 */
final class MessageIndex {

  private final int capacity;
  private final List<Map<String, ActiveAlert>> byLevel = new ArrayList<>();

  MessageIndex(int capacity) {
    this.capacity = capacity;
    for (int i = 0; i < AlertLevel.values().length; i++) {
      byLevel.add(new ConcurrentHashMap<>());
    }
  }

  @Nullable ActiveAlert find(AlertLevel level, String message) {
    return byLevel.get(level.ordinal()).get(message);
  }

  void put(AlertLevel level, String message, ActiveAlert alert) {
    Map<String, ActiveAlert> alerts = byLevel.get(level.ordinal());
    if (alerts.size() >= capacity) {
      clean();
    }
    alerts.put(message, alert);
  }

  /** Forgets those that are over. */
  void clean() {
    byLevel.forEach(alerts -> alerts.values().removeIf(ActiveAlert::isGone));
  }
}

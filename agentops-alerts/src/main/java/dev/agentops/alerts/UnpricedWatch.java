package dev.agentops.alerts;

import dev.agentops.event.UnpricedCallEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Turns calls without a price into alerts: one for each model, and again each repeat interval while
 * such calls go on. Remembers the {@value #MAX_REMEMBERED} models that were told last; one that was
 * forgotten may be told sooner. Thread-safe.
 */
final class UnpricedWatch {

  static final int MAX_REMEMBERED = 1_000;

  private final Duration repeatInterval;
  private final Consumer<Alert.Builder> alerts;
  private final Map<String, Instant> quietUntil =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Instant> eldest) {
          return size() > MAX_REMEMBERED;
        }
      };

  UnpricedWatch(Duration repeatInterval, Consumer<Alert.Builder> alerts) {
    this.repeatInterval = repeatInterval;
    this.alerts = alerts;
  }

  synchronized void observe(UnpricedCallEvent event) {
    String model = event.provider() + '/' + event.model();
    Instant quiet = quietUntil.get(model);
    if (quiet == null || !event.timestamp().isBefore(quiet)) {
      quietUntil.put(model, event.timestamp().plus(repeatInterval));
      alerts.accept(alert(event));
    }
  }

  private static Alert.Builder alert(UnpricedCallEvent event) {
    return Alert.builder()
        .level(AlertLevel.WARNING)
        .name("UnpricedModel")
        .message(
            "Calls of model '"
                + event.model()
                + "' of provider '"
                + event.provider()
                + "' have no price, so that no total and no budget counts them: "
                + event.reason())
        .label("provider", event.provider())
        .label("model", event.model())
        .metadata("provider", event.provider())
        .metadata("model", event.model())
        .metadata("reason", event.reason())
        .metadata("suggestions", String.join(", ", event.suggestions()));
  }
}

package dev.agentops.alerts;

import dev.agentops.event.UnpricedCallEvent;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Turns calls without a price into alerts: one for each model, and again each repeat interval while
 * such calls go on. Thread-safe.
 */
final class UnpricedWatch {

  private final RecentlyTold told;
  private final Consumer<Alert.Builder> alerts;

  UnpricedWatch(Duration repeatInterval, Consumer<Alert.Builder> alerts) {
    this.told = new RecentlyTold(repeatInterval);
    this.alerts = alerts;
  }

  void observe(UnpricedCallEvent event) {
    if (told.tell(event.provider() + '/' + event.model(), event.timestamp())) {
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

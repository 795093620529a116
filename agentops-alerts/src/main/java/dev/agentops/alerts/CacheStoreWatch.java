package dev.agentops.alerts;

import dev.agentops.event.CacheStoreEvent;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Turns the loss of a store behind a cache into an alert: one for each store, and again each repeat
 * interval while it is lost anew. Thread-safe.
 */
final class CacheStoreWatch {

  private final RecentlyTold told;
  private final Consumer<Alert.Builder> alerts;

  CacheStoreWatch(Duration repeatInterval, Consumer<Alert.Builder> alerts) {
    this.told = new RecentlyTold(repeatInterval);
    this.alerts = alerts;
  }

  void observe(CacheStoreEvent event) {
    if (!event.isRecovery() && told.tell(event.cache() + '/' + event.store(), event.timestamp())) {
      alerts.accept(alert(event));
    }
  }

  private static Alert.Builder alert(CacheStoreEvent event) {
    String reason = event.reason().orElseThrow();
    return Alert.builder()
        .level(AlertLevel.WARNING)
        .name("CacheStoreLost")
        .message(
            "Cache '"
                + event.cache()
                + "' goes on without its store '"
                + event.store()
                + "': "
                + reason)
        .label("cache", event.cache())
        .label("store", event.store())
        .metadata("cache", event.cache())
        .metadata("store", event.store())
        .metadata("reason", reason);
  }
}

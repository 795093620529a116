package dev.agentops.alerts;

import dev.agentops.ratelimit.RateLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Takes alerts to the people who must see them: a log, a chat channel, a pager.
 *
 * <p>Each handler has a queue and a thread of its own in an {@link AlertManager}: it is never
 * called by two threads at once, may block, and disturbs neither the agent nor the other handlers.
 * It should bound its own waits: while it hangs, its alerts pile up and then are dropped; after
 * {@link #timeout()} its thread is interrupted.
 *
 * <p>What it throws says what to do: a {@link DeliveryException} tells whether and when to try
 * again; anything else counts as a fault that passes, and the same notification comes again after a
 * pause. What was delivered before such a failure may be seen twice at its destination: {@link
 * Alert#id()} and {@link Notification#groupKey()} tell.
 */
@FunctionalInterface
public interface AlertHandler {

  /** Delivers one alert; {@link Alert#state()} tells whether it fires or is resolved. */
  void handle(Alert alert) throws Exception;

  /** Delivers the alerts of a group; by default one by one. */
  default void deliver(Notification notification) throws Exception {
    for (Alert alert : notification.alerts()) {
      handle(alert);
    }
  }

  /**
   * Splits a notification that is too long for one message into several, each of which is delivered
   * and retried by itself; by default it stays whole. Must hold every alert of the notification
   * exactly once, in order.
   */
  default List<Notification> split(Notification notification) {
    return List.of(notification);
  }

  /**
   * The name in logs, meters and the outbox; the same after a restart, different for two handlers
   * of one manager, and without secrets. By default that of the class.
   */
  default String name() {
    String simple = getClass().getSimpleName();
    return simple.isEmpty() || getClass().isHidden() ? "handler" : simple;
  }

  /** How often its destination takes a message; never exceeded. Empty: as often as there is one. */
  default Optional<RateLimits> limits() {
    return Optional.empty();
  }

  /** How long one delivery may take before it is broken off. Default: 30 seconds. */
  default Duration timeout() {
    return Duration.ofSeconds(30);
  }
}

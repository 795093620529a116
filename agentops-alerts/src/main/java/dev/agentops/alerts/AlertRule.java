package dev.agentops.alerts;

import dev.agentops.event.OpsEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

/**
 * Watches something and says what is wrong with it. An {@link AlertManager} tells it the events of
 * the agents and asks it at its interval.
 */
public interface AlertRule {

  /** The name of its alerts: the label {@value Alert#ALERTNAME}. */
  String name();

  /** How often it is asked. Default: 15 seconds. */
  default Duration interval() {
    return Duration.ofSeconds(15);
  }

  /**
   * Hears of an event, on the thread of the agent: must neither wait nor throw.
   *
   * @param alerts takes alerts that need no waiting for the next question
   */
  default void onEvent(OpsEvent event, Consumer<Alert> alerts) {}

  /**
   * Says what is wrong now, each time again while it lasts: alerts that are {@link
   * AlertState#PENDING}, {@link AlertState#FIRING}, or {@link AlertState#RESOLVED} since the last
   * time. Asked by one thread.
   */
  void evaluate(Instant now, Consumer<Alert> alerts);
}

package dev.agentops.alerts;

/**
 * Takes alerts to the people who must see them: a log, a chat channel, a pager.
 *
 * <p>Each handler has a queue and a thread of its own in an {@link AlertManager}: it is never
 * called by two threads at once, may block, and disturbs neither the agent nor the other handlers.
 * It should bound its own waits: while it hangs, its alerts pile up and then are dropped.
 */
@FunctionalInterface
public interface AlertHandler {

  /**
   * Delivers an alert.
   *
   * <p>Whatever it throws counts as not delivered, and the same alert comes again after a pause; so
   * an alert that was delivered before the failure may be seen twice at its destination: {@link
   * Alert#id()} tells.
   */
  void handle(Alert alert) throws Exception;
}

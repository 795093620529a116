package dev.agentops.alerts;

/**
 * A handler that shows a whole group of alerts as one message: a chat channel, a mail, a pager.
 *
 * <p>An alert by itself is shown as a group of one.
 */
@FunctionalInterface
public interface NotificationHandler extends AlertHandler {

  @Override
  void deliver(Notification notification) throws Exception;

  @Override
  default void handle(Alert alert) throws Exception {
    deliver(Notification.of(alert));
  }
}

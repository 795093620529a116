package dev.agentops.alerts.handler;

import dev.agentops.alerts.Notification;
import dev.agentops.ratelimit.RateLimits;
import java.util.List;
import java.util.Optional;

/** What all handlers have in common that send messages for people. */
abstract class MessageAlertHandler extends HttpAlertHandler {

  private final Templates templates;

  /** As {@link HttpAlertHandler}. */
  MessageAlertHandler(
      MessageHandlerBuilder<?> from, Optional<RateLimits> limits, List<Secret> secrets) {
    super(from, limits, secrets);
    this.templates = new Templates(getClass(), from.title, from.text);
  }

  /** Whether a message can show all of this, with nothing cut. */
  abstract boolean fits(Notification notification);

  /** The texts of a notification. */
  final MessageText text(Notification notification, Detail detail) {
    return templates.text(notification, detail);
  }

  /** Parts that a message each can show; an alert that is too long for one will be cut. */
  @Override
  public final List<Notification> split(Notification notification) {
    return Parts.of(notification, this::fits);
  }
}

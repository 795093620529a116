package dev.agentops.alerts.handler;

import dev.agentops.alerts.Notification;
import dev.agentops.alerts.NotificationHandler;
import dev.agentops.ratelimit.RateLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What all handlers have in common that send messages by HTTP. */
abstract class HttpAlertHandler implements NotificationHandler {

  private final String name;
  private final Duration timeout;
  private final Templates templates;
  private final Optional<RateLimits> limits;
  private final HttpChannel channel;

  /**
   * For the handler of a channel.
   *
   * @param limits of the vendor; empty if there are none
   * @param secrets that requests carry: never to be shown
   */
  HttpAlertHandler(HttpHandlerBuilder<?> from, Optional<RateLimits> limits, List<Secret> secrets) {
    this.name = from.name;
    this.timeout = from.timeout;
    this.templates = new Templates(getClass(), from.title, from.text);
    this.limits = limits;
    this.channel = new HttpChannel(from.timeout, secrets);
  }

  /** Whether a message can show all of this, with nothing cut. */
  abstract boolean fits(Notification notification);

  final HttpChannel channel() {
    return channel;
  }

  /** The texts of a notification. */
  final MessageText text(Notification notification, Detail detail) {
    return templates.text(notification, detail);
  }

  /** Parts that a message each can show; an alert that is too long for one will be cut. */
  @Override
  public List<Notification> split(Notification notification) {
    return Parts.of(notification, this::fits);
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final Optional<RateLimits> limits() {
    return limits;
  }

  /** Somewhat longer than the requests may take, which end by themselves. */
  @Override
  public Duration timeout() {
    return timeout.multipliedBy(2).plusSeconds(1);
  }

  /** The name. */
  @Override
  public final String toString() {
    return getClass().getSimpleName() + "{" + name + "}";
  }
}

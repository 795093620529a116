package dev.agentops.alerts.handler;

import dev.agentops.alerts.NotificationHandler;
import dev.agentops.ratelimit.RateLimits;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What all handlers have in common that send by HTTP. */
abstract class HttpAlertHandler implements NotificationHandler {

  private final String name;
  private final Duration timeout;
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
    this.limits = limits;
    this.channel = new HttpChannel(from.timeout, secrets);
  }

  final HttpChannel channel() {
    return channel;
  }

  @Override
  public final String name() {
    return name;
  }

  @Override
  public final Optional<RateLimits> limits() {
    return limits;
  }

  /** Longer than two requests may take, which end by themselves. */
  @Override
  public Duration timeout() {
    return timeout.multipliedBy(2).plusSeconds(1);
  }

  /** The kind and the name; no secret. */
  @Override
  public final String toString() {
    return getClass().getSimpleName() + "{" + name + "}";
  }
}

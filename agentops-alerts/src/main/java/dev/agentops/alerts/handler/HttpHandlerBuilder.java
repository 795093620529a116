package dev.agentops.alerts.handler;

import java.time.Duration;
import java.util.Objects;

/** What can be said of every handler that sends messages by HTTP. */
abstract class HttpHandlerBuilder<B extends HttpHandlerBuilder<B>> {

  static final int DEFAULT_TIMEOUT_SECONDS = 10;

  String name;
  Duration timeout = Duration.ofSeconds(DEFAULT_TIMEOUT_SECONDS);

  HttpHandlerBuilder(String defaultName) {
    this.name = defaultName;
  }

  /**
   * The name in logs, meters and the outbox, if there are several handlers of this kind. Default:
   * the name of the channel, in lower case.
   *
   * @throws IllegalArgumentException if it is blank
   */
  public B name(String name) {
    if (Objects.requireNonNull(name, "name").isBlank()) {
      throw new IllegalArgumentException("the name of a handler is not blank: '" + name + "'");
    }
    this.name = name;
    return self();
  }

  /**
   * How long one request may take, from the connection to the end of the answer. Default: {@value
   * #DEFAULT_TIMEOUT_SECONDS} seconds.
   *
   * @throws IllegalArgumentException unless it is positive and at most an hour
   */
  public B timeout(Duration timeout) {
    if (timeout.isZero() || timeout.isNegative() || timeout.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("a time-out is positive and at most an hour: " + timeout);
    }
    this.timeout = timeout;
    return self();
  }

  abstract B self();
}

package dev.agentops.alerts.handler;

import dev.agentops.alerts.Notification;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What can be said of every handler that sends messages by HTTP. */
abstract class HttpHandlerBuilder<B extends HttpHandlerBuilder<B>> {

  static final int DEFAULT_TIMEOUT_SECONDS = 10;

  String name;
  Duration timeout = Duration.ofSeconds(DEFAULT_TIMEOUT_SECONDS);
  @Nullable Function<Notification, String> title;
  @Nullable Function<Notification, String> text;

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

  /**
   * Makes the title of a message, as plain text: it will be escaped. Should it throw or answer
   * null, the title is as if this was not said. Default: such as {@code [FIRING:2] HighErrorRate}.
   */
  public B title(Function<Notification, String> template) {
    this.title = Objects.requireNonNull(template, "template");
    return self();
  }

  /**
   * Makes what stands below the title, as plain text of one or more lines: it will be escaped.
   * Should it throw or answer null, the text is as if this was not said. Default: everything about
   * the alerts.
   */
  public B text(Function<Notification, String> template) {
    this.text = Objects.requireNonNull(template, "template");
    return self();
  }

  abstract B self();
}

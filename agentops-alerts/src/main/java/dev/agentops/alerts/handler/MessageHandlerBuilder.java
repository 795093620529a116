package dev.agentops.alerts.handler;

import dev.agentops.alerts.Notification;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What can be said of every handler that sends messages for people. */
abstract class MessageHandlerBuilder<B extends MessageHandlerBuilder<B>>
    extends HttpHandlerBuilder<B> {

  @Nullable Function<Notification, String> title;
  @Nullable Function<Notification, String> text;

  MessageHandlerBuilder(String defaultName) {
    super(defaultName);
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
}

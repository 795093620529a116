package dev.agentops.alerts.handler;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.alerts.Notification;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What the user wants messages to say. A template that throws costs no message. Thread-safe. */
final class Templates {

  private final FaultLog faults;
  private final @Nullable Function<Notification, String> title;
  private final @Nullable Function<Notification, String> text;

  /**
   * Templates of a handler; null means the text that is made here.
   *
   * @param handler for whom failures are logged
   */
  Templates(
      Class<?> handler,
      @Nullable Function<Notification, String> title,
      @Nullable Function<Notification, String> text) {
    this.faults = new FaultLog(handler, Clock.system());
    this.title = title;
    this.text = text;
  }

  MessageText text(Notification notification, Detail detail) {
    return MessageText.of(
        notification,
        detail,
        apply("the template of titles", title, notification),
        apply("the template of texts", text, notification));
  }

  private @Nullable String apply(
      String what, @Nullable Function<Notification, String> template, Notification notification) {
    try {
      return template == null ? null : template.apply(notification);
    } catch (Throwable t) {
      faults.report(what, t);
      return null;
    }
  }
}

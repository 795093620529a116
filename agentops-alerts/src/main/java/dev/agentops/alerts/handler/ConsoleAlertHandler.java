package dev.agentops.alerts.handler;

import dev.agentops.alerts.DeliveryException;
import dev.agentops.alerts.Notification;
import dev.agentops.alerts.NotificationHandler;
import java.io.PrintStream;
import java.util.Objects;

/**
 * Prints alerts for people who look at a terminal: a title, everything about each alert, and an
 * empty line. Thread-safe.
 */
public final class ConsoleAlertHandler implements NotificationHandler {

  private static final String RESET = "\u001b[0m";

  private final PrintStream out;
  private final boolean colored;

  private ConsoleAlertHandler(PrintStream out, boolean colored) {
    this.out = out;
    this.colored = colored;
  }

  /** Prints to {@link System#out}, without colours. */
  public static ConsoleAlertHandler create() {
    return of(System.out);
  }

  /** Prints to a stream, without colours; never closes it. */
  public static ConsoleAlertHandler of(PrintStream out) {
    return new ConsoleAlertHandler(Objects.requireNonNull(out, "out"), false);
  }

  /** This one with titles in the colour of the level, for a terminal that knows ANSI colours. */
  public ConsoleAlertHandler colored() {
    return new ConsoleAlertHandler(out, true);
  }

  @Override
  public void deliver(Notification notification) {
    MessageText text = MessageText.of(notification, Detail.FULL, null, null);
    String title = colored ? ansi(notification) + text.title() + RESET : text.title();
    out.print(title + "\n" + text.body(Markup.PLAIN) + "\n\n");
    if (out.checkError()) {
      throw DeliveryException.permanent("the stream does not take what is printed", null);
    }
  }

  @Override
  public String name() {
    return "console";
  }

  private static String ansi(Notification notification) {
    return switch (LevelColor.of(notification)) {
      case RESOLVED -> "\u001b[32m";
      case INFO -> "\u001b[36m";
      case WARNING -> "\u001b[33m";
      case ERROR -> "\u001b[31m";
      case CRITICAL -> "\u001b[1;31m";
    };
  }
}

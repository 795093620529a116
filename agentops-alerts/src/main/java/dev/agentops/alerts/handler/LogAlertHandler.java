package dev.agentops.alerts.handler;

import dev.agentops.alerts.Alert;
import dev.agentops.alerts.AlertHandler;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes alerts to the log, one line each: INFO as info, WARNING as warn, ERROR and CRITICAL as
 * error. Thread-safe.
 *
 * <p>Line breaks and other control characters are written as escapes, since a message may quote
 * what a model said.
 */
public final class LogAlertHandler implements AlertHandler {

  private final Logger log;

  private LogAlertHandler(Logger log) {
    this.log = log;
  }

  /** Writes to the logger that is named like this class. */
  public static LogAlertHandler create() {
    return of(LoggerFactory.getLogger(LogAlertHandler.class));
  }

  public static LogAlertHandler of(Logger log) {
    return new LogAlertHandler(Objects.requireNonNull(log, "log"));
  }

  @Override
  public void handle(Alert alert) {
    String line =
        oneLine(
            alert.level() + " " + alert.message() + " " + alert.labels() + " " + alert.metadata());
    switch (alert.level()) {
      case INFO -> log.info("{}", line);
      case WARNING -> log.warn("{}", line);
      case ERROR, CRITICAL -> log.error("{}", line);
    }
  }

  private static String oneLine(String text) {
    StringBuilder line = new StringBuilder(text.length());
    text.codePoints()
        .forEach(
            c -> {
              if (Character.isISOControl(c) || c == 0x2028 || c == 0x2029) {
                line.append(String.format("\\u%04x", c));
              } else {
                line.appendCodePoint(c);
              }
            });
    return line.toString();
  }
}

package dev.agentops.alerts.handler;

import dev.agentops.alerts.Alert;
import dev.agentops.alerts.AlertHandler;
import dev.agentops.alerts.AlertLevel;
import dev.agentops.alerts.AlertState;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes alerts to the log, one line each: INFO as info, WARNING as warn, ERROR and CRITICAL as
 * error, what is resolved as info. Thread-safe.
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
    boolean resolved = alert.state() == AlertState.RESOLVED;
    String line = oneLine((resolved ? "RESOLVED " : "") + text(alert));
    switch (resolved ? AlertLevel.INFO : alert.level()) {
      case INFO -> log.info("{}", line);
      case WARNING -> log.warn("{}", line);
      case ERROR, CRITICAL -> log.error("{}", line);
    }
  }

  @Override
  public String name() {
    return "log";
  }

  private static String text(Alert alert) {
    StringBuilder text = new StringBuilder();
    text.append(alert.level()).append(' ').append(alert.message());
    text.append(' ').append(alert.labels());
    if (!alert.annotations().isEmpty()) {
      text.append(' ').append(alert.annotations());
    }
    text.append(' ').append(metadata(alert));
    if (alert.occurrences() > 1) {
      text.append(' ').append(alert.occurrences()).append(" times");
    }
    return text.toString();
  }

  private static String metadata(Alert alert) {
    try {
      return alert.metadata().toString();
    } catch (Throwable t) { // somebody else's object
      return "{" + t.getClass().getName() + " while reading them}";
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

package dev.agentops.alerts.handler;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.agentops.alerts.Alert;
import dev.agentops.alerts.AlertLevel;
import dev.agentops.alerts.AlertState;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

class LogAlertHandlerTest {

  private final Logger logger = (Logger) LoggerFactory.getLogger("alerts.under.test");
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  @BeforeEach
  void listen() {
    lines.start();
    logger.setAdditive(false);
    logger.setLevel(Level.ALL);
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
  }

  @ParameterizedTest
  @CsvSource({"INFO, INFO", "WARNING, WARN", "ERROR, ERROR", "CRITICAL, ERROR"})
  void handle_mapsTheLevel(AlertLevel level, String expected) {
    LogAlertHandler.of(logger).handle(alert(level, "disk full"));

    assertThat(lines.list).hasSize(1);
    assertThat(lines.list.get(0).getLevel()).isEqualTo(Level.toLevel(expected));
    assertThat(lines.list.get(0).getFormattedMessage())
        .startsWith(level + " disk full ")
        .contains("disk=/data");
  }

  @Test
  void handle_writesControlCharactersAsEscapes() {
    LogAlertHandler.of(logger)
        .handle(alert(AlertLevel.INFO, "a\r\n2026 ERROR forged\u001b[31m\u2028 {}"));

    assertThat(lines.list.get(0).getFormattedMessage())
        .startsWith("INFO a\\u000d\\u000a2026 ERROR forged\\u001b[31m\\u2028 {} ");
  }

  @Test
  void handle_resolved_isInfoAndSaysSo() {
    Alert alert = alert(AlertLevel.CRITICAL, "disk full");
    LogAlertHandler.of(logger)
        .handle(alert.toBuilder().state(AlertState.RESOLVED).occurrences(3).build());

    assertThat(lines.list.get(0).getLevel()).isEqualTo(Level.INFO);
    assertThat(lines.list.get(0).getFormattedMessage())
        .startsWith("RESOLVED CRITICAL disk full ")
        .endsWith(" 3 times");
  }

  private static Alert alert(AlertLevel level, String message) {
    return Alert.builder()
        .level(level)
        .message(message)
        .timestamp(Instant.EPOCH)
        .metadata("disk", "/data")
        .build();
  }
}

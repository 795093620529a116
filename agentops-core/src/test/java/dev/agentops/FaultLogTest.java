package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FaultLogTest {

  private final TestClock clock = TestClock.create();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(FaultLogTest.class);
  private final FaultLog faults = new FaultLog(FaultLogTest.class, clock);

  @BeforeEach
  void listen() {
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stop() {
    logger.detachAppender(lines);
  }

  @Test
  void report_manyInAMinute_countsAllAndLogsOne() {
    for (int i = 0; i < 100; i++) {
      faults.report("exporter", new IllegalStateException("down"));
    }
    assertThat(faults.count()).isEqualTo(100);
    assertThat(lines.list).hasSize(1);

    clock.advance(Duration.ofMinutes(1));
    faults.report("exporter", new IllegalStateException("still down"));

    assertThat(lines.list).hasSize(2);
    assertThat(lines.list.get(1).getFormattedMessage())
        .contains("exporter failed")
        .contains("99 more");
    assertThat(lines.list.get(1).getThrowableProxy().getMessage()).isEqualTo("still down");
  }
}

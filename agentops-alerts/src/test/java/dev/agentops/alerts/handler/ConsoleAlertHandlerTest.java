package dev.agentops.alerts.handler;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.alerts.DeliveryException;
import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import org.junit.jupiter.api.Test;

class ConsoleAlertHandlerTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, UTF_8);

  @Test
  void deliver_sample_isTheFrozenText() throws Exception {
    ConsoleAlertHandler.of(out).deliver(HandlerSuite.sample());

    try (var in = ConsoleAlertHandlerTest.class.getResourceAsStream("console.txt")) {
      assertThat(bytes.toString(UTF_8).trim())
          .isEqualTo(new String(in.readAllBytes(), UTF_8).trim());
    }
  }

  @Test
  void deliver_colored_setsAndResetsTheColour() {
    ConsoleAlertHandler.of(out).colored().deliver(HandlerSuite.one("x"));

    assertThat(bytes.toString(UTF_8)).startsWith("\u001b[31m[FIRING:1] HighErrorRate\u001b[0m\n");
  }

  @Test
  void deliver_hostileText_controlsNothing() {
    ConsoleAlertHandler.of(out).deliver(HandlerSuite.one(HandlerSuite.hostile()));

    assertThat(bytes.toString(UTF_8)).doesNotContain("\u001b", "\r", "\u202e", "\nX-Evil");
  }

  @Test
  void deliver_streamThatFails_tells() {
    PrintStream broken =
        new PrintStream(OutputStream.nullOutputStream()) {
          @Override
          public boolean checkError() {
            return true;
          }
        };

    assertThatThrownBy(() -> ConsoleAlertHandler.of(broken).deliver(HandlerSuite.one("x")))
        .isInstanceOf(DeliveryException.class);
  }
}

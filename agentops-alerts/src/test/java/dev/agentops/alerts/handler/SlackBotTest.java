package dev.agentops.alerts.handler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.alerts.Alert;
import dev.agentops.alerts.AlertHandler;
import dev.agentops.alerts.AlertState;
import dev.agentops.alerts.DeliveryException;
import dev.agentops.alerts.Notification;
import dev.agentops.alerts.handler.Receiver.Answer;
import dev.agentops.alerts.handler.Receiver.Request;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlackBotTest extends HandlerSuite {

  @Override
  AlertHandler handler(URI server, String secret, Duration timeout) {
    return SlackAlertHandler.builder()
        .name("slack-bot")
        .botToken("xoxb-" + secret)
        .channel("C1")
        .baseUrl(server + "/api")
        .timeout(timeout)
        .build();
  }

  @Override
  Answer accept() {
    return Receiver.answer(200, "{\"ok\":true,\"channel\":\"C1\",\"ts\":\"1503435956.000247\"}");
  }

  @Override
  List<Refusal> refusals() {
    return List.of(
        Refusal.of(200, error("ratelimited"), Result.RETRY),
        Refusal.of(200, error("internal_error"), Result.RETRY),
        Refusal.of(200, error("channel_not_found"), Result.PERMANENT),
        Refusal.of(200, error("invalid_auth"), Result.PERMANENT),
        Refusal.of(200, error("msg_too_long"), Result.PERMANENT),
        Refusal.of(200, error("restricted_action"), Result.REJECTED));
  }

  private static String error(String error) {
    return "{\"ok\":false,\"error\":\"" + error + "\"}";
  }

  @Override
  int limitBytes() {
    return 100_000;
  }

  @Override
  void assertAllowed(Request request) {
    SlackAlertHandlerTest.assertFitsSlack(request);
  }

  @Test
  void deliver_resolved_changesTheMessageThatFired() throws Exception {
    try (Receiver receiver = Receiver.start(accept())) {
      AlertHandler handler = handler(receiver);
      Notification firing = one("x");

      handler.deliver(firing);
      handler.deliver(resolved(firing));
      handler.deliver(resolved(firing));

      assertThat(receiver.requests())
          .extracting(Request::path)
          .containsExactly("/api/chat.postMessage", "/api/chat.update", "/api/chat.postMessage");
      JsonNode update = json(receiver.requests().get(1));
      assertThat(update.path("ts").asText()).isEqualTo("1503435956.000247");
      assertThat(update.path("channel").asText()).isEqualTo("C1");
      assertThat(update.path("text").asText()).startsWith("*[RESOLVED:1]");
    }
  }

  @Test
  void deliver_resolvedOfPartOnly_leavesTheMessageThatFired() throws Exception {
    try (Receiver receiver = Receiver.start(accept())) {
      AlertHandler handler = handler(receiver);
      Notification one = one("x");
      Notification both = one.toBuilder().alert(alert(2, "y").build()).build();

      handler.deliver(both);
      handler.deliver(resolved(one));
      handler.deliver(resolved(both));

      assertThat(receiver.requests())
          .extracting(Request::path)
          .containsExactly("/api/chat.postMessage", "/api/chat.postMessage", "/api/chat.update");
    }
  }

  @Test
  void deliver_resolvedOfMessageThatIsGone_posts() throws Exception {
    try (Receiver receiver = Receiver.start(accept())) {
      AlertHandler handler = handler(receiver);
      Notification firing = one("x");
      handler.deliver(firing);
      receiver.then(Receiver.answer(200, error("message_not_found")));

      handler.deliver(resolved(firing));

      assertThat(receiver.last().path()).isEqualTo("/api/chat.postMessage");
      assertThat(receiver.requests()).hasSize(3);
    }
  }

  @Test
  void deliver_changeThatFails_isTriedAgain() throws Exception {
    try (Receiver receiver = Receiver.start(accept())) {
      AlertHandler handler = handler(receiver);
      Notification firing = one("x");
      handler.deliver(firing);
      receiver.then(Receiver.answer(503, ""));

      assertThatThrownBy(() -> handler.deliver(resolved(firing)))
          .isInstanceOf(DeliveryException.class);
      handler.deliver(resolved(firing));

      assertThat(receiver.last().path()).isEqualTo("/api/chat.update");
    }
  }

  @Test
  void build_neitherOrBoth_isRefused() {
    assertThatThrownBy(() -> SlackAlertHandler.builder().build())
        .hasMessageContaining("either a webhookUrl");
    assertThatThrownBy(() -> SlackAlertHandler.builder().botToken("x").build())
        .hasMessageContaining("a botToken and a channel");
    assertThatThrownBy(
            () ->
                SlackAlertHandler.builder()
                    .webhookUrl("https://hooks.slack.com/services/x")
                    .channel("C1")
                    .build())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> SlackAlertHandler.builder().channel(" ")).hasMessageContaining("' '");
  }

  private AlertHandler handler(Receiver receiver) {
    return handler(receiver.uri(), SECRET, Duration.ofSeconds(20));
  }

  private static Notification resolved(Notification firing) {
    List<Alert> over =
        firing.alerts().stream()
            .map(alert -> alert.toBuilder().state(AlertState.RESOLVED).build())
            .toList();
    return firing.toBuilder().alerts(over).build();
  }
}

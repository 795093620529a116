package dev.agentops.alerts.handler;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.alerts.AlertHandler;
import dev.agentops.alerts.handler.Receiver.Answer;
import dev.agentops.alerts.handler.Receiver.Request;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiscordAlertHandlerTest extends HandlerSuite {

  @Override
  AlertHandler handler(URI server, String secret, Duration timeout) {
    return DiscordAlertHandler.builder()
        .webhookUrl(server + "/api/webhooks/1/" + secret)
        .timeout(timeout)
        .build();
  }

  @Override
  Answer accept() {
    return Receiver.answer(200, "{\"id\":\"1310000000000000000\",\"type\":0}");
  }

  @Override
  List<Refusal> refusals() {
    return List.of(
        Refusal.of(204, "", Result.DELIVERED),
        Refusal.of(
            400, "{\"message\":\"Cannot send an empty message\",\"code\":50006}", Result.PERMANENT),
        Refusal.of(401, "{\"message\":\"Invalid Webhook Token\",\"code\":50027}", Result.PERMANENT),
        Refusal.of(404, "{\"message\":\"Unknown Webhook\",\"code\":10015}", Result.PERMANENT),
        new Refusal(
            429,
            "{\"message\":\"You are being rate limited.\",\"retry_after\":0.3,\"global\":false}",
            Result.RETRY,
            Duration.ofMillis(300)));
  }

  @Override
  int limitBytes() {
    return 20_000;
  }

  @Override
  void assertAllowed(Request request) {
    JsonNode embed = json(request).at("/embeds/0");

    assertThat(embed.path("title").asText()).isNotEmpty().hasSizeLessThanOrEqualTo(256);
    assertThat(embed.path("description").asText()).isNotEmpty().hasSizeLessThanOrEqualTo(4_096);
  }

  @Override
  void assertHarmless(Request request) {
    JsonNode json = json(request);
    JsonNode embed = json.at("/embeds/0");

    assertThat(json.at("/allowed_mentions/parse").isEmpty()).isTrue();
    assertThat(json.at("/allowed_mentions/parse").isArray()).isTrue();
    assertThat(embed.toString())
        .doesNotContain("@everyone", "@here", "](javascript", " https:", " **", " `c");
  }

  @Test
  void deliver_toThread_keepsTheQuery() throws Exception {
    try (Receiver receiver = Receiver.start(accept())) {
      DiscordAlertHandler.webhook(receiver.uri() + "/api/webhooks/1/x?thread_id=7")
          .deliver(one("x"));

      assertThat(receiver.last().path()).isEqualTo("/api/webhooks/1/x?thread_id=7&wait=true");
    }
  }
}

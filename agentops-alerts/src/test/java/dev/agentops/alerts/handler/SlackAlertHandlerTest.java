package dev.agentops.alerts.handler;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.alerts.AlertHandler;
import dev.agentops.alerts.handler.Receiver.Answer;
import dev.agentops.alerts.handler.Receiver.Request;
import java.net.URI;
import java.time.Duration;
import java.util.List;

class SlackAlertHandlerTest extends HandlerSuite {

  @Override
  AlertHandler handler(URI server, String secret, Duration timeout) {
    return SlackAlertHandler.builder()
        .webhookUrl(server + "/services/T00/B00/" + secret)
        .timeout(timeout)
        .build();
  }

  @Override
  Answer accept() {
    return Receiver.answer(200, "ok");
  }

  @Override
  List<Refusal> refusals() {
    return List.of(
        Refusal.of(400, "invalid_payload", Result.PERMANENT),
        Refusal.of(400, "invalid_blocks", Result.PERMANENT),
        Refusal.of(400, "no_text", Result.PERMANENT),
        Refusal.of(403, "action_prohibited", Result.PERMANENT),
        Refusal.of(403, "invalid_token", Result.PERMANENT),
        Refusal.of(404, "no_service", Result.PERMANENT),
        Refusal.of(410, "channel_is_archived", Result.PERMANENT),
        Refusal.of(500, "rollup_error", Result.RETRY),
        new Refusal(
            429,
            "{\"retry_after\":1,\"ok\":false,\"error\":\"rate_limited\"}",
            Result.RETRY,
            Duration.ofSeconds(1)));
  }

  @Override
  int limitBytes() {
    return 100_000;
  }

  @Override
  void assertAllowed(Request request) {
    assertFitsSlack(request);
  }

  static void assertFitsSlack(Request request) {
    JsonNode blocks = json(request).at("/attachments/0/blocks");

    assertThat(json(request).path("text").asText()).isNotEmpty().hasSizeLessThan(1_000);
    assertThat(blocks).isNotEmpty().hasSizeLessThanOrEqualTo(50);
    assertThat(blocks)
        .allSatisfy(
            block ->
                assertThat(block.at("/text/text").asText())
                    .isNotEmpty()
                    .hasSizeLessThanOrEqualTo(3_000));
  }

  @Override
  void assertHarmless(Request request) {
    assertThat(request.body()).doesNotContain("<!channel>", "<!here>", "<@U024BE7LH>");
  }
}

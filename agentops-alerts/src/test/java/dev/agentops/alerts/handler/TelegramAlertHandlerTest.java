package dev.agentops.alerts.handler;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.alerts.AlertHandler;
import dev.agentops.alerts.DeliveryException;
import dev.agentops.alerts.handler.Receiver.Answer;
import dev.agentops.alerts.handler.Receiver.Request;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TelegramAlertHandlerTest extends HandlerSuite {

  private static final String MOVED =
      "{\"ok\":false,\"error_code\":400,\"description\":\"group chat was upgraded\","
          + "\"parameters\":{\"migrate_to_chat_id\":-1001234567890}}";

  @Override
  AlertHandler handler(URI server, String secret, Duration timeout) {
    return TelegramAlertHandler.builder()
        .baseUrl(server.toString())
        .botToken("110201543:" + secret)
        .chatId("-100123")
        .messageThreadId(7)
        .timeout(timeout)
        .build();
  }

  @Override
  Answer accept() {
    return Receiver.answer(200, "{\"ok\":true,\"result\":{\"message_id\":1}}");
  }

  @Override
  List<Refusal> refusals() {
    return List.of(
        new Refusal(
            429,
            "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests: retry after 23\","
                + "\"parameters\":{\"retry_after\":23}}",
            Result.RETRY,
            Duration.ofSeconds(23)),
        Refusal.of(200, error(429), Result.RETRY),
        Refusal.of(200, error(500), Result.RETRY),
        Refusal.of(200, error(403), Result.PERMANENT),
        Refusal.of(400, error(400), Result.PERMANENT),
        Refusal.of(401, error(401), Result.PERMANENT),
        Refusal.of(403, error(403), Result.PERMANENT));
  }

  private static String error(int code) {
    return "{\"ok\":false,\"error_code\":" + code + ",\"description\":\"x\"}";
  }

  @Override
  int limitBytes() {
    return 20_000;
  }

  @Override
  void assertAllowed(Request request) {
    assertThat(json(request).path("text").asText()).isNotEmpty().hasSizeLessThanOrEqualTo(4_096);
  }

  @Override
  void assertHarmless(Request request) {
    String html = json(request).path("text").asText();

    assertThat(html.replaceAll("</?b>|&(amp|lt|gt|quot);", ""))
        .doesNotContain("<", ">", "&", "@durov", "@everyone");
    assertThat(html.split("<b>")).hasSameSizeAs(html.split("</b>"));
  }

  @Test
  void deliver_groupThatMoved_followsAndRemembers() throws Exception {
    try (Receiver receiver = Receiver.start(accept())) {
      receiver.then(Receiver.answer(400, MOVED));
      AlertHandler handler = handler(receiver.uri(), SECRET, Duration.ofSeconds(20));

      handler.deliver(one("x"));
      handler.deliver(one("y"));

      assertThat(receiver.requests())
          .extracting(TelegramAlertHandlerTest::chat)
          .containsExactly("-100123", "-1001234567890", "-1001234567890");
    }
  }

  @Test
  void deliver_groupThatMovesForEver_givesUp() {
    try (Receiver receiver = Receiver.start(Receiver.answer(400, MOVED))) {
      AlertHandler handler = handler(receiver.uri(), SECRET, Duration.ofSeconds(20));

      assertThatThrownBy(() -> handler.deliver(one("x"))).isInstanceOf(DeliveryException.class);
      assertThat(receiver.requests()).hasSize(2);
    }
  }

  @Test
  void build_wrongSettings_areQuotedButForTheToken() {
    TelegramAlertHandler.Builder builder = TelegramAlertHandler.builder();

    assertThatThrownBy(() -> builder.chatId("my group")).hasMessageContaining("'my group'");
    assertThatThrownBy(() -> builder.messageThreadId(0)).hasMessageContaining("0");
    assertThatThrownBy(() -> builder.botToken("1:" + SECRET + " "))
        .satisfies(HandlerSuite::assertQuiet);
    assertThatThrownBy(() -> builder.botToken("1:<" + SECRET).chatId("1").build())
        .isInstanceOf(IllegalArgumentException.class)
        .satisfies(HandlerSuite::assertQuiet);
  }

  private static String chat(Request request) {
    return json(request).path("chat_id").asText();
  }
}

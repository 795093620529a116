package dev.agentops.alerts.handler;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.TestClock;
import dev.agentops.alerts.AlertHandler;
import dev.agentops.alerts.handler.Receiver.Answer;
import dev.agentops.alerts.handler.Receiver.Request;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

class WebhookAlertHandlerTest extends HandlerSuite {

  @Override
  AlertHandler handler(URI server, String secret, Duration timeout) {
    return WebhookAlertHandler.builder()
        .url(server + "/hook?token=" + secret)
        .bearerToken(secret)
        .timeout(timeout)
        .build();
  }

  @Override
  Answer accept() {
    return Receiver.answer(200, "");
  }

  @Override
  List<Refusal> refusals() {
    return List.of(Refusal.of(204, "", Result.DELIVERED));
  }

  @Override
  Result strangeSuccess() {
    return Result.DELIVERED;
  }

  /** One's own service takes all there is to say. */
  @Override
  int limitBytes() {
    return 5_000_000;
  }

  @Override
  void assertHarmless(Request request) {
    assertThat(json(request).at("/alerts/0/labels/quoted").asText())
        .isEqualTo(hostile().replace("\ud83d \"", "? \""));
  }

  @Test
  void hmac_equalsTheFrozenVectors() {
    byte[] body = "{\"status\":\"firing\"}".getBytes(UTF_8);

    assertThat(HexFormat.of().formatHex(Hmac.sha256("s3cr3t", body)))
        .isEqualTo("28a683a6144fb7c3f590b19d8b8c9082c07af22f920df265175758c7c0a749ec");
    assertThat(HexFormat.of().formatHex(Hmac.sha256("s3cr3t", "1735689600:".getBytes(UTF_8), body)))
        .isEqualTo("cb7e16c68713f17d9666325f1c7f0f964a4157d5b260adad55d6c5c420a9cb1d");
  }

  @Test
  void deliver_withKey_signsTheBytesItSends() throws Exception {
    try (Receiver receiver = Receiver.start(accept())) {
      WebhookAlertHandler.builder()
          .url(receiver.uri() + "/hook")
          .hmacKey("s3cr3t")
          .build()
          .deliver(sample());

      assertThat(receiver.last().header("x-grafana-alerting-signature"))
          .isEqualTo(signature(new byte[0], receiver.last().bytes()));
    }
  }

  @Test
  void deliver_withTimestamp_signsItToo() throws Exception {
    TestClock clock = TestClock.at(Instant.ofEpochSecond(1_735_689_600));
    try (Receiver receiver = Receiver.start(accept())) {
      WebhookAlertHandler.builder()
          .url(receiver.uri() + "/hook")
          .hmacKey("s3cr3t")
          .signatureHeader("X-Signature")
          .timestampHeader("X-Timestamp")
          .clock(clock)
          .build()
          .deliver(sample());

      assertThat(receiver.last().header("x-timestamp")).isEqualTo("1735689600");
      assertThat(receiver.last().header("x-signature"))
          .isEqualTo(signature("1735689600:".getBytes(UTF_8), receiver.last().bytes()));
    }
  }

  @Test
  void build_wrongSettings_areQuotedButForTheSecret() {
    WebhookAlertHandler.Builder builder = WebhookAlertHandler.builder();

    assertThatThrownBy(() -> builder.url("http://example.com/" + SECRET))
        .hasMessageContaining("http://example.com/***")
        .satisfies(HandlerSuite::assertQuiet);
    assertThatThrownBy(() -> builder.url("https://example.com/ " + SECRET))
        .hasMessageContaining("Illegal character")
        .satisfies(HandlerSuite::assertQuiet);
    assertThatThrownBy(() -> builder.url(SECRET)).satisfies(HandlerSuite::assertQuiet);
    assertThatThrownBy(() -> builder.bearerToken(SECRET + "\r\nX: y"))
        .satisfies(HandlerSuite::assertQuiet);
    assertThatThrownBy(() -> builder.signatureHeader("a b")).hasMessageContaining("'a b'");
    assertThatThrownBy(() -> builder.timeout(Duration.ZERO)).hasMessageContaining("PT0S");
    assertThatThrownBy(() -> builder.name(" ")).hasMessageContaining("' '");
    assertThatThrownBy(builder::build).hasMessage("url");
  }

  /** Computed by the JDK alone. */
  private static String signature(byte[] prefix, byte[] body) throws Exception {
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec("s3cr3t".getBytes(UTF_8), "HmacSHA256"));
    mac.update(prefix);
    return HexFormat.of().formatHex(mac.doFinal(body));
  }
}

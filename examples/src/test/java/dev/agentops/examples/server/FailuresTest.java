package dev.agentops.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.examples.llm.Fault;
import dev.agentops.examples.llm.LocalLlm;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the client hears when limits refuse or the model endpoint fails. */
class FailuresTest {

  @Test
  void rateLimit_isTooManyRequestsWithRetryAfter() {
    try (TestServer server = TestServer.start(LocalLlm.start(), "RATE_LIMIT_PER_MINUTE", "1")) {
      server.say("Thanks");

      HttpResponse<String> refused = server.chat("Hello");
      HttpResponse<String> refusedStream =
          server.post("/chat/stream", TestServer.body("Hello", null));

      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(type(refused)).isEqualTo("rate_limit_exceeded");
      assertThat(Integer.parseInt(refused.headers().firstValue("retry-after").orElseThrow()))
          .isBetween(1, 60);
      assertThat(refusedStream.statusCode()).isEqualTo(429);
      assertThat(refusedStream.headers().firstValue("retry-after")).isPresent();
      assertThat(server.say("Thanks").get("metadata").get("cached").asBoolean())
          .as("a cached answer takes no permit")
          .isTrue();
      assertThat(server.chat("Hello", "X-User-Id", "other").statusCode()).isEqualTo(200);
    }
  }

  @Test
  void budget_isTooManyRequestsAndSaysSo() {
    try (TestServer server = TestServer.start(LocalLlm.start(), "DAILY_BUDGET_USD", "0.00001")) {
      assertThat(server.chat("Hello").statusCode())
          .as("one call a day fits any budget")
          .isEqualTo(200);
      HttpResponse<String> refused = server.chat("Thanks");

      assertThat(refused.statusCode()).isEqualTo(429);
      assertThat(type(refused)).isEqualTo("budget_exceeded");
      assertThat(refused.body()).contains("daily-per-user");
      assertThat(refused.headers().firstValue("retry-after")).isPresent();
    }
  }

  @Test
  void failingModel_isABadGatewayWithoutInternals() {
    try (TestServer server =
        TestServer.start(LocalLlm.builder().fault(Fault.STATUS, "500").start())) {
      HttpResponse<String> failed = server.post("/chat", TestServer.body("Hello", "s"));

      assertThat(failed.statusCode()).isEqualTo(502);
      assertThat(type(failed)).isEqualTo("model_error");
      assertThat(failed.body()).doesNotContain("Exception", "dev.", "at ");
      assertThat(server.app.sessions().size()).as("a failed first message is no session").isZero();
      assertThat(server.app.operations().tracer().openSpans())
          .filteredOn(span -> span.agentName().equals("assistant"))
          .isEmpty();
    }
  }

  @Test
  void refusedKey_isABadGatewayAndNotToldToTheClient() {
    LocalLlm llm = LocalLlm.builder().requireApiKey("the-right-one").start();
    try (TestServer server = TestServer.start(llm)) {
      HttpResponse<String> failed = server.chat("Hello");

      assertThat(failed.statusCode()).isEqualTo(502);
      assertThat(failed.body()).doesNotContain("sk-", "key");
    }
  }

  @Test
  void modelThatTakesTooLong_isAGatewayTimeout() {
    LocalLlm llm = LocalLlm.builder().fault(Fault.DELAY_MS, "20000").start();
    try (TestServer server = TestServer.start(llm, "MODEL_TIMEOUT_SECONDS", "1")) {
      HttpResponse<String> failed = server.chat("Hello");

      assertThat(failed.statusCode()).isEqualTo(504);
      assertThat(type(failed)).isEqualTo("model_timeout");
    }
  }

  @Test
  void modelThatIsGone_isABadGatewayAndShownByHealth() {
    LocalLlm llm = LocalLlm.start();
    try (TestServer server = TestServer.start(llm)) {
      llm.close();

      HttpResponse<String> failed = server.chat("Hello");
      JsonNode health = server.getJson("/health");

      assertThat(failed.statusCode()).isEqualTo(502);
      assertThat(health.get("status").asText()).isEqualTo("degraded");
      assertThat(health.get("model").get("reachable").asBoolean()).isFalse();
    }
  }

  @Test
  void moreMessagesThanPlaces_areRefusedWhileHealthAnswers() throws Exception {
    LocalLlm llm = LocalLlm.builder().fault(Fault.DELAY_MS, "1500").start();
    try (TestServer server = TestServer.start(llm, "MAX_CONCURRENT_CHATS", "1")) {
      CompletableFuture<HttpResponse<String>> first =
          CompletableFuture.supplyAsync(() -> server.chat("Hello"));
      await().until(() -> server.app.inFlight().running() == 1);

      HttpResponse<String> second = server.chat("Hello");

      assertThat(second.statusCode()).isEqualTo(503);
      assertThat(type(second)).isEqualTo("overloaded");
      assertThat(second.headers().firstValue("retry-after")).isPresent();
      assertThat(first.get().statusCode()).isEqualTo(200);
    }
  }

  private static String type(HttpResponse<String> answer) {
    return TestServer.json(answer).get("detail").get(0).get("type").asText();
  }
}

package dev.agentops.examples.llm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LocalLlmFaultTest {
  private static final String HELLO =
      "{\"model\": \"m\", \"messages\": [{\"role\": \"user\", \"content\": \"hello\"}]}";

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private LocalLlm llm;

  @BeforeEach
  void start() {
    llm = LocalLlm.start();
  }

  @AfterEach
  void stop() {
    llm.close();
  }

  @Test
  void status429_isRateLimitException() {
    ChatModel model = Clients.chat(llm).customHeaders(header(Fault.STATUS, "429")).build();

    assertThatThrownBy(() -> model.chat("hello"))
        .isInstanceOf(RateLimitException.class)
        .hasMessageContaining("rate_limit_exceeded");
  }

  @Test
  void retryAfter_isSent() {
    HttpResponse<String> response =
        Clients.post(
            llm,
            "/chat/completions",
            HELLO,
            Fault.STATUS.header(),
            "429",
            Fault.RETRY_AFTER.header(),
            "7");

    assertThat(response.statusCode()).isEqualTo(429);
    assertThat(response.headers().firstValue("Retry-After")).contains("7");
  }

  @Test
  void times_onlyFirstRequestsOfTheKeyFail() {
    Map<String, String> headers =
        Map.of(
            Fault.STATUS.header(), "500", Fault.TIMES.header(), "1", Fault.KEY.header(), "retry");
    ChatModel retrying = Clients.chat(llm).customHeaders(headers).maxRetries(1).build();

    assertThat(retrying.chat("hello")).startsWith("Hello");
    assertThat(llm.requests()).isEqualTo(2);
  }

  @Test
  void fault_ofBuilderHitsEveryRequest() {
    try (LocalLlm broken = LocalLlm.builder().fault(Fault.STATUS, "503").start()) {
      assertThatThrownBy(() -> Clients.chat(broken).build().chat("hello"))
          .isInstanceOf(InternalServerException.class);
      assertThat(Clients.get(broken, "/models").statusCode()).isEqualTo(503);
    }
  }

  @Test
  void delay_longerThanTheClientWaits() {
    ChatModel model =
        Clients.chat(llm)
            .customHeaders(header(Fault.DELAY_MS, "300000"))
            .timeout(Duration.ofMillis(200))
            .build();

    assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(TimeoutException.class);
  }

  @Test
  void cut_streamEndsWithError() throws Exception {
    StreamProbe probe = new StreamProbe();
    streaming(Fault.CUT_AFTER_CHUNKS, "4").chat("count to 50", probe);

    assertThat(probe.error.get(30, TimeUnit.SECONDS)).hasRootCauseInstanceOf(IOException.class);
    // the client may report the broken connection before the chunks that it has read ahead
    List<String> sent = List.of("1", " 2", " 3");
    assertThat(List.copyOf(probe.partials)).isEqualTo(sent.subList(0, probe.partials.size()));
    await().atMost(PATIENCE).untilAsserted(() -> assertThat(llm.openStreams()).isZero());
    assertThat(llm.abortedStreams()).isZero();
  }

  @Test
  void cut_wholeAnswer() {
    ChatModel model = Clients.chat(llm).customHeaders(header(Fault.CUT_AFTER_CHUNKS, "0")).build();

    assertThatThrownBy(() -> model.chat("hello")).hasRootCauseInstanceOf(IOException.class);
  }

  @Test
  void stall_cancelIsSeenByTheServer() {
    StreamProbe probe = new StreamProbe(3);
    streaming(Fault.STALL_AFTER_CHUNKS, "4").chat("count to 50", probe);

    await().atMost(PATIENCE).untilAsserted(() -> assertThat(llm.abortedStreams()).isEqualTo(1));
    assertThat(llm.openStreams()).isZero();
    assertThat(probe.partials).hasSize(3);
    assertThat(probe.complete).isNotDone();
  }

  @Test
  void stall_streamStaysOpenUntilTheServerCloses() {
    StreamProbe probe = new StreamProbe();
    streaming(Fault.STALL_AFTER_CHUNKS, "2").chat("count to 50", probe);

    await().atMost(PATIENCE).until(() -> probe.partials.size() == 1 && llm.openStreams() == 1);
    llm.close();

    await().atMost(PATIENCE).until(probe.error::isDone);
    assertThat(llm.openStreams()).isZero();
    assertThat(llm.abortedStreams()).isZero();
  }

  @Test
  void cancel_slowStreamIsAborted() {
    try (LocalLlm slow = LocalLlm.builder().chunkDelay(Duration.ofMillis(5)).start()) {
      StreamProbe probe = new StreamProbe(3);
      Clients.streaming(slow).build().chat("count to 1000", probe);

      await().atMost(PATIENCE).untilAsserted(() -> assertThat(slow.abortedStreams()).isEqualTo(1));
      assertThat(slow.openStreams()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "X-Fault-Status, 200",
    "X-Fault-Status, oops",
    "X-Fault-Retry-After, 5",
    "X-Fault-Delay-Ms, -3",
    "X-Fault-Delay-Ms, 300001",
    "X-Fault-Stall-After-Chunks, 1.5",
    "X-Fault-Times, 0"
  })
  void knob_badValueIsQuoted(String header, String value) {
    HttpResponse<String> response = Clients.post(llm, "/chat/completions", HELLO, header, value);

    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(response.body()).contains(header).contains("'" + value + "'");
  }

  @Test
  void builder_badFault() {
    assertThatThrownBy(() -> LocalLlm.builder().fault(Fault.STATUS, "99"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("X-Fault-Status must be a whole number from 400 to 599: '99'");
  }

  private StreamingChatModel streaming(Fault fault, String value) {
    return Clients.streaming(llm).customHeaders(header(fault, value)).build();
  }

  private static Map<String, String> header(Fault fault, String value) {
    return Map.of(fault.header(), value);
  }
}

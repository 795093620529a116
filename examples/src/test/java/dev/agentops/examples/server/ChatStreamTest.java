package dev.agentops.examples.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.examples.llm.Fault;
import dev.agentops.examples.llm.LocalLlm;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ChatStreamTest {

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(LocalLlm.builder().chunkDelay(Duration.ofMillis(5)).start());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void stream_sendsTokensThenDone() {
    HttpResponse<String> answer = stream(server, "What is 6 * 7?", null);

    List<TestServer.Event> events = TestServer.events(answer);
    assertThat(answer.headers().firstValue("content-type"))
        .hasValue("text/event-stream; charset=utf-8");
    assertThat(events).extracting(TestServer.Event::name).containsOnly("token", "done");
    assertThat(events).filteredOn(event -> event.name().equals("token")).hasSizeGreaterThan(2);
    TestServer.Event done = events.get(events.size() - 1);
    assertThat(done.name()).isEqualTo("done");
    assertThat(done.data().get("response").asText())
        .isEqualTo("6 * 7 = 42.")
        .isEqualTo(text(events));
    JsonNode metadata = done.data().get("metadata");
    assertThat(metadata.get("model_calls").asInt()).isEqualTo(2);
    assertThat(metadata.get("tool_calls").asInt()).isEqualTo(1);
    assertThat(metadata.get("cost").decimalValue()).isPositive();
    JsonNode trace = server.getJson("/traces/" + metadata.get("trace_id").asText());
    assertThat(trace.get("spans")).hasSize(4);
    assertThat(trace.get("spans").findValuesAsText("status")).containsOnly("ok");
  }

  @Test
  void stream_continuesASession() {
    stream(server, "My name is Joan", "streamed");

    assertThat(text(TestServer.events(stream(server, "What is my name?", "streamed"))))
        .contains("Joan");
  }

  @Test
  void stream_ofTheSameQuestionTwice_isReplayedByTheCache() {
    stream(server, "Hello there", null);

    List<TestServer.Event> events = TestServer.events(stream(server, "Hello there", null));

    assertThat(events.get(0).name()).isEqualTo("token");
    JsonNode done = events.get(events.size() - 1).data();
    assertThat(done.get("metadata").get("cached").asBoolean()).isTrue();
    assertThat(done.get("metadata").get("cost").decimalValue()).isZero();
    assertThat(done.get("response").asText()).isEqualTo(text(events));
  }

  @Test
  void clientThatLeaves_cancelsTheModelAndIsForgotten() throws IOException {
    long aborted = server.llm.abortedStreams();
    readThreeTokensAndLeave(server, "Count to 900", "abandoned");

    await()
        .untilAsserted(
            () -> {
              assertThat(server.llm.abortedStreams()).isEqualTo(aborted + 1);
              assertThat(server.llm.openStreams()).isZero();
              assertThat(agentSpan("Count to 900")).isPresent();
            });
    Span agent = agentSpan("Count to 900").orElseThrow();
    assertThat(agent.status()).isEqualTo(SpanStatus.CANCELLED);
    assertThat(server.app.operations().tracer().spansOfTrace(agent.traceId()))
        .filteredOn(span -> span.action().equals("chat"))
        .singleElement()
        .satisfies(
            chat -> {
              assertThat(chat.status()).isEqualTo(SpanStatus.CANCELLED);
              assertThat(String.valueOf(chat.output())).contains("1 2 3");
            });
    assertThat(server.app.operations().meter().running()).isZero();
    assertThat(server.sayIn("abandoned", "What did I say?").get("response").asText())
        .contains("first thing");
  }

  @Test
  void clientThatLeaves_whileTheModelIsSilent_cancelsItToo() throws IOException {
    try (TestServer silent =
        TestServer.start(LocalLlm.builder().fault(Fault.STALL_AFTER_CHUNKS, "5").start())) {
      readThreeTokensAndLeave(silent, "Count to 50", "abandoned");

      await()
          .untilAsserted(
              () -> {
                assertThat(silent.llm.abortedStreams()).isEqualTo(1);
                assertThat(silent.app.inFlight().running()).isZero();
              });
    }
  }

  @Test
  void secondMessage_whileTheFirstIsStreamed_isRefused() throws Exception {
    var first = CompletableFuture.supplyAsync(() -> stream(server, "Count to 100", "busy"));
    await().until(() -> server.llm.openStreams() > 0);

    HttpResponse<String> second = server.post("/chat", TestServer.body("Hi", "busy"));

    assertThat(second.statusCode()).isEqualTo(409);
    assertThat(second.body()).contains("session_busy");
    assertThat(TestServer.events(first.get())).last().extracting("name").isEqualTo("done");
    assertThat(server.post("/chat", TestServer.body("Hi", "busy")).statusCode()).isEqualTo(200);
  }

  @Test
  void failureBeforeTheFirstToken_isAStatus() {
    try (TestServer broken =
        TestServer.start(LocalLlm.builder().fault(Fault.STATUS, "500").start())) {
      HttpResponse<String> answer = stream(broken, "Hello", null);

      assertThat(answer.statusCode()).isEqualTo(502);
      assertThat(answer.body()).contains("model_error").doesNotContain("Exception");
    }
  }

  @Test
  void failureAfterTheFirstToken_isAnErrorEvent() {
    try (TestServer broken =
        TestServer.start(
            LocalLlm.builder()
                .chunkDelay(Duration.ofMillis(20)) // or the client drops the tokens with the rest
                .fault(Fault.CUT_AFTER_CHUNKS, "6")
                .start())) {
      List<TestServer.Event> events = TestServer.events(stream(broken, "Count to 50", "cut"));

      assertThat(events.get(0).name()).isEqualTo("token");
      TestServer.Event last = events.get(events.size() - 1);
      assertThat(last.name()).isEqualTo("error");
      assertThat(last.data().get("detail").get(0).get("type").asText()).isEqualTo("model_error");
    }
  }

  @Test
  void silenceOfTheModel_isAnErrorEvent() {
    try (TestServer stalling =
        TestServer.start(
            LocalLlm.builder().fault(Fault.STALL_AFTER_CHUNKS, "4").start(),
            "MODEL_TIMEOUT_SECONDS",
            "1")) {
      List<TestServer.Event> events = TestServer.events(stream(stalling, "Count to 50", null));

      TestServer.Event last = events.get(events.size() - 1);
      assertThat(last.name()).isEqualTo("error");
      assertThat(last.data().get("detail").get(0).get("type").asText()).isEqualTo("model_timeout");
      await().until(() -> stalling.llm.openStreams() == 0);
    }
  }

  private static void readThreeTokensAndLeave(TestServer server, String message, String session)
      throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.app.uri().getPort())) {
      byte[] body = TestServer.body(message, session).getBytes(UTF_8);
      String head =
          "POST /chat/stream HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
              + "Content-Length: "
              + body.length
              + "\r\n\r\n";
      socket.getOutputStream().write(head.getBytes(UTF_8));
      socket.getOutputStream().write(body);
      BufferedReader in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      for (int tokens = 0; tokens < 3; ) {
        tokens += in.readLine().startsWith("event: token") ? 1 : 0;
      }
    }
  }

  private static HttpResponse<String> stream(TestServer server, String message, String session) {
    return server.post("/chat/stream", TestServer.body(message, session));
  }

  private static String text(List<TestServer.Event> events) {
    StringBuilder text = new StringBuilder();
    events.stream()
        .filter(event -> event.name().equals("token"))
        .forEach(event -> text.append(event.data().get("text").asText()));
    return text.toString();
  }

  private static Optional<Span> agentSpan(String question) {
    return server.app.operations().tracer().spans("assistant").stream()
        .filter(span -> span.action().equals("invoke_agent") && question.equals(span.input()))
        .findFirst();
  }
}

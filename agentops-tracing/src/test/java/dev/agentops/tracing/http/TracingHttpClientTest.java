package dev.agentops.tracing.http;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.agentops.AgentOps;
import dev.agentops.ProviderExchange;
import dev.agentops.Scope;
import dev.agentops.http.AgentHttpClient;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanEvent;
import dev.agentops.tracing.SpanStatus;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.http.client.jdk.JdkHttpClient;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** LangChain4j's own OpenAI client against a server that answers what a test says. */
@Timeout(60)
class TracingHttpClientTest {

  private static final String JSON =
      """
      {"id": "r-1", "model": "gpt-4", "choices": [{"index": 0, "finish_reason": "stop",
       "message": {"role": "assistant", "content": "hi"}}],
       "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}}
      """;
  private static final String SSE =
      """
      data: {"id": "r-1", "model": "gpt-4", "choices": [{"index": 0, "delta": {"content": "hi"}}]}

      data: {"id": "r-1", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}

      data: [DONE]

      """;

  private final Tracer tracer = Tracer.create();
  private final AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
  private final Queue<Integer> statuses = new ArrayDeque<>();
  private final List<List<String>> traceparents = new CopyOnWriteArrayList<>();
  private HttpServer server;

  @BeforeEach
  void startServer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/chat/completions",
        exchange -> {
          boolean stream =
              new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8)
                  .replace(" ", "")
                  .contains("\"stream\":true");
          traceparents.add(exchange.getRequestHeaders().getOrDefault("Traceparent", List.of("")));
          int status = statuses.remove();
          String body = status != 200 ? "{}" : stream ? SSE : JSON;
          exchange
              .getResponseHeaders()
              .add("Content-Type", stream ? "text/event-stream" : "application/json");
          byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(status, bytes.length);
          try (OutputStream out = exchange.getResponseBody()) {
            out.write(bytes);
          }
        });
    server.start();
  }

  @AfterEach
  void stopServer() {
    assertThat(tracer.openSpans()).isEmpty();
    server.stop(0);
    tracer.close();
  }

  @Test
  void retries_areEventsOfTheOneModelCall() {
    answers(500, 429, 200);

    assertThat(ops.wrap(chatModel(2)).chat("hello")).isEqualTo("hi");

    Span chat = onlySpan();
    assertThat(chat.status()).isEqualTo(SpanStatus.OK);
    assertThat(attempts(chat)).extracting(this::status).containsExactly(500L, 429L, 200L);
    assertThat(attempts(chat))
        .extracting(event -> event.attributes().get("agentops.attempt.number"))
        .containsExactly(1L, 2L, 3L);
    assertThat(attempts(chat))
        .allSatisfy(
            event ->
                assertThat((Double) event.attributes().get("agentops.attempt.duration"))
                    .isPositive());
    assertThat(chat.attributes().get("server.address"))
        .isEqualTo(server.getAddress().getHostString());
    assertThat(chat.attributes().get("server.port"))
        .isEqualTo((long) server.getAddress().getPort());
  }

  @Test
  void propagating_tellsTheServerOfTheSpan() throws Exception {
    answers(200, 200, 200);
    HttpClientBuilder client = TracingHttpClient.propagating(tracer, JdkHttpClient.builder());

    ops.wrap(OpenAiChatModel.builder().httpClientBuilder(client).baseUrl(url()).apiKey("k").build())
        .chat("hello");
    OpenAiChatModel.builder()
        .httpClientBuilder(client)
        .baseUrl(url())
        .apiKey("k")
        .customHeaders(Map.of("TraceParent", "mine"))
        .build()
        .chat("no span");
    ops.wrap(chatModel(0)).chat("not propagating");

    Span chat = tracer.spans().get(0);
    assertThat(traceparents)
        .containsExactly(
            List.of("00-" + chat.traceId() + "-" + chat.spanId() + "-01"),
            List.of("mine"),
            List.of(""));
  }

  @Test
  void retriesThatAllFail_areEventsOfTheFailedCall() {
    answers(500, 500);

    assertThatThrownBy(() -> ops.wrap(chatModel(1)).chat("hello")).isNotNull();

    assertThat(onlySpan().status()).isEqualTo(SpanStatus.ERROR);
    assertThat(attempts(onlySpan())).hasSize(2);
  }

  @Test
  void unreachableServer_isAnErrorType() {
    server.stop(0);

    assertThatThrownBy(() -> ops.wrap(chatModel(0)).chat("hello")).isNotNull();

    assertThat(attempts(onlySpan()))
        .singleElement()
        .satisfies(event -> assertThat(event.attributes().get("error.type")).isNotNull());
  }

  @Test
  void eachCall_countsFromOne() {
    answers(200, 200);
    ChatModel model = ops.wrap(chatModel(0));

    model.chat("a");
    model.chat("b");

    assertThat(tracer.spans())
        .hasSize(2)
        .allSatisfy(
            span ->
                assertThat(attempts(span).get(0).attributes().get("agentops.attempt.number"))
                    .isEqualTo(1L));
  }

  @Test
  void withoutATrace_onlyTheAnswerCounts() {
    answers(200);

    assertThat(chatModel(0).chat("hello")).isEqualTo("hi");

    assertThat(tracer.spans()).isEmpty();
  }

  @Test
  void stream_isAnAttemptToo() throws Exception {
    answers(200);

    assertThat(stream().get(20, SECONDS)).isEqualTo("hi");

    assertThat(attempts(onlySpan())).extracting(this::status).containsExactly(200L);
    assertThat(onlySpan().attributes().get("server.port")).isNotNull();
  }

  @Test
  void streamThatIsRefused_isAnAttemptToo() {
    answers(429);

    assertThatThrownBy(() -> stream().get(20, SECONDS)).isNotNull();

    assertThat(attempts(onlySpan())).extracting(this::status).containsExactly(429L);
    assertThat(onlySpan().status()).isEqualTo(SpanStatus.ERROR);
  }

  @Test
  void aroundAnAgentHttpClient_bothAreToldOfEachAttempt() {
    answers(429, 200);
    ChatModel model =
        OpenAiChatModel.builder()
            .httpClientBuilder(TracingHttpClient.of(tracer, AgentHttpClient.builder()))
            .baseUrl(url())
            .apiKey("none")
            .build();
    ProviderExchange exchange = ProviderExchange.create();

    try (Scope scope = exchange.open()) {
      assertThat(ops.wrap(model).chat("hello")).isEqualTo("hi");
    }

    assertThat(attempts(onlySpan())).extracting(this::status).containsExactly(429L, 200L);
    assertThat(exchange.answers()).isEqualTo(2);
    assertThat(exchange.status()).isEqualTo(200);
  }

  @Test
  void builder_passesTimeoutsOn() {
    HttpClientBuilder plain = JdkHttpClient.builder();
    HttpClientBuilder traced = TracingHttpClient.of(tracer, plain);

    assertThat(traced.connectTimeout(Duration.ofSeconds(1))).isSameAs(traced);
    assertThat(traced.readTimeout(Duration.ofSeconds(2))).isSameAs(traced);

    assertThat(plain.connectTimeout()).isEqualTo(traced.connectTimeout()).hasSeconds(1);
    assertThat(plain.readTimeout()).isEqualTo(traced.readTimeout()).hasSeconds(2);
  }

  private void answers(Integer... all) {
    statuses.addAll(Arrays.asList(all));
  }

  private ChatModel chatModel(int retries) {
    return OpenAiChatModel.builder()
        .baseUrl(url())
        .apiKey("none")
        .modelName("gpt-4")
        .maxRetries(retries)
        .httpClientBuilder(TracingHttpClient.of(tracer, JdkHttpClient.builder()))
        .build();
  }

  private CompletableFuture<String> stream() {
    StreamingChatModel model =
        ops.wrap(
            OpenAiStreamingChatModel.builder()
                .baseUrl(url())
                .apiKey("none")
                .modelName("gpt-4")
                .httpClientBuilder(TracingHttpClient.of(tracer, JdkHttpClient.builder()))
                .build());
    CompletableFuture<String> reply = new CompletableFuture<>();
    model.chat(
        "hello",
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(String partial) {}

          @Override
          public void onCompleteResponse(ChatResponse response) {
            reply.complete(response.aiMessage().text());
          }

          @Override
          public void onError(Throwable error) {
            reply.completeExceptionally(error);
          }
        });
    return reply;
  }

  private String url() {
    return "http://" + server.getAddress().getHostString() + ':' + server.getAddress().getPort();
  }

  private Span onlySpan() {
    assertThat(tracer.spans()).hasSize(1);
    return tracer.spans().get(0);
  }

  private static List<SpanEvent> attempts(Span span) {
    return span.events().stream().filter(event -> event.name().equals("agentops.attempt")).toList();
  }

  private Object status(SpanEvent event) {
    return event.attributes().get("http.response.status_code");
  }
}

package dev.agentops.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.DeadlineExceededException;
import dev.agentops.ProviderCall;
import dev.agentops.ProviderExchange;
import dev.agentops.Scope;
import dev.agentops.StreamTimeoutException;
import dev.agentops.TestClock;
import dev.agentops.event.CallStatus;
import dev.agentops.testing.RecordingHandler;
import dev.agentops.testing.RecordingInterceptor;
import dev.agentops.testing.WithoutJars;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.anthropic.AnthropicChatModel;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiEmbeddingModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** LangChain4j's own clients, against a server that a test drives byte by byte. */
@Timeout(60)
class AgentHttpClientTest {

  private static final String JSON =
      """
      {"id": "r-1", "model": "gpt-4", "choices": [{"index": 0, "finish_reason": "stop",
       "message": {"role": "assistant", "content": "hi"}}],
       "usage": {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}}
      """;
  private static final String TOKEN =
      "data: {\"id\": \"r-1\", \"model\": \"gpt-4\","
          + " \"choices\": [{\"index\": 0, \"delta\": {\"content\": \"hi\"}}]}\n\n";
  private static final String LAST =
      "data: {\"id\": \"r-1\","
          + " \"choices\": [{\"index\": 0, \"delta\": {}, \"finish_reason\": \"stop\"}]}\n\n"
          + "data: [DONE]\n\n";
  private static final String LIMITS =
      "x-ratelimit-remaining-tokens: 17\r\nRetry-After: 7\r\nSet-Cookie: secret\r\n";

  private final RecordingInterceptor seen = new RecordingInterceptor();
  private final TestClock clock = TestClock.create();
  private final AgentOps ops = AgentOps.with(seen).clock(clock).build();
  private final ExecutorService pool = Executors.newCachedThreadPool();
  private @Nullable RawServer server;

  /** Where a stream is when something happens to it. */
  enum Point {
    BEFORE_HEADERS,
    BEFORE_FIRST_TOKEN,
    MID_STREAM
  }

  @AfterEach
  void stop() {
    pool.shutdownNow();
    if (server != null) {
      server.close();
    }
  }

  @Test
  void sendAsync_futureIsCancelled_theRequestEnds() throws Exception {
    serve((number, client) -> client.waitForLeave());
    HttpClient client = new BreakableHttpClient(HttpClient.newHttpClient());
    ProviderExchange exchange = ProviderExchange.create();
    CompletableFuture<?> answer;
    try (Scope scope = exchange.open()) {
      answer =
          client.sendAsync(
              HttpRequest.newBuilder(URI.create(url())).build(),
              HttpResponse.BodyHandlers.ofString());
    }
    server().awaitArrival();

    answer.cancel(true);

    server().awaitLeave();
    await().until(() -> exchange.toString().contains("0 to break off"));
  }

  @Test
  void sendAsync_throws_leavesNothingToBreakOff() {
    HttpClient client = new BreakableHttpClient(HttpClient.newHttpClient());
    ProviderExchange exchange = ProviderExchange.create();
    try (Scope scope = exchange.open()) {
      assertThatThrownBy(() -> client.sendAsync(null, HttpResponse.BodyHandlers.ofString()))
          .isInstanceOf(NullPointerException.class);
    }

    assertThat(exchange.toString()).contains("0 to break off");
  }

  @Test
  void answer_tellsTheExchangeItsHeaders() {
    serve((number, client) -> client.answer(200, LIMITS, JSON));

    assertThat(ops.wrap(chatModel(0)).chat("hello")).isEqualTo("hi");

    ProviderExchange exchange = exchange();
    assertThat(exchange.status()).isEqualTo(200);
    assertThat(exchange.headers().get("X-RateLimit-Remaining-Tokens")).containsExactly("17");
    assertThat(exchange.headers()).doesNotContainKeys("set-cookie", "authorization");
    assertThat(exchange.answers()).isEqualTo(1);
  }

  @Test
  void refusedRequest_isThrownAsBefore_andTellsItsHeaders() {
    serve((number, client) -> client.answer(429, LIMITS, "{\"error\": \"slow\"}"));

    assertThatThrownBy(() -> ops.wrap(chatModel(0)).chat("hello"))
        .isInstanceOf(RateLimitException.class)
        .rootCause()
        .isInstanceOf(HttpException.class)
        .hasMessage("{\"error\": \"slow\"}");

    assertThat(limits().retryAfter()).contains(Duration.ofSeconds(7));
    assertThat(limits().tokens().remaining()).hasValue(17);
  }

  @Test
  void langChain4jsRetries_areCounted_andTheLastAnswerStays() {
    serve(
        (number, client) ->
            client.answer(number < 2 ? 429 : 200, number < 2 ? LIMITS : "x-last: yes\r\n", JSON));

    assertThat(ops.wrap(chatModel(2)).chat("hello")).isEqualTo("hi");

    assertThat(exchange().answers()).isEqualTo(2);
    assertThat(exchange().status()).isEqualTo(200);
    assertThat(exchange().headers()).containsKey("x-last").doesNotContainKey("retry-after");
  }

  @Test
  void refusedStream_tellsItsHeaders() {
    serve((number, client) -> client.answer(429, LIMITS, "{}"));
    RecordingHandler handler = new RecordingHandler();

    ops.wrap(streamingModel()).chat("hello", handler);

    awaitEnd();
    assertThat(handler.error()).isInstanceOf(RateLimitException.class);
    assertThat(limits().retryAfter()).contains(Duration.ofSeconds(7));
  }

  @Test
  void stream_tellsItsHeaders_andRunsInTheContextOfItsCaller() throws Exception {
    serve(
        (number, client) -> {
          client.beginStream(LIMITS);
          client.chunk(TOKEN);
          client.chunk(LAST);
          client.endStream();
        });
    CompletableFuture<String> text = new CompletableFuture<>();
    List<String> users = new CopyOnWriteArrayList<>();

    try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
      ops.wrap(streamingModel())
          .chat(
              "hello",
              new StreamingChatResponseHandler() {
                @Override
                public void onPartialResponse(String partial) {
                  users.add(Context.current().attributes().text("user.id"));
                }

                @Override
                public void onCompleteResponse(ChatResponse response) {
                  text.complete(response.aiMessage().text());
                }

                @Override
                public void onError(Throwable error) {
                  text.completeExceptionally(error);
                }
              });
    }

    assertThat(text.get(20, TimeUnit.SECONDS)).isEqualTo("hi");
    assertThat(users).containsExactly("alice");
    assertThat(exchange().status()).isEqualTo(200);
    assertThat(limits().tokens().remaining()).hasValue(17);
  }

  @Test
  void otherProvidersAndEmbeddings_tellTheirHeaders() {
    serve(
        (number, client) -> {
          if (number == 1) {
            client.answer(529, "anthropic-ratelimit-requests-remaining: 5\r\n", "{}");
          } else {
            client.answer(
                200,
                LIMITS,
                "{\"data\": [{\"embedding\": [0.5], \"index\": 0}], \"model\": \"e\"}");
          }
        });
    ChatModel claude =
        AnthropicChatModel.builder()
            .httpClientBuilder(AgentHttpClient.builder())
            .baseUrl(url())
            .apiKey("k")
            .modelName("claude")
            .maxRetries(0)
            .build();
    EmbeddingModel embeddings =
        OpenAiEmbeddingModel.builder()
            .httpClientBuilder(AgentHttpClient.builder())
            .baseUrl(url())
            .apiKey("k")
            .modelName("e")
            .build();

    assertThatThrownBy(() -> ops.wrap(claude).chat("hello"))
        .isInstanceOf(InternalServerException.class);
    assertThat(exchange().status()).isEqualTo(529);
    assertThat(limits().requests().remaining()).hasValue(5);

    ops.wrap(embeddings).embed("hello");
    assertThat(exchange().status()).isEqualTo(200);
    assertThat(limits().tokens().remaining()).hasValue(17);
  }

  @Test
  void breakOff_ofACallThatWaits_endsItAtOnce() throws Exception {
    serve((number, client) -> client.waitForLeave());
    Future<String> answer = pool.submit(() -> ops.wrap(chatModel(2)).chat("hello"));
    server().awaitArrival();

    ((ProviderCall) seen.begun().get(0)).exchange().breakOff();

    assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
        .hasCauseInstanceOf(CancellationException.class);
    server().awaitLeave();
    assertThat(outcome()).isEqualTo(CallStatus.CANCELLED);
    assertThat(server().requests()).isEqualTo(1);
  }

  @Test
  void breakOff_amidTheBody_endsItAtOnce() throws Exception {
    serve(
        (number, client) -> {
          client.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"id\"");
          client.waitForLeave();
        });
    Future<String> answer = pool.submit(() -> ops.wrap(chatModel(0)).chat("hello"));
    server().awaitArrival();

    ((ProviderCall) seen.begun().get(0)).exchange().breakOff(new IllegalStateException("enough"));

    assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("enough");
    server().awaitLeave();
    assertThat(outcome()).isEqualTo(CallStatus.ERROR);
  }

  @ParameterizedTest
  @EnumSource
  void breakOff_ofAStream_endsItAtOnce(Point point) throws Exception {
    serve((number, client) -> streamUntil(point, client));
    RecordingHandler handler = new RecordingHandler();
    ProviderExchange exchange = ProviderExchange.create();
    try (Scope scope = exchange.open()) {
      ops.wrap(streamingModel()).chat("hello", handler);
    }
    server().awaitArrival();
    awaitTokens(point, handler);

    exchange.breakOff();

    assertThat(handler.error()).isInstanceOf(CancellationException.class);
    server().awaitLeave();
    assertThat(outcome()).isEqualTo(CallStatus.CANCELLED);
    assertThat(handler.calls()).filteredOn(call -> call.startsWith("error")).hasSize(1);
    assertThat(clock.pendingTimers()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void deadline_ofAStream_breaksItOff(Point point) throws Exception {
    serve((number, client) -> streamUntil(point, client));
    RecordingHandler handler = new RecordingHandler();
    try (Scope scope = Deadline.after(Duration.ofSeconds(5), clock).open()) {
      ops.wrap(streamingModel()).chat("hello", handler);
    }
    server().awaitArrival();
    awaitTokens(point, handler);

    clock.advance(Duration.ofSeconds(5));

    server().awaitLeave();
    awaitEnd();
    await().until(() -> handler.error() != null);
    assertThat(handler.error()).isInstanceOf(DeadlineExceededException.class);
    assertThat(outcome()).isEqualTo(CallStatus.ERROR);
    assertThat(handler.calls()).filteredOn(call -> call.startsWith("error")).hasSize(1);
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void deadline_ofACall_breaksItOff() throws Exception {
    serve((number, client) -> client.waitForLeave());
    Future<String> answer =
        pool.submit(
            () -> {
              try (Scope scope = Deadline.after(Duration.ofSeconds(5), clock).open()) {
                return ops.wrap(chatModel(2)).chat("hello");
              }
            });
    server().awaitArrival();

    clock.advance(Duration.ofSeconds(5));

    server().awaitLeave();
    assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(DeadlineExceededException.class)
        .hasMessage("the deadline came PT5S after the call of gpt-4 began");
    assertThat(server().requests()).isEqualTo(1);
    assertThat(clock.pendingTimers()).isZero();
  }

  @ParameterizedTest
  @EnumSource
  void silence_ofAStream_endsTheRequestToo(Point point) throws Exception {
    serve((number, client) -> streamUntil(point, client));
    RecordingHandler handler = new RecordingHandler();
    ops.wrap(streamingModel()).chat("hello", handler);
    server().awaitArrival();
    awaitTokens(point, handler);

    clock.advance(Duration.ofMinutes(5));

    server().awaitLeave();
    await().until(() -> handler.error() != null);
    assertThat(handler.error()).isInstanceOf(StreamTimeoutException.class);
  }

  @Test
  void cancelOfTheHandle_endsTheRequest() throws Exception {
    serve((number, client) -> streamUntil(Point.MID_STREAM, client));
    RecordingHandler handler = new RecordingHandler();
    ops.wrap(streamingModel()).chat("hello", handler);
    server().awaitArrival();
    awaitTokens(Point.MID_STREAM, handler);

    handler.handle().cancel();

    server().awaitLeave();
    assertThat(outcome()).isEqualTo(CallStatus.CANCELLED);
  }

  @Test
  void breakOff_beforeTheRequest_keepsItFromBeingSent() {
    serve((number, client) -> client.answer(200, "", JSON));
    ProviderExchange exchange = ProviderExchange.create();
    exchange.breakOff();
    RecordingHandler handler = new RecordingHandler();

    try (Scope scope = exchange.open()) {
      assertThatThrownBy(() -> ops.wrap(chatModel(2)).chat("hello"))
          .isInstanceOf(CancellationException.class);
      ops.wrap(streamingModel()).chat("hello", handler);
      // not in the chain's hands, so that the client itself has to know
      assertThatThrownBy(() -> chatModel(2).chat("hello")).isInstanceOf(BrokenOffException.class);
    }

    assertThat(handler.error()).isInstanceOf(CancellationException.class);
    assertThat(server().requests()).isZero();
  }

  @Test
  void breakOff_afterTheEnd_doesNothing() {
    serve((number, client) -> client.answer(200, "", JSON));
    ChatModel model = ops.wrap(chatModel(0));

    assertThat(model.chat("a")).isEqualTo("hi");
    exchange().breakOff();
    assertThat(model.chat("b")).isEqualTo("hi");

    assertThat(server().connections()).as("the connection is still good").isEqualTo(1);
    assertThat(outcome()).isEqualTo(CallStatus.OK);
  }

  @Test
  void breakOff_atAnyMoment_endsEachStreamOnce() throws Exception {
    serve(
        (number, client) -> {
          client.beginStream("");
          for (int i = 0; i < 20; i++) {
            client.chunk(TOKEN);
          }
          client.chunk(LAST);
          client.endStream();
        });
    StreamingChatModel model = ops.wrap(streamingModel());
    Random random = new Random(11);
    List<RecordingHandler> handlers = new ArrayList<>();
    for (int round = 0; round < 30; round++) {
      RecordingHandler handler = new RecordingHandler();
      ProviderExchange exchange = ProviderExchange.create();
      int after = random.nextInt(12);
      CountDownLatch sent = new CountDownLatch(1);
      Future<?> breaker =
          pool.submit(
              () -> {
                sent.await();
                while (handler.calls().size() < after && handler.calls().size() < 20) {
                  Thread.onSpinWait();
                }
                exchange.breakOff();
                return null;
              });
      try (Scope scope = exchange.open()) {
        sent.countDown();
        model.chat("hello", handler);
      }
      breaker.get(20, TimeUnit.SECONDS);
      handlers.add(handler);
    }

    await().until(() -> handlers.stream().allMatch(handler -> ends(handler) > 0));
    assertThat(handlers)
        .allSatisfy(
            handler -> {
              assertThat(ends(handler)).isEqualTo(1);
              assertThat(handler.calls().get(handler.calls().size() - 1))
                  .matches("(error|complete):.*");
            });
    assertThat(seen.ended()).hasSize(30);
    assertThat(ops.faults()).isZero();
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void manyCalls_leaveNothingBehind() {
    serve((number, client) -> client.answer(200, "", JSON));
    ChatModel model = ops.wrap(chatModel(0));
    ProviderExchange exchange = ProviderExchange.create();
    model.chat("warm");
    int threads = Thread.activeCount();

    try (Scope scope = exchange.open();
        Scope deadline = Deadline.after(Duration.ofDays(1), clock).open()) {
      for (int i = 0; i < 200; i++) {
        model.chat("hello");
      }
    }

    assertThat(exchange.answers()).isEqualTo(200);
    assertThat(exchange.toString()).isEqualTo("ProviderExchange{200, 0 to break off}");
    assertThat(clock.pendingTimers()).isZero();
    assertThat(server().connections()).isEqualTo(1);
    assertThat(Thread.activeCount()).isLessThan(threads + 20);
  }

  @Test
  void failures_areWhatTheyAreWithoutIt() throws Exception {
    serve((number, client) -> client.waitForLeave());
    ChatModel impatient =
        OpenAiChatModel.builder()
            .httpClientBuilder(AgentHttpClient.builder())
            .baseUrl(url())
            .apiKey("k")
            .timeout(Duration.ofMillis(100))
            .maxRetries(0)
            .build();

    assertThatThrownBy(() -> ops.wrap(impatient).chat("hello"))
        .isInstanceOf(TimeoutException.class);
    server().close();
    assertThatThrownBy(() -> ops.wrap(chatModel(0)).chat("hello"))
        .rootCause()
        .isInstanceOfAny(ConnectException.class, java.nio.channels.ClosedChannelException.class);
  }

  @Test
  void interrupt_endsTheRequest() throws Exception {
    serve((number, client) -> client.waitForLeave());
    Future<String> answer = pool.submit(() -> ops.wrap(chatModel(0)).chat("hello"));
    server().awaitArrival();

    answer.cancel(true);

    server().awaitLeave();
    awaitEnd();
    assertThat(outcome()).isEqualTo(CallStatus.ERROR);
  }

  @Test
  void builder_keepsWhatTheGivenClientHas() {
    serve((number, client) -> client.answer(200, "", JSON));
    AtomicInteger tasks = new AtomicInteger();
    HttpClient.Builder given =
        HttpClient.newBuilder()
            .executor(
                task -> {
                  tasks.incrementAndGet();
                  pool.execute(task);
                });
    ChatModel model =
        OpenAiChatModel.builder()
            .httpClientBuilder(AgentHttpClient.builder(given))
            .baseUrl(url())
            .apiKey("k")
            .build();

    assertThat(model.chat("no wrapped model")).isEqualTo("hi");
    int before = tasks.get();
    assertThat(ops.wrap(model).chat("hello")).isEqualTo("hi");

    assertThat(before).isPositive();
    assertThat(tasks.get()).isGreaterThan(before);
  }

  @Test
  void builder_withoutTheJdkClient_saysWhatIsMissing() throws Exception {
    assertThat(WithoutJars.call(Builds.class, "langchain4j-http-client-jdk"))
        .isEqualTo(
            "AgentHttpClient needs dev.langchain4j:langchain4j-http-client-jdk on the class path");
  }

  /** Asks for a client, and for the limits that need none. */
  public static final class Builds implements Callable<String> {

    @Override
    public String call() {
      ProviderLimits.of(200, java.util.Map.of());
      try {
        return AgentHttpClient.builder().toString();
      } catch (IllegalStateException e) {
        return e.getMessage();
      }
    }
  }

  private static void streamUntil(Point point, RawServer.Client client) throws Exception {
    if (point != Point.BEFORE_HEADERS) {
      client.beginStream("");
    }
    if (point == Point.MID_STREAM) {
      client.chunk(TOKEN);
    }
    client.waitForLeave();
  }

  private static void awaitTokens(Point point, RecordingHandler handler) {
    if (point == Point.MID_STREAM) {
      await().until(() -> !handler.calls().isEmpty());
    }
  }

  private static long ends(RecordingHandler handler) {
    return handler.calls().stream()
        .filter(call -> call.startsWith("error") || call.startsWith("complete"))
        .count();
  }

  private void awaitEnd() {
    await().until(() -> !seen.ended().isEmpty());
  }

  private CallStatus outcome() {
    return seen.ended().get(seen.ended().size() - 1).outcome().status();
  }

  private ProviderExchange exchange() {
    return ((ProviderCall) seen.ended().get(seen.ended().size() - 1).call()).exchange();
  }

  private ProviderLimits limits() {
    return ProviderLimits.of(exchange().status(), exchange().headers());
  }

  private ChatModel chatModel(int retries) {
    return OpenAiChatModel.builder()
        .httpClientBuilder(AgentHttpClient.builder())
        .baseUrl(url())
        .apiKey("k")
        .modelName("gpt-4")
        .maxRetries(retries)
        .build();
  }

  private StreamingChatModel streamingModel() {
    return OpenAiStreamingChatModel.builder()
        .httpClientBuilder(AgentHttpClient.builder())
        .baseUrl(url())
        .apiKey("k")
        .modelName("gpt-4")
        .build();
  }

  private void serve(RawServer.Script script) {
    server = new RawServer(script);
  }

  private String url() {
    return server().url();
  }

  private RawServer server() {
    return java.util.Objects.requireNonNull(server);
  }
}

package dev.agentops.resilience;

import static dev.agentops.resilience.StubProvider.chunksThenCut;
import static dev.agentops.resilience.StubProvider.chunksThenHang;
import static dev.agentops.resilience.StubProvider.hang;
import static dev.agentops.resilience.StubProvider.saying;
import static dev.agentops.resilience.StubProvider.status;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.TestClock;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.ResilienceEvent;
import dev.agentops.http.AgentHttpClient;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.exception.AuthenticationException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import dev.langchain4j.model.openai.OpenAiStreamingChatModel;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** LangChain4j's own clients against a provider that fails over real sockets. */
@Timeout(60)
class RealSocketsTest {

  private static final Duration SHORT = Duration.ofMillis(300);

  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AgentOps ops = AgentOps.with().listener(events::add).build();
  private final TestClock clock = TestClock.create();
  private final Retry quick =
      Retry.builder().backoff(Duration.ofNanos(1), Duration.ofMillis(1)).build();

  @Test
  void retry_rateLimitedWithRetryAfter_waitsAsLongAsTheProviderSays() {
    try (StubProvider provider = StubProvider.of(status(429, "Retry-After: 7"), saying("hi"))) {
      ChatModel model = Retry.builder().clock(clock).build().wrap(chat(provider.url()));

      CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> model.chat("hello"));
      await().until(() -> clock.pendingTimers() == 1);
      clock.advance(Duration.ofMillis(6_999));
      assertThat(provider.requests()).hasSize(1);
      clock.advance(Duration.ofMillis(600));

      assertThat(answer.join()).isEqualTo("hi");
      assertThat(provider.requests()).hasSize(2);
      assertThat(resilience()).extracting(ResilienceEvent::reason).containsExactly("rate_limited");
      assertThat(calls())
          .extracting(call -> call.attributes().get(Retry.ATTEMPT))
          .containsExactly(1L, 2L);
    }
  }

  @Test
  void retry_longerRetryAfterThanAllowed_failsAtOnce() {
    try (StubProvider provider = StubProvider.of(status(429, "Retry-After: 3600"))) {
      ChatModel model = quick.wrap(chat(provider.url()));

      assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RateLimitException.class);
      assertThat(provider.requests()).hasSize(1);
    }
  }

  @Test
  void retry_serverErrors_areTriedAgainAndShownAsSuppressed() {
    try (StubProvider provider = StubProvider.of(status(500), status(503), status(401))) {
      ChatModel model = quick.wrap(chat(provider.url()));

      assertThatThrownBy(() -> model.chat("hello"))
          .isInstanceOf(AuthenticationException.class)
          .satisfies(error -> assertThat(error.getSuppressed()).hasSize(1))
          .satisfies(error -> assertThat(error.getSuppressed()[0].getSuppressed()).hasSize(1));
      assertThat(provider.requests()).hasSize(3);
      assertThat(calls()).extracting(ModelCallEvent::status).containsOnly(CallStatus.ERROR);
    }
  }

  @Test
  void fallback_connectionRefused_asksTheOther() {
    try (StubProvider other = StubProvider.of(saying("hi"))) {
      ChatModel model =
          Fallback.ofDefaults().wrap(chat(StubProvider.refusingUrl()), chat(other.url()));

      assertThat(model.chat("hello")).isEqualTo("hi");
      assertThat(resilience()).extracting(ResilienceEvent::reason).containsExactly("connection");
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void timeouts_providerHangs_callerReturnsAndProviderSeesTheEnd(boolean breakable) {
    try (StubProvider provider = StubProvider.of(hang())) {
      OpenAiChatModel.OpenAiChatModelBuilder builder = builder(provider.url());
      if (!breakable) {
        builder.httpClientBuilder(null); // LangChain4j's own, which is interrupted
      }
      ChatModel model = Timeouts.total(SHORT).wrap(ops.wrap(builder.build()));

      assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(CallTimeoutException.class);
      await().until(() -> provider.disconnects() == 1);
      await().until(() -> calls().size() == 1);
      assertThat(calls().get(0).status()).isEqualTo(CallStatus.ERROR);
    }
  }

  @Test
  void stream_rateLimited_isTriedAgainOnce() {
    try (StubProvider provider = StubProvider.of(status(429), saying("hi there"))) {
      RecordingHandler handler = stream(quick.wrap(streaming(provider.url())));

      await().until(() -> handler.calls().contains("complete:hi there"));
      assertThat(parts(handler))
          .containsExactly("text+ctx:hi ", "text+ctx:there", "complete:hi there");
      assertThat(calls())
          .extracting(ModelCallEvent::status)
          .containsExactly(CallStatus.ERROR, CallStatus.OK);
    }
  }

  @Test
  void stream_hangsBeforeHeaders_isBrokenOffAndFallsBack() {
    try (StubProvider hanging = StubProvider.of(hang());
        StubProvider other = StubProvider.of(saying("hi"))) {
      Resilience resilience =
          Resilience.builder().timeouts(Timeouts.builder().firstChunk(SHORT).build()).build();

      RecordingHandler handler =
          stream(resilience.wrap(streaming(hanging.url()), streaming(other.url())));

      await().until(() -> handler.calls().contains("complete:hi"));
      assertThat(parts(handler)).containsExactly("text+ctx:hi", "complete:hi");
      await().until(() -> hanging.disconnects() == 1);
      assertThat(calls()).hasSize(2);
    }
  }

  @Test
  void stream_hangsAfterChunks_failsOnceAndIsNotRepeated() {
    try (StubProvider provider = StubProvider.of(chunksThenHang("a", "b"))) {
      Resilience resilience =
          Resilience.builder()
              .timeouts(Timeouts.builder().betweenChunks(SHORT).build())
              .retry(quick)
              .build();

      RecordingHandler handler =
          stream(resilience.wrap(streaming(provider.url()), streaming(provider.url())));

      await().until(() -> handler.error() != null);
      await().until(() -> provider.disconnects() == 1);
      assertThat(handler.error()).isInstanceOf(CallTimeoutException.class);
      assertThat(handler.calls()).hasSize(3).startsWith("text+ctx:a", "text+ctx:b");
      assertThat(provider.requests()).hasSize(1);
    }
  }

  @Test
  void stream_cutAfterChunks_failsOnceAndIsNotRepeated() {
    try (StubProvider provider = StubProvider.of(chunksThenCut("a"))) {
      RecordingHandler handler = stream(quick.wrap(streaming(provider.url())));

      await().until(() -> handler.error() != null);
      assertThat(handler.calls()).hasSize(2).startsWith("text+ctx:a");
      assertThat(provider.requests()).hasSize(1);
      assertThat(ErrorKind.of(handler.error())).isEqualTo(ErrorKind.CONNECTION);
    }
  }

  @Test
  void deadline_overAll_endsRetriesOfAHangingProvider() {
    try (StubProvider provider = StubProvider.of(hang())) {
      Resilience resilience =
          Resilience.builder().deadline(SHORT).timeout(Duration.ofMillis(200)).retry(quick).build();
      ChatModel model = resilience.wrap(chat(provider.url()), chat(provider.url()));

      assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(CallTimeoutException.class);
      await().until(() -> provider.disconnects() == provider.requests().size());
      assertThat(provider.requests()).hasSizeLessThanOrEqualTo(2);
    }
  }

  @Test
  void hedge_firstHangs_secondAnswersAndFirstIsBrokenOff() {
    try (StubProvider provider = StubProvider.of(hang(), saying("hi"))) {
      ChatModel model = Hedge.after(SHORT).wrap(chat(provider.url()));

      assertThat(model.chat("hello")).isEqualTo("hi");
      await().until(() -> provider.disconnects() == 1);
      await().until(() -> calls().size() == 2);
      assertThat(calls())
          .extracting(ModelCallEvent::status)
          .containsExactlyInAnyOrder(CallStatus.OK, CallStatus.CANCELLED);
    }
  }

  @Test
  void loadBalancer_rateLimited_goesOnElsewhereUntilRetryAfter() {
    try (StubProvider limited = StubProvider.of(status(429, "Retry-After: 30"), saying("a"));
        StubProvider other = StubProvider.of(saying("b"))) {
      ChatModel model =
          LoadBalancer.builder()
              .choice(LoadBalancer.Choice.ROUND_ROBIN)
              .clock(clock)
              .build()
              .wrap(chat(limited.url()), chat(other.url()));

      assertThat(Stream.generate(() -> model.chat("hello")).limit(4)).containsOnly("b");
      assertThat(limited.requests()).hasSize(1);
      clock.advance(Duration.ofSeconds(30));
      assertThat(Stream.generate(() -> model.chat("hello")).limit(2)).contains("a");
    }
  }

  private static List<String> parts(RecordingHandler handler) {
    return handler.calls().stream().filter(call -> !call.startsWith("raw:")).toList();
  }

  private RecordingHandler stream(StreamingChatModel model) {
    RecordingHandler handler = new RecordingHandler();
    model.chat("hello", handler);
    return handler;
  }

  private ChatModel chat(String url) {
    return ops.wrap(builder(url).build());
  }

  private static OpenAiChatModel.OpenAiChatModelBuilder builder(String url) {
    return OpenAiChatModel.builder()
        .baseUrl(url)
        .modelName("gpt-4o")
        .maxRetries(0)
        .httpClientBuilder(AgentHttpClient.builder());
  }

  private StreamingChatModel streaming(String url) {
    return ops.wrap(
        OpenAiStreamingChatModel.builder()
            .baseUrl(url)
            .modelName("gpt-4o")
            .httpClientBuilder(AgentHttpClient.builder())
            .build());
  }

  private List<ModelCallEvent> calls() {
    return events.stream()
        .filter(ModelCallEvent.class::isInstance)
        .map(ModelCallEvent.class::cast)
        .toList();
  }

  private List<ResilienceEvent> resilience() {
    return events.stream()
        .filter(ResilienceEvent.class::isInstance)
        .map(ResilienceEvent.class::cast)
        .toList();
  }
}

package dev.agentops.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.CallRejectedException;
import dev.agentops.ChatInterceptor;
import dev.agentops.ModelCall;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.RateLimitEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import dev.agentops.Deadline;
import dev.agentops.ProviderExchange;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.Response;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class LimitInterceptorsTest {

  private final TestClock clock = TestClock.create();
  private static final EmbeddingModel EMBEDDINGS =
      new EmbeddingModel() {
        @Override
        public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
          return Response.from(
              segments.stream().map(segment -> Embedding.from(new float[] {1})).toList());
        }
      };

  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();

  @Test
  void rateLimit_perUser_refusesWithAnEvent() {
    RateLimiter limiter =
        RateLimiter.builder().name("chat").requestsPerMinute(1).clock(clock).build();
    AgentOps ops =
        AgentOps.with(RateLimitInterceptor.of(limiter)).listener(events::add).clock(clock).build();
    ChatModel model = ops.wrap(FakeChatModel.saying("hi"));

    try (Scope alice = ops.scope(Attributes.of("user.id", "alice"))) {
      model.chat("one");
      assertThatThrownBy(() -> model.chat("two"))
          .isInstanceOfSatisfying(
              RateLimitExceededException.class,
              refused -> {
                assertThat(refused.limiter()).isEqualTo("chat");
                assertThat(refused.key()).isEqualTo("alice");
                assertThat(refused.retryAfter()).isEqualTo(Duration.ofMinutes(1));
              });
    }
    model.chat("someone else");

    assertThat(events).filteredOn(RateLimitEvent.class::isInstance).hasSize(1);
  }

  @Test
  void rateLimit_callThatNeverReachedTheModel_isGivenBack() {
    RateLimiter limiter = RateLimiter.builder().requestsPerMinute(1).clock(clock).build();
    boolean[] refuse = {true};
    ChatInterceptor inner =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            if (refuse[0]) {
              throw new CallRejectedException("budget");
            }
            return null;
          }
        };
    ChatModel model =
        AgentOps.with(RateLimitInterceptor.of(limiter), inner)
            .build()
            .wrap(FakeChatModel.saying("hi"));

    assertThatThrownBy(() -> model.chat("x")).hasMessage("budget");
    refuse[0] = false;

    assertThat(model.chat("x")).isEqualTo("hi");
  }

  @Test
  void rateLimit_tokens_areSettledByTheProvidersNumbers() {
    RateLimiter limiter = RateLimiter.builder().tokensPerMinute(100).clock(clock).build();
    ChatModel model =
        AgentOps.with(RateLimitInterceptor.of(limiter))
            .build()
            .wrap(FakeChatModel.saying("15 tokens in all"));
    ChatRequest request =
        ChatRequest.builder().messages(UserMessage.from("hi")).maxOutputTokens(90).build();

    model.chat(request); // reserves 95, uses 15

    assertThat(limiter.tryAcquire("anonymous", 86)).isFalse();
    assertThat(limiter.tryAcquire("anonymous", 85)).isTrue();
    assertThatThrownBy(() -> model.chat("hi")).isInstanceOf(RateLimitExceededException.class);
  }

  @Test
  void concurrency_stream_holdsItsPermitUntilItEnds() {
    ConcurrencyLimiter limiter = ConcurrencyLimiter.of(1);
    FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
    AgentOps ops =
        AgentOps.with(ConcurrencyInterceptor.of(limiter, Duration.ZERO)).clock(clock).build();
    RecordingHandler second = new RecordingHandler();

    ops.wrap(model).chat("one", new RecordingHandler());
    assertThat(limiter.inUse()).isEqualTo(1);
    ops.wrap(model).chat("two", second);
    assertThat(second.error()).isInstanceOf(ConcurrencyLimitExceededException.class);

    model.handler().onCompleteResponse(FakeChatModel.response("done"));
    assertThat(limiter.inUse()).isZero();
  }

  @Test
  void concurrency_closedTwice_releasesOnce() throws Exception {
    ConcurrencyLimiter limiter = ConcurrencyLimiter.of(1);
    ConcurrencyLimiter.Permit permit = limiter.acquire();
    permit.close();
    permit.close();

    assertThat(limiter.tryAcquire()).isPresent();
    assertThat(limiter.tryAcquire()).isEmpty();
    assertThatThrownBy(() -> ConcurrencyLimiter.of(0)).hasMessageContaining("0");
  }

  @Test
  void rateLimit_keyOfNobody_isSharedByAllTheNameless() {
    RateLimiter limiter = RateLimiter.builder().requestsPerMinute(1).clock(clock).build();
    ChatModel model =
        AgentOps.with(
                RateLimitInterceptor.builder(limiter)
                    .key(call -> call.attributes().text("tenant"))
                    .build())
            .build()
            .wrap(FakeChatModel.saying("hi"));
    model.chat("one");

    assertThatThrownBy(() -> model.chat("two")).isInstanceOf(RateLimitExceededException.class);
  }

  @Test
  void rateLimit_callThatFailed_givesItsTokensBack() {
    RateLimiter limiter = RateLimiter.builder().tokensPerMinute(1_000).clock(clock).build();
    AgentOps ops = AgentOps.with(RateLimitInterceptor.of(limiter)).build();
    ChatModel failing = ops.wrap(FakeChatModel.throwing(new IllegalStateException("401")));

    assertThatThrownBy(
            () ->
                failing.chat(
                    ChatRequest.builder()
                        .messages(UserMessage.from("hi"))
                        .maxOutputTokens(Integer.MAX_VALUE)
                        .build()))
        .hasMessage("401");

    assertThat(limiter.tryAcquire("anonymous", 1_000)).isTrue();
  }

  @Test
  void concurrency_noPermitInTime_isToldWithTheLimitersName() {
    ConcurrencyLimiter limiter = ConcurrencyLimiter.of("gpu", 1);
    FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
    AgentOps ops =
        AgentOps.with(ConcurrencyInterceptor.of(limiter, Duration.ZERO))
            .listener(events::add)
            .clock(clock)
            .build();
    RecordingHandler second = new RecordingHandler();
    ops.wrap(model).chat("one", new RecordingHandler());
    ops.wrap(model).chat("two", second);

    assertThat(second.error())
        .isInstanceOfSatisfying(
            ConcurrencyLimitExceededException.class,
            refused -> assertThat(refused.limiter()).isEqualTo("gpu"));
    assertThat(events)
        .filteredOn(RateLimitEvent.class::isInstance)
        .extracting(event -> ((RateLimitEvent) event).limiter())
        .containsExactly("gpu");
  }

  @Test
  void concurrency_maxWaitForEver_waits() throws Exception {
    ConcurrencyLimiter limiter = ConcurrencyLimiter.of(1);

    try (ConcurrencyLimiter.Permit permit = limiter.acquire(ChronoUnit.FOREVER.getDuration())) {
      assertThat(limiter.inUse()).isEqualTo(1);
    }
  }

  @Test
  void rateLimit_outputOfManyCalls_isLearned() {
    RateLimiter limiter = RateLimiter.builder().tokensPerMinute(1_000).clock(clock).build();
    ChatModel model =
        AgentOps.with(RateLimitInterceptor.of(limiter)).build().wrap(FakeChatModel.saying("hi"));
    ChatRequest request =
        ChatRequest.builder().messages(UserMessage.from("hi")).maxOutputTokens(900).build();
    for (int i = 0; i < 20; i++) {
      model.chat(request); // reserves 905, uses 10 and 5
      clock.advance(Duration.ofMinutes(1));
    }

    limiter.tryAcquire("anonymous", 990);
    model.chat(request); // reserves 10

    assertThatThrownBy(() -> model.chat(request)).isInstanceOf(RateLimitExceededException.class);
  }

  @Test
  void rateLimit_cachedTokensThatDoNotCount_areGivenBack() {
    RateLimiter limiter = RateLimiter.builder().tokensPerMinute(1_000).clock(clock).build();
    ChatModel cachingProvider =
        FakeChatModel.answering(
            request ->
                ChatResponse.builder()
                    .aiMessage(AiMessage.from("hi"))
                    .tokenUsage(
                        OpenAiTokenUsage.builder()
                            .inputTokenCount(900)
                            .inputTokensDetails(
                                OpenAiTokenUsage.InputTokensDetails.builder()
                                    .cachedTokens(800)
                                    .build())
                            .outputTokenCount(50)
                            .totalTokenCount(950)
                            .build())
                    .build());
    AgentOps.with(RateLimitInterceptor.builder(limiter).cachedTokensCount(false).build())
        .build()
        .wrap(cachingProvider)
        .chat("hi");

    assertThat(limiter.tryAcquire("anonymous", 851)).isFalse();
    assertThat(limiter.tryAcquire("anonymous", 850)).isTrue();
  }

  @Test
  void rateLimit_twoLimitersInAChain_theInnerOneRefuses_theOuterOneGetsItsPartBack() {
    RateLimiter users = RateLimiter.builder().name("user").requestsPerMinute(2).clock(clock).build();
    RateLimiter account =
        RateLimiter.builder().name("account").requestsPerMinute(1).clock(clock).build();
    AgentOps ops =
        AgentOps.with(
                RateLimitInterceptor.of(users),
                RateLimitInterceptor.builder(account).key(ModelCall::provider).build())
            .listener(events::add)
            .clock(clock)
            .build();
    ChatModel model = ops.wrap(FakeChatModel.saying("hi"));

    try (Scope alice = ops.scope(Attributes.of("user.id", "alice"))) {
      model.chat("one");
      assertThatThrownBy(() -> model.chat("two")).hasMessageContaining("'account' of 'openai'");
    }

    assertThat(users.tryAcquire("alice")).isTrue();
    assertThat(users.tryAcquire("alice")).isFalse();
    assertThat(events)
        .filteredOn(RateLimitEvent.class::isInstance)
        .singleElement()
        .isInstanceOfSatisfying(
            RateLimitEvent.class,
            event -> {
              assertThat(event.type()).isEqualTo(RateLimitEvent.Type.REFUSED);
              assertThat(event.limit()).hasValue("1 requests per minute");
              assertThat(event.retryAfter()).isEqualTo(Duration.ofMinutes(1));
            });
  }

  @Test
  void rateLimit_wait_isToldAndEndsWithTheDeadline() throws Exception {
    RateLimiter limiter = RateLimiter.builder().requestsPerMinute(1).clock(clock).build();
    AgentOps ops =
        AgentOps.with(
                RateLimitInterceptor.builder(limiter).maxWait(Duration.ofMinutes(5)).build())
            .listener(events::add)
            .clock(clock)
            .build();
    ChatModel model = ops.wrap(FakeChatModel.saying("hi"));
    model.chat("one");

    try (Scope hurry = Deadline.after(Duration.ofSeconds(59), clock).open()) {
      assertThatThrownBy(() -> model.chat("two")).isInstanceOf(RateLimitExceededException.class);
    }
    assertThat(clock.pendingTimers()).isZero();
    Thread caller = new Thread(() -> model.chat("three"));
    caller.start();
    await().until(() -> clock.pendingTimers() > 0);
    clock.advance(Duration.ofMinutes(1));
    caller.join(10_000);

    assertThat(events)
        .filteredOn(RateLimitEvent.class::isInstance)
        .extracting(
            event -> ((RateLimitEvent) event).type(), event -> ((RateLimitEvent) event).waited())
        .containsExactly(
            tuple(RateLimitEvent.Type.REFUSED, Duration.ZERO),
            tuple(RateLimitEvent.Type.WAITED, Duration.ofMinutes(1)));
  }

  @Test
  void rateLimit_embeddings_onlyWhereAsked() {
    RateLimiter limiter = RateLimiter.builder().requestsPerMinute(1).clock(clock).build();
    EmbeddingModel free = AgentOps.with(RateLimitInterceptor.of(limiter)).build().wrap(EMBEDDINGS);
    free.embed("one");
    free.embed("two");
    EmbeddingModel limited =
        AgentOps.with(
                RateLimitInterceptor.builder(limiter)
                    .embeddings(call -> "vectors of " + call.modelName())
                    .build())
            .build()
            .wrap(EMBEDDINGS);

    limited.embed("one");
    assertThatThrownBy(() -> limited.embed("two"))
        .isInstanceOf(RateLimitExceededException.class)
        .hasMessageContaining("vectors of");
  }

  @Test
  void learnFromProvider_429WithoutHeaders_holdsTheKeyUpForTheBackOff() {
    RateLimiter account = RateLimiter.builder().requestsPerMinute(100).clock(clock).build();
    ChatModel model =
        AgentOps.with(
                RateLimitInterceptor.builder(account)
                    .key(ModelCall::provider)
                    .learnFromProvider()
                    .build())
            .build()
            .wrap(FakeChatModel.throwing(new RateLimitException("slow down")));

    assertThatThrownBy(() -> model.chat("one")).isInstanceOf(RateLimitException.class);

    assertThatThrownBy(() -> model.chat("two"))
        .isInstanceOfSatisfying(
            RateLimitExceededException.class,
            refused -> assertThat(refused.retryAfter()).isEqualTo(Duration.ofSeconds(2)));
    assertThat(account.tryAcquire("another provider")).isTrue();
    clock.advance(Duration.ofSeconds(2));
    assertThatThrownBy(() -> model.chat("three")).isInstanceOf(RateLimitException.class);
  }

  @Test
  void learnFromProvider_headers_areHeeded() {
    RateLimiter account = RateLimiter.builder().requestsPerMinute(100).clock(clock).build();
    RateLimiter ignorant = RateLimiter.builder().requestsPerMinute(100).clock(clock).build();
    ChatModel throttling =
        FakeChatModel.answering(
            request -> {
              ProviderExchange.current().answered(429, Map.of("Retry-After", List.of("30")));
              throw new RateLimitException("slow down");
            });
    AgentOps ops =
        AgentOps.with(
                RateLimitInterceptor.of(ignorant),
                RateLimitInterceptor.builder(account)
                    .key(ModelCall::provider)
                    .learnFromProvider()
                    .build())
            .build();

    assertThatThrownBy(() -> ops.wrap(throttling).chat("one"))
        .isInstanceOf(RateLimitException.class);

    assertThat(account.probe("openai").retryAfter()).isEqualTo(Duration.ofSeconds(30));
    assertThat(ignorant.probe("anonymous").allowed()).isTrue();
    clock.advance(Duration.ofMinutes(5));
    ChatModel nearTheEnd =
        FakeChatModel.answering(
            request -> {
              ProviderExchange.current()
                  .answered(
                      200,
                      Map.of(
                          "x-ratelimit-limit-requests", List.of("100"),
                          "x-ratelimit-remaining-requests", List.of("1"),
                          "x-ratelimit-reset-requests", List.of("1m0s")));
              return FakeChatModel.response("hi");
            });
    ops.wrap(nearTheEnd).chat("two");

    assertThat(account.tryAcquire("openai")).isTrue();
    assertThat(account.tryAcquire("openai")).isFalse();
  }

  @Test
  void builder_badValues_areRefusedWithTheValue() {
    RateLimitInterceptor.Builder builder =
        RateLimitInterceptor.builder(RateLimiter.builder().requestsPerMinute(1).build());

    assertThatThrownBy(() -> builder.outputEstimate(0)).hasMessageContaining("0.0");
    assertThatThrownBy(() -> builder.outputEstimate(1.1)).hasMessageContaining("1.1");
    assertThatThrownBy(() -> builder.outputEstimate(Double.NaN)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> builder.learnFromProvider(Duration.ZERO)).hasMessageContaining("PT0S");
    assertThatThrownBy(() -> builder.maxWait(Duration.ofSeconds(-1))).hasMessageContaining("PT-1S");
  }
}

package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.CallRejectedException;
import dev.agentops.ChatInterceptor;
import dev.agentops.Cost;
import dev.agentops.ModelCall;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.CacheEvent;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.http.client.SuccessfulHttpResponse;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.openai.OpenAiChatResponseMetadata;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class CachingInterceptorTest {

  private static final Attributes ALICE = Attributes.of("user.id", "alice");
  private static final Attributes BOB = Attributes.of("user.id", "bob");
  private static final Duration TTL = Duration.ofMinutes(10);

  private final TestClock clock = TestClock.create();
  private final ResponseCache cache =
      ResponseCache.builder().name("answers").maximumSize(100).timeToLive(TTL).clock(clock).build();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AgentOps ops = ops(cache);
  private final FakeModel fake = new FakeModel();
  private final ChatModel model = ops.wrap(fake);
  private final FakeStream fakeStream = new FakeStream();
  private final StreamingChatModel stream = ops.wrap(fakeStream);

  @Test
  void cacheToolCalls_equalRequests_getTheDecisionWithRequestsOfTheirOwn() {
    ChatResponse decision =
        answer("let me see")
            .aiMessage(
                AiMessage.from(
                    ToolExecutionRequest.builder().id("c1").name("add").arguments("{}").build()))
            .finishReason(FinishReason.TOOL_EXECUTION)
            .build();
    FakeModel deciding = new FakeModel();
    deciding.answers = () -> decision;
    try (ResponseCache keeping =
        ResponseCache.builder().maximumSize(10).cacheToolCalls().clock(clock).build()) {
      ChatModel keepingModel = ops(keeping).wrap(deciding);

      as(ALICE, () -> keepingModel.chat(ask("q")));
      ChatResponse first = as(ALICE, () -> keepingModel.chat(ask("q")));
      ChatResponse second = as(ALICE, () -> keepingModel.chat(ask("q")));

      assertThat(deciding.calls).isEqualTo(1);
      assertThat(first).isEqualTo(decision);
      assertThat(first.aiMessage().toolExecutionRequests().get(0))
          .isNotSameAs(second.aiMessage().toolExecutionRequests().get(0))
          .isEqualTo(second.aiMessage().toolExecutionRequests().get(0));
    }
  }

  @Test
  void sameQuestionTwice_secondIsAHit_equalInEverything() {
    ChatRequest request = ask("q");
    ChatResponse first = as(ALICE, () -> model.chat(request));
    ChatResponse second = as(ALICE, () -> model.chat(ask("q")));
    assertThat(fake.calls).isEqualTo(1);
    assertThat(second).isEqualTo(first);
    assertThat(second.id()).isEqualTo("id-1");
    assertThat(second.modelName()).isEqualTo("gpt-4-0613");
    assertThat(second.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(second.tokenUsage()).isEqualTo(new TokenUsage(3, 4));
    assertThat(cacheEvents()).containsExactly(CacheEvent.Type.MISS, CacheEvent.Type.HIT);
    ModelCallEvent hit = modelCalls().get(1);
    assertThat(hit.cached()).isTrue();
    assertThat(hit.cost()).hasValue(Cost.ZERO);
    assertThat(hit.usage()).isEmpty();
    assertThat(modelCalls().get(0).cached()).isFalse();
    assertThat(cache.stats().hitCount()).isEqualTo(1);
    assertThat(cache.stats().missCount()).isEqualTo(1);
  }

  @Test
  void hit_hasNothingOfTheFirstCallsHttp_alsoWhereItLiesHere() {
    SuccessfulHttpResponse http =
        SuccessfulHttpResponse.builder()
            .statusCode(200)
            .headers(Map.of("set-cookie", List.of("session=alice")))
            .body("{}")
            .build();
    fake.answers =
        () ->
            ChatResponse.builder()
                .aiMessage(AiMessage.from("a"))
                .metadata(
                    OpenAiChatResponseMetadata.builder()
                        .id("id-1")
                        .modelName("gpt-4-0613")
                        .finishReason(FinishReason.STOP)
                        .rawHttpResponse(http)
                        .build())
                .build();
    assertThat(as(ALICE, () -> model.chat(ask("q"))).metadata())
        .isInstanceOf(OpenAiChatResponseMetadata.class);
    ChatResponse hit = as(ALICE, () -> model.chat(ask("q")));
    assertThat(fake.calls).isEqualTo(1);
    assertThat(hit.metadata().getClass()).isEqualTo(ChatResponseMetadata.class);
    assertThat(hit.id()).isEqualTo("id-1");
    assertThat(hit.modelName()).isEqualTo("gpt-4-0613");
    assertThat(hit.finishReason()).isEqualTo(FinishReason.STOP);
  }

  @Test
  void maximumBytes_countsAttributesOfTheAnswer() {
    try (ResponseCache small = ResponseCache.builder().maximumBytes(100_000).clock(clock).build()) {
      ChatModel bounded = ops(small).wrap(fake);
      fake.answers =
          () ->
              answer("a")
                  .aiMessage(
                      AiMessage.builder()
                          .text("a")
                          .attributes(Map.of("image", List.of("i".repeat(100_000))))
                          .build())
                  .build();
      as(ALICE, () -> bounded.chat(ask("q")));
      await().untilAsserted(() -> assertThat(small.stats().size()).isZero());
    }
  }

  @Test
  void cacheEvent_saysWhatAndWhose() {
    as(ALICE, () -> model.chat(ask("q")));
    CacheEvent event = (CacheEvent) events.get(0);
    assertThat(event.timestamp()).isEqualTo(clock.now());
    assertThat(event.cache()).isEqualTo("answers");
    assertThat(event.type()).isEqualTo(CacheEvent.Type.MISS);
    assertThat(event.attributes()).isEqualTo(ALICE);
    assertThat(event.level()).isEmpty();
    assertThat(event.age()).isEmpty();
    assertThat(event.savedCost()).isEmpty();
    assertThat(event.savedTime()).isEmpty();
  }

  @Test
  void timeOver_askedAgain() {
    as(ALICE, () -> model.chat(ask("q")));
    clock.advance(TTL.minusNanos(1));
    as(ALICE, () -> model.chat(ask("q")));
    assertThat(fake.calls).isEqualTo(1);
    clock.advance(Duration.ofNanos(1));
    as(ALICE, () -> model.chat(ask("q")));
    assertThat(fake.calls).isEqualTo(2);
  }

  @Test
  void anotherUser_neverGetsIt() {
    as(ALICE, () -> model.chat(ask("q")));
    as(BOB, () -> model.chat(ask("q")));
    as(ALICE.with("tenant", "acme"), () -> model.chat(ask("q")));
    assertThat(fake.calls).isEqualTo(3);
    assertThat(cacheEvents()).containsOnly(CacheEvent.Type.MISS);
  }

  @Test
  void anotherSession_ofTheSameUser_isAHit() {
    as(ALICE.with("session.id", "1"), () -> model.chat(ask("q")));
    as(ALICE.with("session.id", "2"), () -> model.chat(ask("q")));
    assertThat(fake.calls).isEqualTo(1);
  }

  @Test
  void noUser_bypass() {
    model.chat(ask("q"));
    model.chat(ask("q"));
    assertThat(fake.calls).isEqualTo(2);
    assertThat(cacheEvents()).containsExactly(CacheEvent.Type.BYPASS, CacheEvent.Type.BYPASS);
    assertThat(cache.stats().requestCount()).isZero();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \t"})
  void blankUser_isNoUser_bypass(String blank) {
    as(Attributes.of("user.id", blank), () -> model.chat(ask("q")));
    as(Attributes.of("user.id", blank), () -> model.chat(ask("q")));
    assertThat(fake.calls).isEqualTo(2);
    assertThat(cacheEvents()).containsExactly(CacheEvent.Type.BYPASS, CacheEvent.Type.BYPASS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " \t"})
  void blankTenant_isNoTenant(String blank) {
    as(ALICE, () -> model.chat(ask("q")));
    as(ALICE.with("tenant", blank), () -> model.chat(ask("q")));
    assertThat(fake.calls).isEqualTo(1);
  }

  @Test
  void noModelName_bypass() {
    ChatModel nameless =
        ops.wrap(
            new ChatModel() {
              @Override
              public ChatResponse doChat(ChatRequest request) {
                return answer("who?").build();
              }
            });
    as(ALICE, () -> nameless.chat(ask("q")));
    assertThat(cacheEvents()).containsExactly(CacheEvent.Type.BYPASS);
  }

  @Test
  void shared_usersOfATenantShare() {
    AgentOps shared = ops(ResponseCache.builder().shared().clock(clock).build());
    ChatModel model = shared.wrap(fake);
    as(ALICE, () -> model.chat(ask("q")));
    as(BOB, () -> model.chat(ask("q")));
    model.chat(ask("q"));
    assertThat(fake.calls).isEqualTo(1);
    as(BOB.with("tenant", "acme"), () -> model.chat(ask("q")));
    assertThat(fake.calls).isEqualTo(2);
  }

  record Answer(String name, boolean kept, ChatResponse response) {

    @Override
    public String toString() {
      return name + (kept ? " is kept" : " is not kept");
    }
  }

  static Stream<Answer> answers() {
    ToolExecutionRequest tool =
        ToolExecutionRequest.builder().id("1").name("send").arguments("{}").build();
    return Stream.of(
        new Answer("STOP", true, answer("a").finishReason(FinishReason.STOP).build()),
        new Answer(
            "no reason", true, ChatResponse.builder().aiMessage(AiMessage.from("a")).build()),
        new Answer("LENGTH", false, answer("a").finishReason(FinishReason.LENGTH).build()),
        new Answer(
            "CONTENT_FILTER", false, answer("a").finishReason(FinishReason.CONTENT_FILTER).build()),
        new Answer("OTHER", false, answer("a").finishReason(FinishReason.OTHER).build()),
        new Answer(
            "TOOL_EXECUTION", false, answer("a").finishReason(FinishReason.TOOL_EXECUTION).build()),
        new Answer(
            "tool call that stopped",
            false,
            answer("a").aiMessage(AiMessage.from("a", List.of(tool))).build()),
        new Answer("empty", false, answer("").build()),
        new Answer("blank", false, answer(" \n").build()),
        new Answer(
            "thinking only",
            false,
            answer("").aiMessage(AiMessage.builder().thinking("hm").build()).build()));
  }

  @ParameterizedTest
  @MethodSource("answers")
  void answer_keptOrNot(Answer answer) {
    fake.answers = () -> answer.response;
    as(ALICE, () -> model.chat(ask("q")));
    as(ALICE, () -> model.chat(ask("q")));
    assertThat(fake.calls).isEqualTo(answer.kept ? 1 : 2);
  }

  @ParameterizedTest
  @MethodSource("answers")
  void streamedAnswer_keptOrNot(Answer answer) {
    fakeStream.script = handler -> handler.onCompleteResponse(answer.response);
    assertThat(as(ALICE, () -> streamed("q")).complete).isEqualTo(answer.response);
    assertThat(as(ALICE, () -> streamed("q")).complete).isEqualTo(answer.response);
    assertThat(fakeStream.calls).isEqualTo(answer.kept ? 1 : 2);
  }

  @Test
  void modelThrows_notKept() {
    for (Throwable failure : List.of(new IllegalStateException("503"), new AssertionError("x"))) {
      fake.answers =
          () -> {
            throw CachingInterceptorTest.<RuntimeException>sneak(failure);
          };
      assertThatThrownBy(() -> as(ALICE, () -> model.chat(ask("q")))).isSameAs(failure);
    }
    fake.answers = () -> answer("up").build();
    assertThat(as(ALICE, () -> model.chat(ask("q"))).aiMessage().text()).isEqualTo("up");
    assertThat(ops.faults()).isZero();
  }

  @Test
  void modelReturnsNull_notKept() {
    fake.answers = () -> null;
    as(ALICE, () -> model.chat(ask("q")));
    as(ALICE, () -> model.chat(ask("q")));
    assertThat(fake.calls).isEqualTo(2);
    assertThat(ops.faults()).isZero();
  }

  @Test
  void rejectedByAnInnerInterceptor_notKept() {
    ChatInterceptor refusing =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            throw new CallRejectedException("no");
          }
        };
    ChatModel refused = AgentOps.with(CachingInterceptor.of(cache), refusing).build().wrap(fake);
    assertThatThrownBy(() -> as(ALICE, () -> refused.chat(ask("q"))))
        .isInstanceOf(CallRejectedException.class);
    as(ALICE, () -> model.chat(ask("q")));
    assertThat(fake.calls).isEqualTo(1);
  }

  @Test
  void answeredByAnInnerInterceptor_notKept() {
    ChatInterceptor answering =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            return answer("made up").build();
          }
        };
    ChatModel answered = AgentOps.with(CachingInterceptor.of(cache), answering).build().wrap(fake);
    as(ALICE, () -> answered.chat(ask("q")));
    as(ALICE, () -> answered.chat(ask("q")));
    assertThat(cache.stats().hitCount()).isZero();
    assertThat(cache.stats().size()).isZero();
  }

  @Test
  void stream_hitIsReplayed_alsoFromAnAnswerInOnePiece() {
    Heard live = as(ALICE, () -> streamed("q"));
    assertThat(live.partials).containsExactly("Hel", "lo");
    Heard replayed = as(ALICE, () -> streamed("q"));
    assertThat(replayed.partials).containsExactly("Hel", "lo");
    assertThat(replayed.complete).isEqualTo(live.complete);
    assertThat(as(ALICE, () -> model.chat(ask("q")))).isEqualTo(live.complete);
    assertThat(fakeStream.calls).isEqualTo(1);
    assertThat(fake.calls).isZero();
    as(ALICE, () -> model.chat(ask("p")));
    assertThat(as(ALICE, () -> streamed("p")).partials).containsExactly("answer 1");
    assertThat(cacheEvents())
        .containsExactly(
            CacheEvent.Type.MISS,
            CacheEvent.Type.HIT,
            CacheEvent.Type.HIT,
            CacheEvent.Type.MISS,
            CacheEvent.Type.HIT);
  }

  @Test
  void streamBreaks_notKept() {
    fakeStream.script =
        handler -> {
          handler.onPartialResponse("Hel");
          handler.onError(new IllegalStateException("cut"));
        };
    assertThat(as(ALICE, () -> streamed("q")).error).hasMessage("cut");
    fakeStream.script = FakeStream.HELLO;
    assertThat(as(ALICE, () -> streamed("q")).complete.aiMessage().text()).isEqualTo("Hello");
    assertThat(fakeStream.calls).isEqualTo(2);
  }

  @Test
  void streamCancelled_notKept_evenIfItCompletes() {
    FakeStreamingChatModel.Handle providers = new FakeStreamingChatModel.Handle();
    fakeStream.script =
        handler -> {
          handler.onPartialResponse(
              new PartialResponse("Hel"), new PartialResponseContext(providers));
          handler.onCompleteResponse(answer("Hel").build());
        };
    as(
        ALICE,
        () -> {
          stream.chat(
              ask("q"),
              new Heard() {
                @Override
                public void onPartialResponse(
                    PartialResponse part, PartialResponseContext context) {
                  context.streamingHandle().cancel();
                }
              });
          return null;
        });
    assertThat(modelCalls().get(0).status()).isEqualTo(CallStatus.CANCELLED);
    assertThat(cache.stats().size()).isZero();
  }

  @Test
  void streamFallsSilent_notKept() {
    fakeStream.script = handler -> handler.onPartialResponse("Hel");
    as(ALICE, () -> streamed("q"));
    clock.advance(Duration.ofMinutes(5));
    await().until(() -> !modelCalls().isEmpty()); // a thread of its own ends the call
    assertThat(modelCalls().get(0).status()).isEqualTo(CallStatus.ERROR);
    assertThat(cache.stats().size()).isZero();
  }

  @Test
  void invalidateAll_duringACall_itsAnswerIsNotKept() {
    fake.answers =
        () -> {
          cache.invalidateAll();
          return answer("old").build();
        };
    as(ALICE, () -> model.chat(ask("q")));
    assertThat(cache.stats().size()).isZero();
  }

  @Test
  void invalidateAll_forgets() {
    as(ALICE, () -> model.chat(ask("q")));
    cache.invalidateAll();
    as(ALICE, () -> model.chat(ask("q")));
    assertThat(fake.calls).isEqualTo(2);
  }

  @Test
  void moreThanMaximum_boundedAndCounted() {
    for (int i = 0; i < 150; i++) {
      int n = i;
      as(ALICE, () -> model.chat(ask("q" + n)));
    }
    assertThat(cache.stats().size()).isEqualTo(100);
    assertThat(cache.stats().evictionCount()).isEqualTo(50);
  }

  @Test
  void builder_badValues_quoted() {
    ResponseCache.Builder builder = ResponseCache.builder();
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maximumSize(-5))
        .withMessage("maximumSize must be positive: -5");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.timeToLive(Duration.ZERO))
        .withMessage("timeToLive must be positive: PT0S");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.name(" "));
  }

  private AgentOps ops(ResponseCache cache) {
    return AgentOps.with(CachingInterceptor.of(cache)).listener(events::add).clock(clock).build();
  }

  private <T> T as(Attributes scope, Supplier<T> action) {
    try (Scope ignored = ops.scope(scope)) {
      return action.get();
    }
  }

  private Heard streamed(String question) {
    Heard heard = new Heard();
    stream.chat(ask(question), heard);
    return heard;
  }

  private List<CacheEvent.Type> cacheEvents() {
    return events.stream()
        .filter(CacheEvent.class::isInstance)
        .map(event -> ((CacheEvent) event).type())
        .toList();
  }

  private List<ModelCallEvent> modelCalls() {
    return events.stream()
        .filter(ModelCallEvent.class::isInstance)
        .map(ModelCallEvent.class::cast)
        .toList();
  }

  private static ChatRequest ask(String question) {
    return ChatRequest.builder().messages(UserMessage.from(question)).build();
  }

  private static ChatResponse.Builder answer(String text) {
    return ChatResponse.builder()
        .aiMessage(AiMessage.from(text))
        .id("id-1")
        .modelName("gpt-4-0613")
        .tokenUsage(new TokenUsage(3, 4))
        .finishReason(FinishReason.STOP);
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X sneak(Throwable failure) throws X {
    throw (X) failure;
  }

  private static final class FakeModel implements ChatModel {

    private int calls;
    private Supplier<ChatResponse> answers = () -> answer("answer " + calls).build();

    @Override
    public ChatResponse doChat(ChatRequest request) {
      calls++;
      return answers.get();
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
      return ChatRequestParameters.builder().modelName("gpt-4").build();
    }
  }

  private static final class FakeStream implements StreamingChatModel {

    private static final java.util.function.Consumer<StreamingChatResponseHandler> HELLO =
        handler -> {
          handler.onPartialResponse("Hel");
          handler.onPartialResponse("lo");
          handler.onCompleteResponse(answer("Hello").build());
        };

    private int calls;
    private java.util.function.Consumer<StreamingChatResponseHandler> script = HELLO;

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
      calls++;
      script.accept(handler);
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
      return ChatRequestParameters.builder().modelName("gpt-4").build();
    }
  }

  private static class Heard implements StreamingChatResponseHandler {

    private final List<String> partials = new ArrayList<>();
    private ChatResponse complete;
    private Throwable error;

    @Override
    public void onPartialResponse(String partial) {
      partials.add(partial);
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      complete = response;
    }

    @Override
    public void onError(Throwable error) {
      this.error = error;
    }
  }
}

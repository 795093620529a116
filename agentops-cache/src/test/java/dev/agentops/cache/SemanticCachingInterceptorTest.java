package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.CacheEvent;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ImageContent;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SemanticCachingInterceptorTest {

  private static final Attributes ALICE = Attributes.of("user.id", "alice");

  private final TestClock clock = TestClock.create();
  private final FakeJudgement judgement = new FakeJudgement();
  private final SemanticCache<ChatResponse> cache = cache(from -> from);
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final FakeModel fake = new FakeModel();
  private final ChatModel model = ops(SemanticCachingInterceptor.of(cache)).wrap((ChatModel) fake);

  @AfterEach
  void close() {
    cache.close();
  }

  @Test
  void sameMeaning_isAHit_thatCostsNothing() {
    ChatResponse first = as(ALICE, () -> model.chat(ask("at 0")));
    clock.advance(Duration.ofSeconds(3));
    ChatResponse second = as(ALICE, () -> model.chat(ask("at 1")));
    assertThat(fake.calls).isEqualTo(1);
    assertThat(second).isEqualTo(first);
    assertThat(cacheEvents()).containsExactly(CacheEvent.Type.MISS, CacheEvent.Type.HIT);
    CacheEvent hit =
        events.stream()
            .filter(CacheEvent.class::isInstance)
            .map(CacheEvent.class::cast)
            .reduce((one, other) -> other)
            .orElseThrow();
    assertThat(hit.cache()).isEqualTo("semantic");
    assertThat(hit.age()).hasValue(Duration.ofSeconds(3));
    assertThat(hit.attributes()).isEqualTo(ALICE);
    List<ModelCallEvent> calls =
        events.stream()
            .filter(ModelCallEvent.class::isInstance)
            .map(ModelCallEvent.class::cast)
            .toList();
    assertThat(calls).extracting(ModelCallEvent::cached).containsExactly(false, true);
    assertThat(calls.get(1).cost()).hasValue(Cost.ZERO);
  }

  @Test
  void hit_tellsWhatItSaved() {
    SemanticCachingInterceptor interceptor = SemanticCachingInterceptor.of(cache);
    fake.answers =
        () -> {
          clock.advance(Duration.ofSeconds(2));
          return answer("slow").build();
        };
    ChatModel slow =
        AgentOps.with(interceptor)
            .listener(events::add)
            .clock(clock)
            .build()
            .wrap((ChatModel) fake);
    as(ALICE, () -> slow.chat(ask("at 0")));
    assertThat(interceptor.savings().answers()).isZero();
    as(ALICE, () -> slow.chat(ask("at 1")));
    assertThat(interceptor.savings().answers()).isEqualTo(1);
    assertThat(interceptor.savings().time()).isEqualTo(Duration.ofSeconds(2));
    assertThat(events)
        .filteredOn(CacheEvent.class::isInstance)
        .map(CacheEvent.class::cast)
        .last()
        .satisfies(hit -> assertThat(hit.savedTime()).hasValue(Duration.ofSeconds(2)));
  }

  @Test
  void anotherMeaning_asksTheModel() {
    as(ALICE, () -> model.chat(ask("at 0")));
    as(ALICE, () -> model.chat(ask("at 90")));
    as(ALICE, () -> model.chat(ask("not at 0")));
    assertThat(fake.calls).isEqualTo(3);
  }

  @Test
  void anotherUserOrTenant_neverGetsIt() {
    as(ALICE, () -> model.chat(ask("at 0")));
    as(Attributes.of("user.id", "bob"), () -> model.chat(ask("at 1")));
    as(ALICE.with("tenant", "acme"), () -> model.chat(ask("at 1")));
    assertThat(fake.calls).isEqualTo(3);
    as(ALICE.with("session.id", "another"), () -> model.chat(ask("at 1")));
    assertThat(fake.calls).isEqualTo(3);
  }

  @Test
  void noUser_bypass_unlessShared() {
    model.chat(ask("at 0"));
    model.chat(ask("at 0"));
    assertThat(fake.calls).isEqualTo(2);
    assertThat(cacheEvents()).containsOnly(CacheEvent.Type.BYPASS);
    try (SemanticCache<ChatResponse> shared = cache(SemanticCache.Builder::shared)) {
      ChatModel sharing = ops(SemanticCachingInterceptor.of(shared)).wrap((ChatModel) fake);
      as(ALICE, () -> sharing.chat(ask("at 0")));
      sharing.chat(ask("at 1"));
      assertThat(fake.calls).isEqualTo(3);
    }
  }

  record Other(String name, ChatRequest request) {

    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Other> otherContexts() {
    ToolSpecification tool = ToolSpecification.builder().name("add").build();
    return Stream.of(
        new Other("system message", request("at 1", SystemMessage.from("Be rude."))),
        new Other("model", plain("at 1").toBuilder().modelName("gpt-4o").build()),
        new Other("temperature", plain("at 1").toBuilder().temperature(0.3).build()),
        new Other("tools", plain("at 1").toBuilder().toolSpecifications(tool).build()),
        new Other(
            "name of the user",
            ChatRequest.builder()
                .messages(UserMessage.from("ann", "at 1"))
                .modelName("gpt-4")
                .build()));
  }

  @ParameterizedTest
  @MethodSource("otherContexts")
  void anythingElseDiffers_asksTheModel(Other other) {
    as(ALICE, () -> model.chat(ask("at 0")));
    as(ALICE, () -> model.chat(other.request));
    as(ALICE, () -> model.chat(other.request));
    assertThat(fake.calls).isEqualTo(2);
    assertThat(cacheEvents())
        .containsExactly(CacheEvent.Type.MISS, CacheEvent.Type.MISS, CacheEvent.Type.HIT);
  }

  static Stream<Other> uncacheable() {
    return Stream.of(
        new Other(
            "image",
            ChatRequest.builder()
                .messages(
                    UserMessage.from(
                        TextContent.from("at 0"), ImageContent.from("https://example.org/a.png")))
                .modelName("gpt-4")
                .build()),
        new Other(
            "tool result",
            request(
                null, UserMessage.from("at 0"), ToolExecutionResultMessage.from("1", "add", "3"))),
        new Other(
            "earlier turn", request("at 0", UserMessage.from("at 90"), AiMessage.from("hello"))));
  }

  @ParameterizedTest
  @MethodSource("uncacheable")
  void notOneQuestionInText_bypass(Other other) {
    as(ALICE, () -> model.chat(other.request));
    as(ALICE, () -> model.chat(other.request));
    assertThat(fake.calls).isEqualTo(2);
    assertThat(cacheEvents()).containsOnly(CacheEvent.Type.BYPASS);
  }

  @Test
  void withConversations_hitOnlyAfterEqualTurns() {
    ChatModel talking =
        ops(SemanticCachingInterceptor.of(cache).withConversations()).wrap((ChatModel) fake);
    ChatMessage[] france = {UserMessage.from("France?"), AiMessage.from("Paris")};
    ChatMessage[] italy = {UserMessage.from("Italy?"), AiMessage.from("Rome")};
    as(ALICE, () -> talking.chat(request("at 0", france)));
    as(ALICE, () -> talking.chat(request("at 1", italy)));
    assertThat(fake.calls).isEqualTo(2);
    as(ALICE, () -> talking.chat(request("at 1", france)));
    assertThat(fake.calls).isEqualTo(2);
  }

  static Stream<ChatResponse> notKept() {
    ToolExecutionRequest tool =
        ToolExecutionRequest.builder().id("1").name("send").arguments("{}").build();
    return Stream.of(
        answer("a").finishReason(FinishReason.LENGTH).build(),
        answer("a").finishReason(FinishReason.CONTENT_FILTER).build(),
        answer("a").finishReason(FinishReason.OTHER).build(),
        answer("a").aiMessage(AiMessage.from("a", List.of(tool))).build(),
        answer(" ").build());
  }

  @ParameterizedTest
  @MethodSource("notKept")
  void incompleteAnswer_notKept(ChatResponse response) {
    fake.answers = () -> response;
    as(ALICE, () -> model.chat(ask("at 0")));
    as(ALICE, () -> model.chat(ask("at 0")));
    assertThat(fake.calls).isEqualTo(2);
  }

  @Test
  void control_isUnderstood() {
    as(ALICE, () -> model.chat(ask("at 0")));
    Attributes refresh = ALICE.with(ResponseCache.CONTROL, "no-cache");
    as(refresh, () -> model.chat(ask("at 0")));
    as(ALICE.with(ResponseCache.CONTROL, "no-store"), () -> model.chat(ask("at 0")));
    assertThat(fake.calls).isEqualTo(3);
    assertThat(as(ALICE, () -> model.chat(ask("at 1"))).aiMessage().text()).isEqualTo("answer 2");
  }

  @Test
  void invalidatedWhileTheModelAnswers_notKept() {
    fake.answers =
        () -> {
          cache.invalidateAll();
          return answer("old").build();
        };
    as(ALICE, () -> model.chat(ask("at 0")));
    assertThat(cache.stats().size()).isZero();
  }

  @Test
  void behindAnExactCache_eachTellsWhatItHad() {
    try (ResponseCache exact =
        ResponseCache.builder().name("exact").maximumSize(10).clock(clock).build()) {
      ChatModel both =
          AgentOps.with(CachingInterceptor.of(exact), SemanticCachingInterceptor.of(cache))
              .listener(events::add)
              .build()
              .wrap((ChatModel) fake);
      as(ALICE, () -> both.chat(ask("at 0")));
      as(ALICE, () -> both.chat(ask("at 0")));
      as(ALICE, () -> both.chat(ask("at 1")));
      assertThat(fake.calls).isEqualTo(1);
      assertThat(events)
          .filteredOn(CacheEvent.class::isInstance)
          .map(CacheEvent.class::cast)
          .extracting(event -> event.cache() + " " + event.type())
          .containsExactly(
              "exact MISS", "semantic MISS", "exact HIT", "exact MISS", "semantic HIT");
      assertThat(exact.stats().size()).isEqualTo(1);
    }
  }

  @Test
  void stream_hitIsReplayed_andKept() {
    StreamingChatModel stream =
        ops(SemanticCachingInterceptor.of(cache)).wrap((StreamingChatModel) new FakeStream());
    Heard live = as(ALICE, () -> listen(stream, ask("at 0")));
    Heard replayed = as(ALICE, () -> listen(stream, ask("at 1")));
    assertThat(replayed.partials).containsExactly("Hel", "lo");
    assertThat(replayed.complete.join()).isEqualTo(live.complete.join());
    assertThat(as(ALICE, () -> model.chat(ask("at 2")))).isEqualTo(live.complete.join());
    assertThat(fake.calls).isZero();
    assertThat(cacheEvents())
        .containsExactly(CacheEvent.Type.MISS, CacheEvent.Type.HIT, CacheEvent.Type.HIT);
  }

  @Test
  void cache_answersAreTheSameWhereTheirTextsAre_andSurviveAStore() throws IOException {
    ChatResponse response = answer("a").finishReason(FinishReason.STOP).build();
    ChatResponseCodec codec = new ChatResponseCodec();
    ChatResponse back = codec.decode(codec.encode(response));
    KeptAnswer kept =
        new KeptAnswer(response, null, null, Cost.usd("0.5"), Duration.ofSeconds(3), clock.now());
    assertThat(KeptResponse.answer(codec.decode(codec.encode(new KeptResponse(kept)))))
        .returns(Cost.usd("0.5"), KeptAnswer::cost)
        .returns(Duration.ofSeconds(3), KeptAnswer::took);
    assertThat(back.aiMessage()).isEqualTo(response.aiMessage());
    assertThat(back.finishReason()).isEqualTo(FinishReason.STOP);
    assertThat(back.tokenUsage()).isEqualTo(response.tokenUsage());
    try (SemanticCache<ChatResponse> checked = cache(from -> from.shadowRate(1))) {
      checked.put("at 0", answer("a").id("1").build());
      checked.find("at 1");
      checked.put("at 1", answer(" a\n").id("2").build());
      await().until(() -> checked.stats().falseHitRate().checks() == 1);
      assertThat(checked.stats().falseHitRate().falseHits()).isZero();
    }
  }

  private SemanticCache<ChatResponse> cache(
      UnaryOperator<SemanticCache.Builder<ChatResponse>> with) {
    return with.apply(
            SemanticCachingInterceptor.cache().clock(clock).judgement(judgement, judgement))
        .build();
  }

  private AgentOps ops(SemanticCachingInterceptor interceptor) {
    return AgentOps.with(interceptor).listener(events::add).build();
  }

  private List<CacheEvent.Type> cacheEvents() {
    return events.stream()
        .filter(CacheEvent.class::isInstance)
        .map(event -> ((CacheEvent) event).type())
        .toList();
  }

  private static ChatRequest ask(String text) {
    return plain(text);
  }

  private static ChatRequest plain(String text) {
    return ChatRequest.builder().messages(UserMessage.from(text)).modelName("gpt-4").build();
  }

  private static ChatRequest request(String last, ChatMessage... earlier) {
    List<ChatMessage> messages = new ArrayList<>(List.of(earlier));
    if (last != null) {
      messages.add(UserMessage.from(last));
    }
    return ChatRequest.builder().messages(messages).modelName("gpt-4").build();
  }

  private static ChatResponse.Builder answer(String text) {
    return ChatResponse.builder()
        .aiMessage(AiMessage.from(text))
        .id("id")
        .modelName("gpt-4-0613")
        .tokenUsage(new TokenUsage(3, 4))
        .finishReason(FinishReason.STOP);
  }

  private static <T> T as(Attributes attributes, Supplier<T> action) {
    try (Scope scope = AgentOps.with().build().scope(attributes)) {
      assertThat(scope.isOpen()).isTrue();
      return action.get();
    }
  }

  private static Heard listen(StreamingChatModel stream, ChatRequest request) {
    Heard heard = new Heard();
    stream.chat(request, heard);
    heard.complete.join();
    return heard;
  }

  private static final class Heard implements StreamingChatResponseHandler {

    private final List<String> partials = new CopyOnWriteArrayList<>();
    private final CompletableFuture<ChatResponse> complete = new CompletableFuture<>();

    @Override
    public void onPartialResponse(String partial) {
      partials.add(partial);
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      complete.complete(response);
    }

    @Override
    public void onError(Throwable error) {
      complete.completeExceptionally(error);
    }
  }

  private static final class FakeModel implements ChatModel {

    private int calls;
    private Supplier<ChatResponse> answers = () -> answer("answer " + calls).build();

    @Override
    public ChatResponse doChat(ChatRequest request) {
      calls++;
      return answers.get();
    }
  }

  private static final class FakeStream implements StreamingChatModel {

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
      handler.onPartialResponse("Hel");
      handler.onPartialResponse("lo");
      handler.onCompleteResponse(answer("Hello").build());
    }
  }
}

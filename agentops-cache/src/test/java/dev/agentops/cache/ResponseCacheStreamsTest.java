package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.CallRejectedException;
import dev.agentops.ChatInterceptor;
import dev.agentops.Cost;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.CacheEvent;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.output.FinishReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResponseCacheStreamsTest {

  private static final Attributes ALICE = Attributes.of("user.id", "alice");
  private static final Cost PRICE = Cost.usd("0.06");

  private final TestClock clock = TestClock.create();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final FakeStreamingChatModel fake = FakeStreamingChatModel.drivenByHand();
  private final FakeStreamingChatModel.Handle upstream = new FakeStreamingChatModel.Handle();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private ResponseCache cache = ResponseCache.builder().clock(clock).build();

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  @Test
  void hit_isReplayedChunkByChunk_withThinkingAndToolCalls_alsoFromAStore() {
    InMemoryCacheStore store = new InMemoryCacheStore("shared", clock);
    cache = ResponseCache.builder().cacheToolCalls().remote(store).clock(clock).build();
    RecordingHandler live = ask();
    ToolExecutionRequest tool =
        ToolExecutionRequest.builder().id("c1").name("add").arguments("{\"a\":1}").build();
    fake.handler()
        .onPartialThinking(new PartialThinking("hm"), new PartialThinkingContext(upstream));
    fake.chunk("Let ", upstream);
    fake.chunk("me see", upstream);
    for (String part : List.of("{\"a\"", ":1}")) {
      fake.handler()
          .onPartialToolCall(
              PartialToolCall.builder()
                  .index(0)
                  .id("c1")
                  .name("add")
                  .partialArguments(part)
                  .build(),
              new PartialToolCallContext(upstream));
    }
    fake.handler().onCompleteToolCall(new CompleteToolCall(0, tool));
    AiMessage message =
        AiMessage.builder()
            .text("Let me see")
            .thinking("hm")
            .toolExecutionRequests(List.of(tool))
            .build();
    fake.handler().onCompleteResponse(FakeChatModel.response(message, FinishReason.TOOL_EXECUTION));

    assertThat(live.calls()).hasSize(7);
    assertThat(ask().calls()).isEqualTo(live.calls());
    cache = ResponseCache.builder().cacheToolCalls().remote(store).clock(clock).build();
    assertThat(ask().calls()).isEqualTo(live.calls());
    assertThat(fake.requests()).hasSize(1);
    assertThat(calls().get(2).cached()).isTrue();
  }

  @Test
  void replayPace_waitsBetweenChunks_andStopsWhenCancelled() {
    cache = ResponseCache.builder().replayPace(Duration.ofMillis(30)).clock(clock).build();
    ask();
    fake.chunk("a", upstream);
    fake.chunk("b", upstream);
    fake.chunk("c", upstream);
    fake.handler().onCompleteResponse(FakeChatModel.response("abc"));
    RecordingHandler replayed = ask();
    await().until(() -> replayed.calls().size() == 1 && clock.pendingTimers() == 2);
    clock.advance(Duration.ofMillis(29));
    assertThat(replayed.calls()).containsExactly("text+ctx:a");
    clock.advance(Duration.ofMillis(1));
    await().until(() -> replayed.calls().size() == 2 && clock.pendingTimers() == 2);
    replayed.handle().cancel();
    clock.advance(Duration.ofSeconds(5));
    assertThat(replayed.calls()).containsExactly("text+ctx:a", "text+ctx:b");
    assertThat(calls().get(1).status()).isEqualTo(CallStatus.CANCELLED);
    assertThat(calls().get(1).cost()).hasValue(Cost.ZERO);
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void equalStreams_shareOne_theOthersCountAsHits_andSaveWhatItCost() {
    RecordingHandler leader = ask();
    fake.chunk("Hel", upstream);
    RecordingHandler follower = ask();
    fake.chunk("lo", upstream);
    fake.handler().onCompleteResponse(FakeChatModel.response("Hello"));
    await().until(() -> follower.calls().equals(leader.calls()));

    assertThat(fake.requests()).hasSize(1);
    assertThat(types()).containsExactly(CacheEvent.Type.MISS, CacheEvent.Type.JOINED);
    ModelCallEvent joined = calls().get(1);
    assertThat(joined.cached()).isTrue();
    assertThat(joined.cost()).hasValue(Cost.ZERO);
    assertThat(joined.savedCost()).hasValue(PRICE);
    assertThat(joined.savedUsage().orElseThrow().inputTokens()).isEqualTo(10);
    assertThat(cache.savings().joined()).isEqualTo(1);
    assertThat(cache.savings().cost()).isEqualTo(PRICE);
    assertThat(ask().calls()).isEqualTo(leader.calls());
    assertThat(cache.savings().answers()).isEqualTo(2);
  }

  @Test
  void leaderCancelled_theAnswerIsKept_whereOthersWantedIt() {
    RecordingHandler leader = ask();
    fake.chunk("Hel", upstream);
    RecordingHandler follower = ask();
    leader.handle().cancel();
    fake.chunk("lo", upstream);
    fake.handler().onCompleteResponse(FakeChatModel.response("Hello"));
    await().until(() -> follower.calls().size() == 3);
    assertThat(ask().calls()).containsExactly("text+ctx:Hel", "text+ctx:lo", "complete:Hello");
    assertThat(fake.requests()).hasSize(1);
  }

  @Test
  void leaderCancelledAlone_isNotKept_theNextAsks() {
    RecordingHandler leader = ask();
    fake.chunk("Hel", upstream);
    leader.handle().cancel();
    assertThat(upstream.isCancelled()).isTrue();
    ask();
    assertThat(fake.requests()).hasSize(2);
    assertThat(cache.stats().size()).isZero();
  }

  @Test
  void invalidated_nobodyFollowsACallFromBefore() {
    ask();
    cache.invalidateUser("alice");
    RecordingHandler later = ask();
    assertThat(fake.requests()).hasSize(2);
    fake.chunk("new", upstream);
    assertThat(later.calls()).containsExactly("text+ctx:new");
  }

  @ParameterizedTest
  @EnumSource(FinishReason.class)
  void answerThatIsNotKept_isSharedByThoseWhoWait(FinishReason reason) {
    ask();
    RecordingHandler follower = ask();
    fake.handler().onCompleteResponse(FakeChatModel.response(AiMessage.from("a"), reason));
    await().until(() -> follower.calls().contains("complete:a"));
    ask();
    assertThat(fake.requests()).hasSize(reason == FinishReason.STOP ? 1 : 2);
  }

  @Test
  void hundredEqualCalls_blockingAndStreaming_askOnce() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    AgentOps ops = ops();
    ChatModel model =
        ops.wrap(
            FakeChatModel.answering(
                request -> {
                  asked.incrementAndGet();
                  awaitQuietly(answer);
                  return FakeChatModel.response("ok");
                }));
    List<CompletableFuture<String>> blocking = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      blocking.add(
          CompletableFuture.supplyAsync(
              () -> {
                try (Scope ignored = ops.scope(ALICE)) {
                  return model.chat("q");
                }
              },
              threads));
    }
    await().until(() -> asked.get() == 1);
    List<RecordingHandler> streams = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      streams.add(ask());
    }
    await().until(() -> cache.stats().missCount() == 100);
    answer.countDown();
    for (CompletableFuture<String> one : blocking) {
      assertThat(one.get()).isEqualTo("ok");
    }
    for (RecordingHandler one : streams) {
      await().until(() -> one.calls().contains("complete:ok"));
    }
    await().until(() -> calls().size() == 100);
    assertThat(asked).hasValue(1);
    assertThat(fake.requests()).isEmpty();
    assertThat(calls()).filteredOn(ModelCallEvent::cached).hasSize(99);
    assertThat(types()).filteredOn(CacheEvent.Type.MISS::equals).hasSize(1);
  }

  @Test
  void sharedCache_leadersLimitIsNotTheOthers() throws Exception {
    cache = ResponseCache.builder().shared().clock(clock).build();
    CountDownLatch refuse = new CountDownLatch(1);
    CountDownLatch refusing = new CountDownLatch(1);
    ChatInterceptor limit =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            if ("alice".equals(call.attributes().get("user.id"))) {
              refusing.countDown();
              awaitQuietly(refuse);
              throw new CallRejectedException("alice has used up hers");
            }
            return null;
          }
        };
    AgentOps ops =
        AgentOps.with(CachingInterceptor.of(cache), limit)
            .listener(events::add)
            .clock(clock)
            .build();
    FakeChatModel asked = FakeChatModel.saying("ok");
    ChatModel model = ops.wrap(asked);
    Map<String, Object> results = new ConcurrentHashMap<>();
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (String user : List.of("alice", "bob", "carol")) {
      all.add(
          CompletableFuture.runAsync(
              () -> {
                try (Scope ignored = ops.scope(Attributes.of("user.id", user))) {
                  results.put(user, model.chat("q"));
                } catch (CallRejectedException e) {
                  results.put(user, e.getMessage());
                }
              },
              threads));
      refusing.await(); // alice leads
    }
    await().until(() -> cache.stats().missCount() == 3);
    refuse.countDown();
    CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).get();
    assertThat(results)
        .containsEntry("alice", "alice has used up hers")
        .containsEntry("bob", "ok")
        .containsEntry("carol", "ok");
    assertThat(asked.requests()).hasSize(1);
    assertThat(calls()).hasSize(3);
    assertThat(types()).hasSize(3);
  }

  private RecordingHandler ask() {
    AgentOps ops = ops();
    RecordingHandler handler = new RecordingHandler();
    try (Scope ignored = ops.scope(ALICE)) {
      ops.wrap(fake).chat(ChatRequest.builder().messages(UserMessage.from("q")).build(), handler);
    }
    return handler;
  }

  private AgentOps ops() {
    ChatInterceptor pricing =
        new ChatInterceptor() {
          @Override
          public void after(ModelCall call, Outcome<ChatResponse> outcome) {
            call.recordCost(PRICE);
          }
        };
    return AgentOps.with(CachingInterceptor.of(cache), pricing)
        .listener(events::add)
        .clock(clock)
        .build();
  }

  private List<ModelCallEvent> calls() {
    return events.stream()
        .filter(ModelCallEvent.class::isInstance)
        .map(ModelCallEvent.class::cast)
        .toList();
  }

  private List<CacheEvent.Type> types() {
    return events.stream()
        .filter(CacheEvent.class::isInstance)
        .map(event -> ((CacheEvent) event).type())
        .toList();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}

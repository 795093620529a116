package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.agentops.testing.RecordingInterceptor;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FollowedCallsTest {

  private final TestClock clock = TestClock.create();
  private final List<ModelCallEvent> events = new CopyOnWriteArrayList<>();
  private final RecordingInterceptor outer = new RecordingInterceptor();
  private final Sharing sharing = new Sharing();
  private final RecordingInterceptor inner = new RecordingInterceptor();
  private final AgentOps ops = ops(inner);
  private final FakeStreamingChatModel fake = FakeStreamingChatModel.drivenByHand();
  private final StreamingChatModel stream = ops.wrap(fake);
  private final FakeStreamingChatModel.Handle upstream = new FakeStreamingChatModel.Handle();
  private final ExecutorService threads = Executors.newCachedThreadPool();

  @AfterEach
  void stopThreads() {
    threads.shutdownNow();
  }

  @Test
  void streamThatFollows_getsEveryChunkFromTheFirst_andCostsNothing() {
    RecordingHandler first = ask();
    thinking("hm");
    fake.chunk("Hel", upstream);
    RecordingHandler late = ask();
    await().until(() -> late.calls().size() == 2);
    fake.chunk("lo", upstream);
    fake.handler().onCompleteResponse(FakeChatModel.response("Hello"));

    assertThat(first.calls())
        .containsExactly("thinking+ctx:hm", "text+ctx:Hel", "text+ctx:lo", "complete:Hello");
    await().untilAsserted(() -> assertThat(late.calls()).isEqualTo(first.calls()));
    assertThat(fake.requests()).hasSize(1);
    assertThat(events).hasSize(2);
    assertThat(events.get(0).cached()).isFalse();
    ModelCallEvent joined = events.get(1);
    assertThat(joined.cached()).isTrue();
    assertThat(joined.cost()).hasValue(Cost.ZERO);
    assertThat(joined.usage()).isEmpty();
    assertThat(joined.savedUsage()).hasValue(Usage.of(10, 5));
    assertThat(joined.timeToFirstChunk()).isEmpty();
    assertThat(outer.ended()).hasSize(2);
    assertThat(inner.begun()).hasSize(1);
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void toolCalls_arriveInParts_andEachCallGetsRequestsOfItsOwn() {
    List<ToolExecutionRequest> announced = new CopyOnWriteArrayList<>();
    List<ChatResponse> complete = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 2; i++) {
      stream.chat(
          request(),
          new StreamingChatResponseHandler() {
            @Override
            public void onCompleteToolCall(CompleteToolCall call) {
              announced.add(call.toolExecutionRequest());
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
              complete.add(response);
            }

            @Override
            public void onError(Throwable error) {}
          });
    }
    RecordingHandler third = ask();
    ToolExecutionRequest tool =
        ToolExecutionRequest.builder().id("c1").name("add").arguments("{}").build();
    for (String part : List.of("{", "}")) {
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
    fake.handler()
        .onCompleteResponse(
            FakeChatModel.response(AiMessage.from(List.of(tool)), FinishReason.TOOL_EXECUTION));

    await().until(() -> complete.size() == 2);
    assertThat(announced).hasSize(2);
    assertThat(announced.get(0)).isEqualTo(announced.get(1)).isNotSameAs(announced.get(1));
    List<ToolExecutionRequest> requests =
        complete.stream().map(one -> one.aiMessage().toolExecutionRequests().get(0)).toList();
    assertThat(announced) // in whatever order the two got them
        .allSatisfy(one -> assertThat(requests).anyMatch(each -> each == one));
    await()
        .untilAsserted(
            () ->
                assertThat(third.calls())
                    .containsExactly(
                        "tool+ctx:{", "tool+ctx:}", "completeTool:add", "complete:null"));
  }

  @Test
  void leaderCancels_othersGetTheRest_andItsCallEndsWithTheStream() {
    RecordingHandler leader = ask();
    RecordingHandler follower = ask();
    fake.chunk("Hel", upstream);
    leader.handle().cancel();
    assertThat(leader.handle().isCancelled()).isTrue();
    assertThat(upstream.isCancelled()).isFalse();
    assertThat(events).isEmpty();

    fake.chunk("lo", upstream);
    fake.handler().onCompleteResponse(FakeChatModel.response("Hello"));

    await().until(() -> events.size() == 2);
    assertThat(leader.calls()).containsExactly("text+ctx:Hel");
    assertThat(events.get(0).usage()).hasValue(Usage.of(10, 5));
    await()
        .untilAsserted(
            () ->
                assertThat(follower.calls())
                    .containsExactly("text+ctx:Hel", "text+ctx:lo", "complete:Hello"));
  }

  @Test
  void allCancel_theProviderIsCancelled() {
    RecordingHandler leader = ask();
    RecordingHandler follower = ask();
    fake.chunk("Hel", upstream);
    await().until(() -> follower.handle() != null);
    leader.handle().cancel();
    follower.handle().cancel();
    assertThat(upstream.isCancelled()).isTrue();
    assertThat(events).extracting(ModelCallEvent::status).containsOnly(CallStatus.CANCELLED);
    assertThat(events).hasSize(2);
  }

  @Test
  void followerCancels_theStreamGoesOn() {
    RecordingHandler leader = ask();
    RecordingHandler follower = ask();
    fake.chunk("Hel", upstream);
    await().until(() -> follower.handle() != null);
    follower.handle().cancel();
    fake.handler().onCompleteResponse(FakeChatModel.response("Hello"));
    assertThat(upstream.isCancelled()).isFalse();
    assertThat(leader.calls()).contains("complete:Hello");
    assertThat(follower.calls()).containsExactly("text+ctx:Hel");
    assertThat(events)
        .extracting(ModelCallEvent::status)
        .containsExactly(CallStatus.CANCELLED, CallStatus.OK);
  }

  @Test
  void aloneAndCancelled_theProviderIsCancelledAtOnce_andTheNextAsks() {
    RecordingHandler leader = ask();
    fake.chunk("Hel", upstream);
    leader.handle().cancel();
    assertThat(upstream.isCancelled()).isTrue();
    ask();
    assertThat(fake.requests()).hasSize(2);
  }

  @Test
  void streamBreaks_isBrokenForAll() {
    RecordingHandler leader = ask();
    RecordingHandler follower = ask();
    fake.chunk("Hel", upstream);
    IllegalStateException cut = new IllegalStateException("cut");
    fake.handler().onError(cut);
    await().until(() -> follower.error() == cut);
    assertThat(leader.error()).isSameAs(cut);
    assertThat(events).extracting(ModelCallEvent::status).containsOnly(CallStatus.ERROR);
    assertThat(events.get(1).usage()).isEmpty();
  }

  @Test
  void slowFollower_blocksNobody() throws InterruptedException {
    CountDownLatch reading = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    List<String> slow = new CopyOnWriteArrayList<>();
    RecordingHandler leader = ask();
    stream.chat(
        request(),
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(String text) {
            slow.add(text);
            reading.countDown();
            awaitQuietly(goOn);
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {
            slow.add("end");
          }

          @Override
          public void onError(Throwable error) {}
        });
    RecordingHandler quick = ask();
    fake.chunk("a", upstream);
    reading.await();
    fake.chunk("b", upstream);
    fake.handler().onCompleteResponse(FakeChatModel.response("ab"));
    assertThat(leader.calls()).hasSize(3);
    await().until(() -> quick.calls().size() == 3);
    assertThat(slow).containsExactly("a");
    goOn.countDown();
    await().untilAsserted(() -> assertThat(slow).containsExactly("a", "b", "end"));
  }

  @Test
  void slowHandlerOfTheLeader_isNotSilenceToTheOthers() {
    CountDownLatch goOn = new CountDownLatch(1);
    stream.chat(request(), blocking(goOn));
    RecordingHandler follower = ask();
    CompletableFuture<Void> provider =
        CompletableFuture.runAsync(
            () -> {
              fake.chunk("a", upstream);
              fake.chunk("b", upstream);
              fake.handler().onCompleteResponse(FakeChatModel.response("ab"));
            },
            threads);
    await().until(() -> follower.calls().size() == 1);
    for (int i = 0; i < 5; i++) {
      clock.advance(Duration.ofSeconds(AgentOps.Builder.DEFAULT_IDLE_TIMEOUT_SECONDS));
    }
    goOn.countDown();
    provider.join();
    await()
        .untilAsserted(
            () ->
                assertThat(follower.calls())
                    .containsExactly("text+ctx:a", "text+ctx:b", "complete:ab"));
  }

  @Test
  void manySlowFollowers_leaveAThreadForTheNext() {
    CountDownLatch goOn = new CountDownLatch(1);
    ask();
    for (int i = 0; i < 100; i++) {
      stream.chat(request(), blocking(goOn));
    }
    RecordingHandler quick = ask();
    fake.chunk("a", upstream);
    fake.handler().onCompleteResponse(FakeChatModel.response("a"));
    await().untilAsserted(() -> assertThat(quick.calls()).hasSize(2));
    goOn.countDown();
  }

  @Test
  void handlerThrows_isToldAndGoesOn_theOthersHearNothing() {
    ask();
    List<Object> heard = new CopyOnWriteArrayList<>();
    stream.chat(
        request(),
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(String text) {
            throw new IllegalStateException("mine");
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {
            heard.add("end");
          }

          @Override
          public void onError(Throwable error) {
            heard.add(error.getMessage());
          }
        });
    fake.chunk("a", upstream);
    fake.handler().onCompleteResponse(FakeChatModel.response("a"));
    await().untilAsserted(() -> assertThat(heard).containsExactly("mine", "end"));
    assertThat(events).extracting(ModelCallEvent::status).containsOnly(CallStatus.OK);
  }

  @Test
  void callback_runsInTheContextOfItsOwnCall() {
    ask();
    List<Object> users = new CopyOnWriteArrayList<>();
    try (Scope ignored = ops.scope(Attributes.of("user.id", "bob"))) {
      stream.chat(
          request(),
          new StreamingChatResponseHandler() {
            @Override
            public void onCompleteResponse(ChatResponse response) {
              users.add(String.valueOf(Context.current().attributes().get("user.id")));
            }

            @Override
            public void onError(Throwable error) {}
          });
    }
    fake.handler().onCompleteResponse(FakeChatModel.response("a"));
    await().untilAsserted(() -> assertThat(users).containsExactly("bob"));
  }

  @Test
  void blockingCalls_waitForOne() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    ChatModel model =
        ops.wrap(
            FakeChatModel.answering(
                request -> {
                  calls.incrementAndGet();
                  asked.countDown();
                  awaitQuietly(answer);
                  return FakeChatModel.response("ok");
                }));
    List<CompletableFuture<ChatResponse>> all = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      all.add(CompletableFuture.supplyAsync(() -> model.chat(request()), threads));
    }
    asked.await();
    await().until(() -> sharing.joined.get() == 49);
    RecordingHandler streaming = ask();
    answer.countDown();
    for (CompletableFuture<ChatResponse> one : all) {
      assertThat(one.get().aiMessage().text()).isEqualTo("ok");
    }
    assertThat(calls).hasValue(1);
    await().until(() -> events.size() == 51);
    assertThat(events).filteredOn(ModelCallEvent::cached).hasSize(50);
    await()
        .untilAsserted(
            () -> assertThat(streaming.calls()).containsExactly("text+ctx:ok", "complete:ok"));
  }

  @Test
  void blockingLeaderFails_allGetItsError() throws Exception {
    CountDownLatch fail = new CountDownLatch(1);
    IllegalStateException error = new IllegalStateException("503");
    ChatModel model =
        ops.wrap(
            FakeChatModel.answering(
                request -> {
                  awaitQuietly(fail);
                  throw error;
                }));
    List<CompletableFuture<Throwable>> all = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      all.add(CompletableFuture.supplyAsync(() -> thrownBy(model), threads));
    }
    await().until(() -> sharing.joined.get() == 4);
    fail.countDown();
    for (CompletableFuture<Throwable> one : all) {
      assertThat(one.get()).isSameAs(error);
    }
    assertThat(events).extracting(ModelCallEvent::status).containsOnly(CallStatus.ERROR);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void leaderIsRefused_anotherTakesOver(boolean streaming) throws Exception {
    CountDownLatch refuse = new CountDownLatch(1);
    AtomicInteger refusals = new AtomicInteger();
    AgentOps picky =
        ops(
            new ChatInterceptor() {
              @Override
              public ChatResponse before(ModelCall call) {
                if (refusals.incrementAndGet() == 1) {
                  awaitQuietly(refuse);
                  throw new CallRejectedException("not you");
                }
                return null;
              }
            });
    FakeChatModel asked = FakeChatModel.saying("ok");
    ChatModel model = picky.wrap(asked);
    CompletableFuture<Throwable> first =
        CompletableFuture.supplyAsync(() -> thrownBy(model), threads);
    await().until(() -> refusals.get() == 1);
    FakeStreamingChatModel saying = FakeStreamingChatModel.saying("ok");
    RecordingHandler handler = new RecordingHandler();
    CompletableFuture<?> second;
    if (streaming) {
      picky.wrap(saying).chat(request(), handler);
      second = CompletableFuture.completedFuture(null);
    } else {
      second = CompletableFuture.supplyAsync(() -> model.chat(request()), threads);
      await().until(() -> sharing.joined.get() == 1);
    }
    refuse.countDown();
    assertThat(first.get()).isInstanceOf(CallRejectedException.class);
    second.get();
    await().until(() -> events.size() == 2);
    assertThat(asked.requests().size() + saying.requests().size()).isEqualTo(1);
    if (streaming) {
      await().untilAsserted(() -> assertThat(handler.calls()).contains("complete:ok"));
    }
    assertThat(outer.ended()).hasSize(2);
    assertThat(events)
        .extracting(ModelCallEvent::status)
        .containsExactly(CallStatus.REJECTED, CallStatus.OK);
    assertThat(events.get(1).cached()).isFalse();
  }

  @Test
  void leaderIsInterrupted_anotherTakesOver() throws Exception {
    AtomicInteger calls = new AtomicInteger();
    ChatModel model =
        ops.wrap(
            FakeChatModel.answering(
                request -> {
                  if (calls.incrementAndGet() > 1) {
                    return FakeChatModel.response("ok");
                  }
                  try {
                    new ArrayBlockingQueue<>(1).take();
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                  throw new AssertionError();
                }));
    Thread leader = new Thread(() -> thrownBy(model));
    leader.start();
    await().until(() -> calls.get() == 1);
    CompletableFuture<ChatResponse> other =
        CompletableFuture.supplyAsync(() -> model.chat(request()), threads);
    await().until(() -> sharing.joined.get() == 1);
    leader.interrupt();
    assertThat(other.get().aiMessage().text()).isEqualTo("ok");
  }

  @Test
  void waiterIsInterrupted_orWaitsTooLong_asksItself() throws Exception {
    CountDownLatch answer = new CountDownLatch(1);
    AtomicInteger calls = new AtomicInteger();
    ChatModel model =
        ops.wrap(
            FakeChatModel.answering(
                request -> {
                  if (calls.incrementAndGet() == 1) {
                    awaitQuietly(answer);
                  }
                  return FakeChatModel.response("ok");
                }));
    threads.execute(() -> thrownBy(model));
    await().until(() -> calls.get() == 1);
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread waiter =
        new Thread(
            () -> {
              model.chat(request());
              interrupted.complete(Thread.currentThread().isInterrupted());
            });
    waiter.start();
    await().until(() -> sharing.joined.get() == 1);
    waiter.interrupt();
    assertThat(interrupted.get()).isTrue();

    CompletableFuture<ChatResponse> patient =
        CompletableFuture.supplyAsync(() -> model.chat(request()), threads);
    await().until(() -> sharing.joined.get() == 2 && clock.pendingTimers() == 1);
    clock.advance(Duration.ofSeconds(AgentOps.Builder.DEFAULT_FIRST_CHUNK_TIMEOUT_SECONDS));
    assertThat(patient.get().aiMessage().text()).isEqualTo("ok");
    answer.countDown();
  }

  @Test
  void callInsideOfTheSharedOne_doesNotWaitForItself() {
    FakeChatModel innermost = FakeChatModel.saying("ok");
    ChatModel model = ops.wrap(innermost);
    ChatModel router = ops.wrap(FakeChatModel.answering(model::chat));
    assertThat(router.chat(request()).aiMessage().text()).isEqualTo("ok");
    assertThat(innermost.requests()).hasSize(1);
  }

  @Test
  void tooLongToKeep_theRestComesInOnePiece() {
    ask();
    String half = "x".repeat(LiveAnswer.MAXIMUM_LENGTH / 2);
    for (int i = 0; i < 4; i++) {
      fake.chunk(half, upstream);
    }
    RecordingHandler late = ask();
    fake.handler().onCompleteResponse(FakeChatModel.response(half.repeat(4)));
    await().until(() -> late.calls().size() == 4);
    assertThat(late.calls().stream().mapToInt(String::length).toArray())
        .startsWith(
            "text+ctx:".length() + half.length(),
            "text+ctx:".length() + half.length(),
            "text+ctx:".length() + 2 * half.length());
  }

  @Test
  void tooLongToKeep_thinkingTextAndToolCallsComeAtTheEnd() {
    ask();
    RecordingHandler follower = ask();
    String big = "x".repeat(LiveAnswer.MAXIMUM_LENGTH + 1);
    ToolExecutionRequest tool =
        ToolExecutionRequest.builder().id("c1").name("add").arguments("{}").build();
    thinking(big);
    fake.chunk("abc", upstream);
    fake.handler().onCompleteToolCall(new CompleteToolCall(0, tool));
    fake.handler()
        .onCompleteResponse(
            FakeChatModel.response(
                AiMessage.builder()
                    .thinking(big)
                    .text("abc")
                    .toolExecutionRequests(List.of(tool))
                    .build(),
                FinishReason.TOOL_EXECUTION));
    await()
        .untilAsserted(
            () ->
                assertThat(follower.calls())
                    .containsExactly(
                        "thinking+ctx:" + big, "text+ctx:abc", "completeTool:add", "complete:abc"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void manyJoinAndLeaveAnywhere_eachGetsABeginningOrAll(int seed) throws Exception {
    Random random = new Random(seed);
    List<RecordingHandler> handlers = Collections.synchronizedList(new ArrayList<>());
    handlers.add(ask());
    RecordingHandler loyal = ask();
    List<String> whole = new ArrayList<>();
    List<CompletableFuture<?>> asking = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      if (random.nextInt(4) == 0) {
        asking.add(CompletableFuture.runAsync(() -> handlers.add(ask()), threads));
      }
      fake.chunk("w" + i, upstream);
      whole.add("text+ctx:w" + i);
      if (i > 0 && random.nextInt(10) == 0) {
        RecordingHandler one = handlers.get(random.nextInt(handlers.size()));
        if (one.handle() != null) {
          one.handle().cancel();
        }
      }
    }
    CompletableFuture.allOf(asking.toArray(CompletableFuture[]::new)).get();
    fake.handler().onCompleteResponse(FakeChatModel.response("all"));
    whole.add("complete:all");
    handlers.add(loyal);
    int calls = handlers.size();
    await().until(() -> events.size() == calls);
    assertThat(fake.requests()).hasSize(1);
    assertThat(outer.ended()).hasSize(calls);
    await()
        .untilAsserted(
            () -> {
              for (RecordingHandler one : handlers) {
                assertThat(whole.subList(0, one.calls().size())).isEqualTo(one.calls());
                boolean left = one.handle() != null && one.handle().isCancelled();
                assertThat(left || one.calls().size() == whole.size()).isTrue();
              }
            });
  }

  @Test
  void recordedAnswer_isReplayedAtItsPace_untilCancelled() {
    List<StreamChunk> chunks = List.of("a", "b", "c").stream().map(StreamChunk::text).toList();
    AgentOps replaying =
        AgentOps.with(
                new ChatInterceptor() {
                  @Override
                  public ChatResponse before(ModelCall call) {
                    call.markCached();
                    call.follow(
                        LiveAnswer.of(
                            FakeChatModel.response("abc"), chunks, Duration.ofMillis(20)));
                    return null;
                  }
                })
            .clock(clock)
            .build();
    RecordingHandler handler = new RecordingHandler();
    replaying.wrap(fake).chat(request(), handler);
    await().until(() -> handler.calls().size() == 1);
    await().until(() -> clock.pendingTimers() == 2); // the silence, the next chunk
    clock.advance(Duration.ofMillis(20));
    await().until(() -> handler.calls().size() == 2);
    handler.handle().cancel();
    clock.advance(Duration.ofSeconds(1));
    assertThat(handler.calls()).containsExactly("text+ctx:a", "text+ctx:b");
    assertThat(fake.requests()).isEmpty();
  }

  @Test
  void answerInOnePiece_isCutBetweenWords_andNeverInACharacter() {
    String text = "The quick brown fox jumps over the lazy dog. " + "\uD83D\uDE00".repeat(40);
    List<StreamChunk> chunks = StreamChunk.of(FakeChatModel.response(text));
    assertThat(chunks.get(0).text()).isEqualTo("The quick brown fox jumps over ");
    assertThat(String.join("", chunks.stream().map(StreamChunk::text).toList())).isEqualTo(text);
    for (StreamChunk chunk : chunks) {
      assertThat(chunk.text().length()).isLessThanOrEqualTo(StreamChunk.PIECE_LENGTH);
      assertThat(Character.isLowSurrogate(chunk.text().charAt(0))).isFalse();
    }
  }

  @Test
  void follow_whereNothingIsLeft_isRefused() {
    ask();
    LiveAnswer over = sharing.live.get("q");
    fake.handler().onError(new IllegalStateException("cut"));
    assertThat(over.chunks()).isEmpty();
    assertThatThrownBy(() -> over.chunks().add(StreamChunk.text("a")))
        .isInstanceOf(UnsupportedOperationException.class);
    ask();
    assertThat(fake.requests()).hasSize(2);
  }

  private AgentOps ops(ChatInterceptor last) {
    return AgentOps.with(outer, sharing, last)
        .listener(event -> events.add((ModelCallEvent) event))
        .clock(clock)
        .build();
  }

  private RecordingHandler ask() {
    RecordingHandler handler = new RecordingHandler();
    stream.chat(request(), handler);
    return handler;
  }

  private void thinking(String text) {
    fake.handler()
        .onPartialThinking(new PartialThinking(text), new PartialThinkingContext(upstream));
  }

  private static StreamingChatResponseHandler blocking(CountDownLatch goOn) {
    return new StreamingChatResponseHandler() {
      @Override
      public void onPartialResponse(String text) {
        awaitQuietly(goOn);
      }

      @Override
      public void onCompleteResponse(ChatResponse response) {}

      @Override
      public void onError(Throwable error) {}
    };
  }

  private static Throwable thrownBy(ChatModel model) {
    try {
      model.chat(request());
      return null;
    } catch (Throwable t) {
      return t;
    }
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static ChatRequest request() {
    return ChatRequest.builder().messages(UserMessage.from("q")).build();
  }

  /** Lets one call of each question ask, and the others follow it. */
  private static final class Sharing implements ChatInterceptor {

    private final ConcurrentMap<String, LiveAnswer> live = new ConcurrentHashMap<>();
    private final AtomicInteger joined = new AtomicInteger();

    @Override
    public ChatResponse before(ModelCall call) {
      String question = ((UserMessage) call.request().messages().get(0)).singleText();
      LiveAnswer mine = call.share();
      LiveAnswer running = live.putIfAbsent(question, mine);
      if (running != null && call.follow(running)) {
        joined.incrementAndGet();
      } else if (running != null && running.isOver()) {
        live.replace(question, running, mine);
      }
      return null;
    }

    @Override
    public void after(ModelCall call, Outcome<ChatResponse> outcome) {
      live.remove("q", call.share());
    }
  }
}

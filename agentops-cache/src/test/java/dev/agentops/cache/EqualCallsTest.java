package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.CallRejectedException;
import dev.agentops.ChatInterceptor;
import dev.agentops.ModelCall;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.CacheEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.io.InterruptedIOException;
import java.nio.channels.ClosedByInterruptException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EqualCallsTest {

  private static final Attributes ALICE = Attributes.of("user.id", "alice");
  private static final Duration LIMIT =
      Duration.ofSeconds(AgentOps.Builder.DEFAULT_FIRST_CHUNK_TIMEOUT_SECONDS);

  private final TestClock clock = TestClock.create();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final ResponseCache cache = ResponseCache.builder().clock(clock).build();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch first = new CountDownLatch(1);
  private final AtomicInteger asked = new AtomicInteger();

  /** Holds its first call until the test lets it go. */
  private final FakeChatModel fake =
      FakeChatModel.answering(
          request -> {
            int number = asked.incrementAndGet();
            if (number == 1) {
              awaitQuietly(first);
            }
            return FakeChatModel.response("answer " + number);
          });

  private final AgentOps ops = ops();
  private final ChatModel model = ops.wrap(fake);

  @AfterEach
  void stopThreads() {
    first.countDown();
    threads.shutdownNow();
  }

  @Test
  void refresh_isNotOverwrittenByAnOlderCall() throws Exception {
    CompletableFuture<String> older = start();
    await().until(() -> asked.get() == 1);
    assertThat(chat(ALICE.with(ResponseCache.CONTROL, "no-cache"))).isEqualTo("answer 2");
    first.countDown();
    assertThat(older.get()).isEqualTo("answer 1");
    assertThat(chat(ALICE)).isEqualTo("answer 2");
    assertThat(asked).hasValue(2);
  }

  @Test
  void refresh_isTheOneToFollow() {
    FakeStreamingChatModel stream = FakeStreamingChatModel.drivenByHand();
    FakeStreamingChatModel.Handle upstream = new FakeStreamingChatModel.Handle();
    stream(stream, ALICE);
    stream(stream, ALICE.with(ResponseCache.CONTROL, "no-cache"));
    RecordingHandler follower = stream(stream, ALICE);
    assertThat(stream.requests()).hasSize(2);
    stream.chunk("new", upstream);
    await().untilAsserted(() -> assertThat(follower.calls()).containsExactly("text+ctx:new"));
  }

  @Test
  void allAreRefused_twoInARow_thenAllTheOthersAtOnce() throws Exception {
    CountDownLatch one = new CountDownLatch(1);
    CountDownLatch two = new CountDownLatch(1);
    CountDownLatch rest = new CountDownLatch(1);
    AtomicInteger waiting = new AtomicInteger();
    ChatInterceptor limit =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            int number = waiting.incrementAndGet();
            awaitQuietly(number == 1 ? one : number == 2 ? two : rest);
            throw new CallRejectedException("no");
          }
        };
    ChatModel refused = ops(limit).wrap(fake);
    List<CompletableFuture<?>> all = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      all.add(CompletableFuture.runAsync(() -> chat(refused, ALICE), threads));
    }
    await().until(() -> waiting.get() == 1 && cache.stats().missCount() == 20);
    await().until(() -> clock.pendingTimers() == 19); // each waits for the first
    one.countDown();
    await().until(() -> waiting.get() == 2);
    await().until(() -> clock.pendingTimers() == 18);
    two.countDown();
    await().until(() -> waiting.get() == 20);
    rest.countDown();
    assertThat(all).allSatisfy(call -> assertThat(call).failsWithin(Duration.ofMinutes(1)));
    assertThat(cache.stats().missCount()).isEqualTo(20);
    assertThat(asked).hasValue(0);
  }

  @Test
  void streamBehindACallThatHangs_asksItself_whereNothingHasComeInTime() {
    start();
    await().until(() -> asked.get() == 1);
    FakeStreamingChatModel stream = FakeStreamingChatModel.saying("at once");
    RecordingHandler follower = stream(stream, ALICE);
    assertThat(stream.requests()).isEmpty();
    clock.advance(LIMIT);
    await().until(() -> follower.calls().contains("complete:at once"));
    assertThat(follower.error()).isNull();
  }

  @Test
  void leaderHangs_oneOfTheOthersTakesItsPlace_andTheRestFollowIt() throws Exception {
    CompletableFuture<String> hung = start();
    await().until(() -> asked.get() == 1);
    List<CompletableFuture<String>> others = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      others.add(start());
    }
    await().until(() -> clock.pendingTimers() == 50);
    clock.advance(LIMIT);
    for (CompletableFuture<String> other : others) {
      assertThat(other.get()).isEqualTo("answer 2");
    }
    assertThat(chat(ALICE)).isEqualTo("answer 2");
    assertThat(asked).hasValue(2);
    first.countDown();
    assertThat(hung.get()).isEqualTo("answer 1");
  }

  @Test
  void handlerOfTheFirstBreaksOff_theOthersHearNothingOfItsBug() {
    RuntimeException bug = new IllegalStateException("bug in a handler");
    CountDownLatch go = new CountDownLatch(1);
    FakeStreamingChatModel stream =
        FakeStreamingChatModel.scripted(
            (request, handler) -> {
              awaitQuietly(go);
              handler.onPartialResponse("Hel");
            });
    CompletableFuture<Void> leader =
        CompletableFuture.runAsync(
            () -> {
              try (Scope ignored = ops.scope(ALICE)) {
                ops.wrap(stream).chat(request(), new Throwing(bug));
              }
            },
            threads);
    await().until(() -> stream.requests().size() == 1);
    RecordingHandler follower = stream(stream, ALICE);
    go.countDown();
    await().until(() -> follower.error() != null);
    assertThat(leader).failsWithin(Duration.ofMinutes(1));
    assertThat(follower.calls()).hasSize(2).first().isEqualTo("text+ctx:Hel");
    assertThat(follower.error()).hasMessage("the call that was followed ended early");
  }

  static List<Exception> interrupts() {
    return List.of(new ClosedByInterruptException(), new InterruptedIOException("interrupted"));
  }

  @ParameterizedTest
  @MethodSource("interrupts")
  void leaderIsInterrupted_howeverItsClientSaysSo_anotherAsks(Exception interrupt)
      throws Exception {
    AtomicInteger calls = new AtomicInteger();
    ChatModel interrupted =
        ops.wrap(
            FakeChatModel.answering(
                request -> {
                  if (calls.incrementAndGet() == 1) {
                    awaitQuietly(first);
                    throw new IllegalStateException(interrupt);
                  }
                  return FakeChatModel.response("ok");
                }));
    CompletableFuture<String> leader =
        CompletableFuture.supplyAsync(() -> chat(interrupted, ALICE), threads);
    await().until(() -> calls.get() == 1);
    CompletableFuture<String> other =
        CompletableFuture.supplyAsync(() -> chat(interrupted, ALICE), threads);
    await().until(() -> clock.pendingTimers() == 1);
    first.countDown();
    assertThat(other.get()).isEqualTo("ok");
    assertThat(leader).failsWithin(Duration.ofMinutes(1));
  }

  @Test
  void modelFails_followerIsAMiss() {
    FakeStreamingChatModel stream = FakeStreamingChatModel.drivenByHand();
    stream(stream, ALICE);
    RecordingHandler follower = stream(stream, ALICE);
    stream.handler().onError(new IllegalStateException("503"));
    await().until(() -> follower.error() != null);
    await()
        .untilAsserted(
            () ->
                assertThat(events)
                    .filteredOn(CacheEvent.class::isInstance)
                    .extracting(event -> ((CacheEvent) event).type())
                    .containsExactly(CacheEvent.Type.MISS, CacheEvent.Type.MISS));
  }

  private CompletableFuture<String> start() {
    return CompletableFuture.supplyAsync(() -> chat(ALICE), threads);
  }

  private String chat(Attributes caller) {
    return chat(model, caller);
  }

  private String chat(ChatModel asked, Attributes caller) {
    try (Scope ignored = ops.scope(caller)) {
      return asked.chat(request()).aiMessage().text();
    }
  }

  private RecordingHandler stream(FakeStreamingChatModel stream, Attributes caller) {
    RecordingHandler handler = new RecordingHandler();
    try (Scope ignored = ops.scope(caller)) {
      ops.wrap(stream).chat(request(), handler);
    }
    return handler;
  }

  private AgentOps ops(ChatInterceptor... inner) {
    List<ChatInterceptor> all = new ArrayList<>(List.of(inner));
    all.add(0, CachingInterceptor.of(cache));
    return AgentOps.with(all.toArray(ChatInterceptor[]::new))
        .listener(events::add)
        .clock(clock)
        .build();
  }

  private static ChatRequest request() {
    return ChatRequest.builder().messages(UserMessage.from("q")).build();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private record Throwing(RuntimeException bug) implements StreamingChatResponseHandler {

    @Override
    public void onPartialResponse(String text) {
      throw bug;
    }

    @Override
    public void onPartialResponse(PartialResponse text, PartialResponseContext context) {
      throw bug;
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {}

    @Override
    public void onError(Throwable error) {}
  }
}

package dev.agentops.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.ChatInterceptor;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.DeadlinePassedException;
import dev.agentops.ModelCall;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TimeoutsTest {

  private final TestClock clock = TestClock.create();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AgentOps ops = AgentOps.with().listener(events::add).clock(clock).build();
  private final Timeouts timeouts =
      Timeouts.builder()
          .total(Duration.ofSeconds(30))
          .firstChunk(Duration.ofSeconds(10))
          .betweenChunks(Duration.ofSeconds(5))
          .clock(clock)
          .build();
  private final FakeStreamingChatModel stream = FakeStreamingChatModel.drivenByHand();
  private final FakeStreamingChatModel.Handle handle = new FakeStreamingChatModel.Handle();
  private final RecordingHandler handler = new RecordingHandler();

  @Test
  void chat_takesTooLong_callerReturnsAndTheWorkIsInterrupted() {
    CountDownLatch interrupted = new CountDownLatch(1);
    ChatModel model =
        timeouts.wrap(
            ops.wrap(
                FakeChatModel.answering(
                    request -> {
                      try {
                        new CountDownLatch(1).await();
                      } catch (InterruptedException e) {
                        interrupted.countDown();
                      }
                      throw new IllegalStateException("given up");
                    })));
    CompletableFuture<Throwable> caller =
        CompletableFuture.supplyAsync(() -> model.chat("hello"))
            .handle((answer, error) -> error.getCause());

    await().until(() -> clock.pendingTimers() >= 2); // ours, and that of the call's deadline
    clock.advance(Duration.ofSeconds(30));

    assertThat(caller.join()).isInstanceOf(CallTimeoutException.class);
    await().until(() -> interrupted.getCount() == 0);
    await().until(() -> events.size() == 1);
    assertThat(((ModelCallEvent) events.get(0)).status()).isEqualTo(CallStatus.ERROR);
  }

  @Test
  void chat_inTime_runsInTheContextOfTheCallerWithADeadline() {
    AtomicReference<Context> seen = new AtomicReference<>();
    ChatModel model =
        timeouts.wrap(
            ops.wrap(
                FakeChatModel.answering(
                    request -> {
                      seen.set(Context.current());
                      return FakeChatModel.response("hi");
                    })));

    try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
      assertThat(model.chat("hello")).isEqualTo("hi");
    }
    assertThat(seen.get().attributes().get("user.id")).isEqualTo("alice");
    assertThat(Deadline.of(seen.get())).isNotNull();
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void chat_fails_theErrorIsThrownAsItIs() {
    InvalidRequestException error = new InvalidRequestException("what?");

    assertThatThrownBy(() -> timeouts.wrap(FakeChatModel.throwing(error)).chat("hello"))
        .isSameAs(error);
  }

  @Test
  void chat_deadlineHasPassed_isNotAsked() {
    FakeChatModel fake = FakeChatModel.saying("hi");

    try (Scope scope = Deadline.after(Duration.ZERO, clock).open()) {
      assertThatThrownBy(() -> timeouts.wrap(fake).chat("hello"))
          .isInstanceOf(DeadlinePassedException.class)
          .hasMessageContaining("the deadline has passed");
      timeouts.wrap(stream).chat("hello", handler);
    }
    assertThat(fake.requests()).isEmpty();
    assertThat(stream.requests()).isEmpty();
    assertThat(handler.error()).isInstanceOf(DeadlinePassedException.class);
  }

  @Test
  void chat_deadlineHasPassed_aCacheBehindStillAnswers() {
    ChatInterceptor cache =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            return FakeChatModel.response("cached");
          }
        };
    AgentOps caching = AgentOps.with(cache).build();
    FakeChatModel fake = FakeChatModel.saying("hi");

    try (Scope scope = Deadline.after(Duration.ZERO, clock).open()) {
      assertThat(timeouts.wrap(caching.wrap(fake)).chat("hello")).isEqualTo("cached");
      timeouts.wrap(caching.wrap(stream)).chat("hello", handler);
      assertThatThrownBy(() -> timeouts.wrap(ops.wrap(fake)).chat("hello"))
          .isInstanceOf(DeadlinePassedException.class);
    }
    assertThat(handler.calls()).last().isEqualTo("complete:cached");
    assertThat(fake.requests()).isEmpty();
  }

  @Test
  void stream_tooLongWhileACallbackRuns_isToldAfterIt() throws Exception {
    Gate gate = new Gate();
    List<String> told = new CopyOnWriteArrayList<>();
    timeouts
        .wrap(stream)
        .chat(
            "hello",
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(String part) {
                try {
                  gate.pass();
                } catch (InterruptedException e) {
                  told.add("interrupted");
                }
                told.add(part);
              }

              @Override
              public void onCompleteResponse(ChatResponse response) {
                told.add("complete");
              }

              @Override
              public void onError(Throwable error) {
                told.add("error");
              }
            });
    CompletableFuture<Void> chunk = CompletableFuture.runAsync(() -> stream.chunk("a", handle));
    gate.awaitVisitor();

    clock.advance(Duration.ofSeconds(30));
    await().until(handle::isCancelled); // given up
    gate.open();
    chunk.join();

    assertThat(told).containsExactly("a", "error");
  }

  @Test
  void chat_callerIsInterrupted_returnsAndStaysInterrupted() {
    ChatModel model =
        timeouts.wrap(
            FakeChatModel.answering(
                request -> {
                  try {
                    new CountDownLatch(1).await();
                  } catch (InterruptedException e) {
                    // given up
                  }
                  return FakeChatModel.response("late");
                }));

    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> model.chat("hello"))
        .satisfies(error -> assertThat(ErrorKind.of(error)).isEqualTo(ErrorKind.INTERRUPTED));
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void stream_noFirstChunk_failsOnceAndHearsNoMore() {
    timeouts.wrap(ops.wrap(stream)).chat("hello", handler);
    clock.advance(Duration.ofSeconds(10));

    await().until(() -> handler.error() != null);
    stream.chunk("late", handle);
    stream.handler().onCompleteResponse(FakeChatModel.response("late"));

    assertThat(handler.calls()).containsExactly("error:the stream had not begun after PT10S");
    await().until(() -> events.size() == 1);
    assertThat(((ModelCallEvent) events.get(0)).status()).isEqualTo(CallStatus.ERROR);
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void stream_silentBetweenChunks_isCancelled() {
    timeouts.wrap(ops.wrap(stream)).chat("hello", handler);
    clock.advance(Duration.ofSeconds(9));
    stream.chunk("a", handle);
    clock.advance(Duration.ofSeconds(4));
    stream.chunk("b", handle);
    clock.advance(Duration.ofSeconds(5));

    await().until(() -> handler.error() != null);
    assertThat(handler.calls())
        .containsExactly("text+ctx:a", "text+ctx:b", "error:the stream was silent for PT5S");
    await().until(handle::isCancelled);
  }

  @Test
  void stream_neverSilentButTooLong_failsAtTheTotal() {
    timeouts.wrap(ops.wrap(stream)).chat("hello", handler);
    for (int i = 0; i < 10; i++) {
      clock.advance(Duration.ofSeconds(3));
      stream.chunk("a", handle);
    }

    await().until(() -> handler.error() != null);
    assertThat(ErrorKind.of(handler.error())).isEqualTo(ErrorKind.TIMEOUT);
    assertThat(handler.calls().stream().filter(call -> call.startsWith("error"))).hasSize(1);
  }

  @Test
  void stream_completes_leavesNothingBehind() {
    timeouts.wrap(stream).chat("hello", handler);
    stream.chunk("a", handle);
    stream.handler().onCompleteResponse(FakeChatModel.response("a"));
    clock.advance(Duration.ofHours(1));

    assertThat(handler.calls()).containsExactly("text+ctx:a", "complete:a");
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void builder_badValues_areQuoted() {
    assertThatThrownBy(() -> Timeouts.total(Duration.ZERO)).hasMessageContaining("PT0S");
    assertThatThrownBy(() -> Timeouts.builder().firstChunk(Duration.ofSeconds(-1)))
        .hasMessageContaining("PT-1S");
  }
}

package dev.agentops.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.TestClock;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HedgeTest {

  private static final Duration DELAY = Duration.ofSeconds(4);

  private final TestClock clock = TestClock.create();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AgentOps ops = AgentOps.with().listener(events::add).build();
  private final Hedge hedge = Hedge.builder().after(DELAY).share(1).clock(clock).build();
  private final List<StreamingChatResponseHandler> streams = new CopyOnWriteArrayList<>();
  private final RecordingHandler handler = new RecordingHandler();

  @Test
  void chat_quick_isAskedOnce() {
    FakeChatModel fake = FakeChatModel.saying("hi");

    assertThat(hedge.wrap(fake).chat("hello")).isEqualTo("hi");
    assertThat(fake.requests()).hasSize(1);
    assertThat(hedge.hedged()).isZero();
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void chat_slow_isAskedTwiceAndTheLoserIsInterrupted() {
    ChatModel model = hedge.wrap(ops.wrap(firstHangs()));
    CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> model.chat("hello"));

    await().until(() -> clock.pendingTimers() > 0);
    clock.advance(DELAY);

    assertThat(answer.join()).isEqualTo("second");
    await().until(() -> calls().size() == 2);
    assertThat(calls())
        .extracting(ModelCallEvent::status)
        .containsExactlyInAnyOrder(CallStatus.OK, CallStatus.CANCELLED);
    assertThat(calls()).filteredOn(call -> call.attributes().get(Hedge.HEDGE) != null).hasSize(1);
  }

  @Test
  void chat_failsBeforeTheDelay_failsAtOnce() {
    ChatModel model = hedge.wrap(FakeChatModel.throwing(new RateLimitException("1")));

    assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RateLimitException.class);
    assertThat(hedge.hedged()).isZero();
  }

  @Test
  void chat_noShareLeft_isAskedOnce() {
    Hedge none = Hedge.builder().after(DELAY).share(0).clock(clock).build();
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch go = new CountDownLatch(1);
    for (int i = 0; i < 5; i++) { // what is there at the start
      CompletableFuture<String> answer =
          CompletableFuture.supplyAsync(() -> none.wrap(firstHangs()).chat("hello"));
      await().until(() -> clock.pendingTimers() > 0);
      clock.advance(DELAY);
      assertThat(answer.join()).isEqualTo("second");
    }
    FakeChatModel fake =
        FakeChatModel.answering(
            request -> {
              asked.countDown();
              join(go);
              return FakeChatModel.response("hi");
            });
    CompletableFuture<String> answer =
        CompletableFuture.supplyAsync(() -> none.wrap(fake).chat("hello"));
    join(asked);
    await().until(() -> clock.pendingTimers() > 0);
    clock.advance(DELAY);
    go.countDown();

    assertThat(answer.join()).isEqualTo("hi");
    assertThat(fake.requests()).hasSize(1);
    assertThat(none.hedged()).isEqualTo(5);
  }

  @Test
  void stream_slowToBegin_theFirstChunkWinsAndTheOtherIsCancelled() {
    startTwo();
    FakeStreamingChatModel.Handle losing = new FakeStreamingChatModel.Handle();

    streams.get(1).onPartialResponse("hi");
    chunk(0, "late", losing);
    streams.get(0).onCompleteResponse(FakeChatModel.response("late"));
    streams.get(1).onCompleteResponse(FakeChatModel.response("hi"));

    assertThat(handler.calls()).containsExactly("text:hi", "complete:hi");
    await().until(() -> calls().size() == 2);
    assertThat(calls())
        .extracting(ModelCallEvent::status)
        .containsExactlyInAnyOrder(CallStatus.OK, CallStatus.CANCELLED);
  }

  @Test
  void stream_oneFails_theOtherCounts() {
    startTwo();

    streams.get(0).onError(new RateLimitException("1"));
    assertThat(handler.calls()).isEmpty();
    streams.get(1).onCompleteResponse(FakeChatModel.response("hi"));

    assertThat(handler.calls()).containsExactly("complete:hi");
  }

  @Test
  void stream_bothFail_theLastErrorIsTold() {
    startTwo();
    RateLimitException first = new RateLimitException("1");

    streams.get(1).onError(first);
    streams.get(0).onError(new InternalServerException("2"));

    assertThat(handler.calls()).containsExactly("error:2");
    assertThat(handler.error()).hasSuppressedException(first);
  }

  @Test
  void stream_throwsAtOnce_isNotAskedAgain() {
    RateLimitException error = new RateLimitException("1");
    FakeStreamingChatModel throwing =
        FakeStreamingChatModel.scripted(
            (request, stream) -> {
              throw error;
            });

    assertThatThrownBy(() -> hedge.wrap(throwing).chat("hello", handler)).isSameAs(error);

    assertThat(clock.pendingTimers()).isZero();
    assertThat(handler.calls()).isEmpty();
  }

  @Test
  void stream_hasBegun_isNotHedged() {
    hedge.wrap(remembering()).chat("hello", handler);
    streams.get(0).onPartialResponse("hi");
    clock.advance(DELAY.multipliedBy(9));

    assertThat(streams).hasSize(1);
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void slowerThan_afterTwentyAnswers_hedgesByWhatTheyTook() {
    Hedge learning = Hedge.builder().slowerThan(0.9).share(1).clock(clock).build();
    StreamingChatModel model = learning.wrap(remembering());
    for (int i = 0; i < 20; i++) {
      model.chat("hello", handler);
      clock.advance(Duration.ofSeconds(2));
      streams.get(i).onCompleteResponse(FakeChatModel.response("hi"));
    }
    assertThat(streams).hasSize(20);

    model.chat("hello", handler);
    clock.advance(Duration.ofMillis(1_999));
    assertThat(clock.pendingTimers()).isEqualTo(1);
    clock.advance(Duration.ofMillis(1));

    await().until(() -> streams.size() == 22);
  }

  private void startTwo() {
    hedge.wrap(ops.wrap(remembering())).chat("hello", handler);
    clock.advance(DELAY);
    await().until(() -> streams.size() == 2);
  }

  private FakeStreamingChatModel remembering() {
    return FakeStreamingChatModel.scripted((request, stream) -> streams.add(stream));
  }

  private void chunk(int stream, String text, FakeStreamingChatModel.Handle handle) {
    streams
        .get(stream)
        .onPartialResponse(new PartialResponse(text), new PartialResponseContext(handle));
  }

  private static FakeChatModel firstHangs() {
    CountDownLatch first = new CountDownLatch(1);
    return FakeChatModel.answering(
        request -> {
          if (first.getCount() == 0) {
            return FakeChatModel.response("second");
          }
          first.countDown();
          join(new CountDownLatch(1));
          return FakeChatModel.response("never");
        });
  }

  private static void join(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private List<ModelCallEvent> calls() {
    return events.stream()
        .filter(ModelCallEvent.class::isInstance)
        .map(ModelCallEvent.class::cast)
        .toList();
  }
}

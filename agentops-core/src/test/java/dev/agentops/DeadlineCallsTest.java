package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.event.CallStatus;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.agentops.testing.RecordingInterceptor;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.service.TokenStream;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls that have a deadline; over a network they are tested with the HTTP client. */
@Timeout(30)
class DeadlineCallsTest {

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final TestClock clock = TestClock.create();
  private final RecordingInterceptor seen = new RecordingInterceptor();
  private final AgentOps ops = AgentOps.with(seen).clock(clock).build();

  @Test
  void passedDeadline_keepsModelsFromBeingAsked() {
    FakeChatModel model = FakeChatModel.saying("hi");
    FakeStreamingChatModel streaming = FakeStreamingChatModel.saying("hi");
    RecordingHandler handler = new RecordingHandler();

    try (Scope scope = Deadline.after(Duration.ZERO, clock).open()) {
      assertThatThrownBy(() -> ops.wrap(model).chat("a"))
          .isInstanceOf(DeadlinePassedException.class)
          .hasMessage("the deadline has passed; fake-model was not asked");
      ops.wrap(streaming).chat("a", handler);
      assertThatThrownBy(() -> ops.wrap(new Embeddings(() -> {})).embed("a"))
          .isInstanceOf(DeadlinePassedException.class);
    }

    assertThat(handler.error()).isInstanceOf(DeadlinePassedException.class);
    assertThat(model.requests()).isEmpty();
    assertThat(streaming.requests()).isEmpty();
    assertThat(seen.ended())
        .extracting(ended -> ended.outcome().status())
        .containsOnly(CallStatus.REJECTED)
        .hasSize(3);
  }

  @Test
  void deadlineThatPassesInTheChain_keepsTheModelFromBeingAsked() {
    ChatInterceptor waits =
        new ChatInterceptor() {
          @Override
          public @Nullable ChatResponse before(ModelCall call) {
            clock.advance(SECOND);
            return null;
          }
        };
    FakeChatModel model = FakeChatModel.saying("hi");
    AgentOps waiting = AgentOps.with(seen, waits).clock(clock).build();

    try (Scope scope = Deadline.after(SECOND, clock).open()) {
      assertThatThrownBy(() -> waiting.wrap(model).chat("a"))
          .isInstanceOf(DeadlinePassedException.class);
    }

    assertThat(model.requests()).isEmpty();
  }

  @Test
  void cachedAnswer_isGivenAfterTheDeadlineToo() {
    ChatInterceptor cache =
        new ChatInterceptor() {
          @Override
          public @Nullable ChatResponse before(ModelCall call) {
            return FakeChatModel.response("cached");
          }
        };

    try (Scope scope = Deadline.after(Duration.ZERO, clock).open()) {
      assertThat(
              AgentOps.with(cache).clock(clock).build().wrap(FakeChatModel.saying("hi")).chat("a"))
          .isEqualTo("cached");
    }
  }

  @Test
  void deadlineDuringACall_breaksOffItsExchange_andIsWhatTheCallerGets() {
    FakeChatModel model =
        FakeChatModel.answering(
            request -> {
              hang();
              throw new IllegalStateException("socket closed");
            });

    try (Scope scope = Deadline.after(SECOND, clock).open()) {
      assertThatThrownBy(() -> ops.wrap(model).chat("a"))
          .isInstanceOfSatisfying(
              DeadlineExceededException.class, e -> assertThat(e.elapsed()).isEqualTo(SECOND))
          .hasSuppressedException(new IllegalStateException("socket closed"));
      assertThatThrownBy(() -> ops.wrap(model).chat("b"))
          .isInstanceOf(DeadlinePassedException.class);
    }

    assertThat(seen.ended())
        .extracting(ended -> ended.outcome().status())
        .containsExactly(CallStatus.ERROR, CallStatus.REJECTED);
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void deadlineDuringAnEmbedding_breaksOffItsExchange() {
    EmbeddingModel model =
        new Embeddings(
            () -> {
              hang();
              throw new IllegalStateException("socket closed");
            });

    try (Scope scope = Deadline.after(SECOND, clock).open()) {
      assertThatThrownBy(() -> ops.wrap(model).embed("a"))
          .isInstanceOf(DeadlineExceededException.class);
    }
  }

  @Test
  void answerThatComesAllTheSame_isGiven() {
    FakeChatModel model =
        FakeChatModel.answering(
            request -> {
              hang();
              return FakeChatModel.response("late");
            });

    try (Scope scope = Deadline.after(SECOND, clock).open()) {
      assertThat(ops.wrap(model).chat("a")).isEqualTo("late");
    }
  }

  @Test
  void deadlineDuringACallback_isToldAfterIt_andNothingElse() throws Exception {
    FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
    List<String> told = new CopyOnWriteArrayList<>();
    AtomicReference<Throwable> error = new AtomicReference<>();
    CountDownLatch go = new CountDownLatch(1);
    CountDownLatch in = new CountDownLatch(1);
    try (Scope scope = Deadline.after(SECOND, clock).open()) {
      ops.wrap(model)
          .chat(
              "a",
              new StreamingChatResponseHandler() {
                @Override
                public void onPartialResponse(String partial) {
                  in.countDown();
                  try {
                    go.await(20, TimeUnit.SECONDS);
                  } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                  }
                  told.add("chunk");
                }

                @Override
                public void onCompleteResponse(ChatResponse response) {
                  told.add("complete");
                }

                @Override
                public void onError(Throwable e) {
                  error.set(e);
                  told.add("error");
                }
              });
    }
    Thread provider =
        new Thread(
            () -> {
              model.handler().onPartialResponse("x");
              model.handler().onCompleteResponse(FakeChatModel.response("x"));
            });
    provider.start();
    in.await();

    clock.advance(SECOND);
    await().until(() -> !seen.ended().isEmpty());
    assertThat(told).isEmpty();
    go.countDown();
    provider.join();

    assertThat(told).containsExactly("chunk", "error");
    assertThat(error.get()).isInstanceOf(DeadlineExceededException.class);
    assertThat(seen.ended()).hasSize(1);
  }

  @Test
  void deadlineOfAnAgentThatStreams_endsItsRun() {
    AtomicReference<Throwable> error = new AtomicReference<>();
    Assistant assistant =
        ops.aiServices(Assistant.class)
            .streamingChatModel(FakeStreamingChatModel.drivenByHand())
            .build();
    try (Scope scope = Deadline.after(SECOND, clock).open()) {
      assistant
          .chat("a")
          .onPartialResponse(text -> {})
          .onCompleteResponse(response -> {})
          .onError(error::set)
          .start();
    }

    clock.advance(SECOND);

    await().until(() -> error.get() != null && seen.ended().size() == 2);
    assertThat(error.get()).isInstanceOf(DeadlineExceededException.class);
    assertThat(seen.ended())
        .allSatisfy(ended -> assertThat(ended.outcome().error()).isSameAs(error.get()))
        .extracting(RecordingInterceptor.Ended::call)
        .hasAtLeastOneElementOfType(AgentCall.class);
  }

  @Test
  void noDeadline_noTimer() {
    FakeChatModel model =
        FakeChatModel.answering(
            request -> {
              assertThat(clock.pendingTimers()).isZero();
              return FakeChatModel.response("hi");
            });

    assertThat(ops.wrap(model).chat("a")).isEqualTo("hi");
  }

  @Test
  void streamThatEndsInTime_leavesNoTimer() {
    RecordingHandler handler = new RecordingHandler();

    try (Scope scope = Deadline.after(SECOND, clock).open()) {
      ops.wrap(FakeStreamingChatModel.saying("hi")).chat("a", handler);
    }

    assertThat(handler.calls()).contains("complete:hi");
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void deadlineOfWhoIsFollowed_isNotThatOfFollowers() {
    AtomicReference<LiveAnswer> first = new AtomicReference<>();
    ChatInterceptor sharing =
        new ChatInterceptor() {
          @Override
          public @Nullable ChatResponse before(ModelCall call) {
            if (first.get() == null) {
              first.set(call.share());
            } else {
              call.follow(first.get());
            }
            return null;
          }
        };
    AgentOps shared = AgentOps.with(sharing, seen).clock(clock).build();
    FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
    RecordingHandler leader = new RecordingHandler();
    RecordingHandler follower = new RecordingHandler();
    try (Scope scope = Deadline.after(SECOND, clock).open()) {
      shared.wrap(model).chat("a", leader);
    }
    shared.wrap(model).chat("a", follower);
    model.handler().onPartialResponse("x");
    await().until(() -> follower.calls().contains("text+ctx:x"));

    clock.advance(SECOND);
    await().until(() -> leader.error() != null);
    model.handler().onPartialResponse("y");
    model.handler().onCompleteResponse(FakeChatModel.response("xy"));

    await().until(() -> follower.calls().contains("complete:xy"));
    assertThat(leader.error()).isInstanceOf(DeadlineExceededException.class);
    assertThat(leader.calls()).hasSize(2);
    assertThat(model.requests()).hasSize(1);
  }

  interface Assistant {
    TokenStream chat(String message);
  }

  /** Waits, as a client would that can be broken off, until it is; the deadline comes meanwhile. */
  private void hang() {
    CountDownLatch broken = new CountDownLatch(1);
    Objects.requireNonNull(ProviderExchange.current()).breakOffWith(broken::countDown);
    clock.advance(SECOND);
    try {
      assertThat(broken.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Embeds nothing, after it has run something. */
  private record Embeddings(Runnable first) implements EmbeddingModel {

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
      first.run();
      return Response.from(List.of(Embedding.from(new float[] {1})));
    }
  }
}

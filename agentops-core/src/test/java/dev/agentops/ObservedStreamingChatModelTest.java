package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.agentops.testing.RecordingInterceptor;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ObservedStreamingChatModelTest {

  private static final ChatRequest REQUEST =
      ChatRequest.builder().messages(UserMessage.from("hello")).build();

  private final TestClock clock = TestClock.create();
  private final RecordingInterceptor seen = new RecordingInterceptor();
  private final RecordingHandler handler = new RecordingHandler();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AgentOps ops = AgentOps.with(seen).listener(events::add).clock(clock).build();
  private final FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
  private final FakeStreamingChatModel.Handle handle = new FakeStreamingChatModel.Handle();

  @Test
  void chat_everyCallback_isRelayedToItsOwnOverload() {
    ops.wrap(model).chat(REQUEST, handler);
    StreamingChatResponseHandler relay = model.handler();
    ToolExecutionRequest tool =
        ToolExecutionRequest.builder().id("1").name("add").arguments("{}").build();
    PartialToolCall partialTool =
        PartialToolCall.builder().index(0).name("add").partialArguments("{").build();

    relay.onPartialResponse("a");
    relay.onPartialResponse(new PartialResponse("b"), new PartialResponseContext(handle));
    relay.onPartialThinking(new PartialThinking("c"));
    relay.onPartialThinking(new PartialThinking("d"), new PartialThinkingContext(handle));
    relay.onPartialToolCall(partialTool);
    relay.onPartialToolCall(partialTool, new PartialToolCallContext(handle));
    relay.onCompleteToolCall(new CompleteToolCall(0, tool));
    relay.onUnmappedRawEvent("ping");
    relay.onCompleteResponse(FakeChatModel.response("ab"));

    assertThat(handler.calls())
        .containsExactly(
            "text:a",
            "text+ctx:b",
            "thinking:c",
            "thinking+ctx:d",
            "tool:{",
            "tool+ctx:{",
            "completeTool:add",
            "raw:ping",
            "complete:ab");
    assertThat(seen.ended()).hasSize(1);
  }

  @Test
  void chat_completeResponse_endsTheCallBeforeTheHandlerHearsOfIt() {
    List<Integer> endedWhenHandlerHeard = new ArrayList<>();
    RecordingHandler inner = handler;
    ops.wrap(model)
        .chat(
            REQUEST,
            new StreamingChatResponseHandler() {
              @Override
              public void onCompleteResponse(ChatResponse response) {
                endedWhenHandlerHeard.add(seen.ended().size());
                inner.onCompleteResponse(response);
              }

              @Override
              public void onError(Throwable error) {
                inner.onError(error);
              }
            });
    clock.advance(Duration.ofMillis(300));
    model.chunk("hi ", handle);
    clock.advance(Duration.ofMillis(200));
    model.handler().onCompleteResponse(FakeChatModel.response("hi there"));

    assertThat(endedWhenHandlerHeard).containsExactly(1);
    ModelCallEvent event = onlyEvent();
    assertThat(event.timeToFirstChunk()).contains(Duration.ofMillis(300));
    assertThat(event.duration()).isEqualTo(Duration.ofMillis(500));
    assertThat(event.streaming()).isTrue();
    assertThat(event.usage()).contains(Usage.of(10, 5));
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void chat_error_endsTheCallOnce() {
    ops.wrap(model).chat(REQUEST, handler);

    model.handler().onError(new IllegalStateException("broken pipe"));
    model.handler().onError(new IllegalStateException("again"));

    assertThat(handler.calls()).containsExactly("error:broken pipe", "error:again");
    assertThat(onlyEvent().status()).isEqualTo(CallStatus.ERROR);
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void chat_modelThrowsBeforeTheStream_afterRunsAndTheCallerGetsTheException() {
    IllegalStateException refused = new IllegalStateException("refused");
    StreamingChatModel refusing =
        FakeStreamingChatModel.scripted(
            (request, h) -> {
              throw refused;
            });

    assertThatThrownBy(() -> ops.wrap(refusing).chat(REQUEST, handler)).isSameAs(refused);

    assertThat(handler.calls()).isEmpty();
    assertThat(onlyEvent().status()).isEqualTo(CallStatus.ERROR);
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void cancel_throughTheHandle_cancelsTheModelAndEndsTheCall() {
    ops.wrap(model).chat(REQUEST, handler);
    model.chunk("Once upon ", handle);

    Objects.requireNonNull(handler.handle()).cancel();
    Objects.requireNonNull(handler.handle()).cancel();

    assertThat(handle.isCancelled()).isTrue();
    assertThat(onlyEvent().status()).isEqualTo(CallStatus.CANCELLED);
    assertThat(seen.ended().get(0).outcome().streamedText()).isEqualTo("Once upon ");
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void silence_betweenChunks_cutsTheStreamOff() {
    ops.wrap(model).chat(REQUEST, handler);
    model.chunk("one ", handle);
    clock.advance(Duration.ofSeconds(59));
    model.chunk("two ", handle);
    clock.advance(Duration.ofSeconds(59));
    assertThat(seen.ended()).isEmpty();

    clock.advance(Duration.ofSeconds(1));

    await().until(() -> handler.error() != null);
    assertThat(handler.error())
        .isInstanceOf(StreamTimeoutException.class)
        .hasMessageContaining("PT1M");
    assertThat(handle.isCancelled()).isTrue();
    assertThat(onlyEvent().status()).isEqualTo(CallStatus.ERROR);
    model.chunk("three ", handle);
    model.handler().onCompleteResponse(FakeChatModel.response("late"));
    assertThat(handler.calls()).hasSize(3).doesNotContain("complete:late");
    assertThat(events).hasSize(1);
  }

  @Test
  void silence_fromTheStart_isAllowedForLongerThanBetweenChunks() {
    ops.wrap(model).chat(REQUEST, handler);

    clock.advance(Duration.ofSeconds(299));
    assertThat(seen.ended()).isEmpty();
    clock.advance(Duration.ofSeconds(1));

    await().until(() -> handler.error() != null);
    assertThat(handler.error()).hasMessageContaining("from the start");
  }

  @Test
  void silence_whileTheHandlerIsBusy_isNotSilence() {
    StreamingChatResponseHandler slow =
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(String partial) {
            clock.advance(Duration.ofMinutes(10)); // writes to a client that does not read
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {
            handler.onCompleteResponse(response);
          }

          @Override
          public void onError(Throwable error) {
            handler.onError(error);
          }
        };
    ops.wrap(model).chat(REQUEST, slow);

    model.handler().onPartialResponse("one");
    model.handler().onCompleteResponse(FakeChatModel.response("one"));

    assertThat(handler.calls()).containsExactly("complete:one");
    assertThat(onlyEvent().status()).isEqualTo(CallStatus.OK);
  }

  @Test
  void handlerThrows_asLangChain4jReportsIt_callGoesOnAndKeepsItsUsage() {
    RuntimeException bug = new IllegalStateException("a bug in the user's callback");
    List<Throwable> errors = new ArrayList<>();
    ops.wrap(model).chat(REQUEST, throwingOnPartial(bug, errors));

    RuntimeException thrown = null;
    try {
      model.chunk("x", handle);
    } catch (RuntimeException e) {
      thrown = e;
      model.handler().onError(e); // what LangChain4j does
    }
    assertThat(thrown).isSameAs(bug);
    assertThat(errors).containsExactly(bug);
    assertThat(events).isEmpty();
    model.handler().onCompleteResponse(FakeChatModel.response("x"));

    assertThat(onlyEvent().status()).isEqualTo(CallStatus.OK);
    assertThat(onlyEvent().usage()).contains(Usage.of(10, 5));
  }

  @Test
  void handlerThrows_andTheModelFallsSilent_callEndsWithThatError() {
    RuntimeException bug = new IllegalStateException("a bug in the user's callback");
    List<Throwable> errors = new ArrayList<>();
    ops.wrap(model).chat(REQUEST, throwingOnPartial(bug, errors));
    assertThatThrownBy(() -> model.chunk("x", handle)).isSameAs(bug);
    model.handler().onError(bug);

    clock.advance(Duration.ofMinutes(10));

    await().until(() -> seen.ended().size() == 1);
    assertThat(seen.ended().get(0).outcome().error()).isSameAs(bug);
    assertThat(errors).containsExactly(bug);
  }

  @Test
  void rejected_streamHearsItThroughOnError() {
    CallRejectedException rejection = new CallRejectedException("over the budget");
    AgentOps rejecting =
        AgentOps.with(
                new ChatInterceptor() {
                  @Override
                  public ChatResponse before(ModelCall call) {
                    throw rejection;
                  }
                })
            .build();

    rejecting.wrap(model).chat(REQUEST, handler);

    assertThat(handler.error()).isSameAs(rejection);
    assertThat(model.requests()).isEmpty();
  }

  @Test
  void answeredByAnInterceptor_isReplayedPartByPart() {
    AiMessage message =
        AiMessage.builder()
            .text("hello")
            .thinking("hm")
            .toolExecutionRequests(
                List.of(ToolExecutionRequest.builder().name("add").arguments("{}").build()))
            .build();
    AgentOps answering =
        AgentOps.with(
                new ChatInterceptor() {
                  @Override
                  public ChatResponse before(ModelCall call) {
                    return FakeChatModel.response(message, FinishReason.STOP);
                  }
                })
            .build();

    answering.wrap(model).chat(REQUEST, handler);

    assertThat(handler.calls())
        .containsExactly("thinking+ctx:hm", "text+ctx:hello", "completeTool:add", "complete:hello");
    assertThat(model.requests()).isEmpty();
  }

  @Test
  void callbacks_onAnotherThread_runInTheCallersContext() throws Exception {
    List<Object> users = new CopyOnWriteArrayList<>();
    StreamingChatResponseHandler looking =
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(String partial) {
            users.add(String.valueOf(Context.current().attributes().get("user.id")));
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {
            users.add(String.valueOf(Context.current().attributes().get("user.id")));
          }

          @Override
          public void onError(Throwable error) {
            throw new AssertionError(error);
          }
        };
    try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
      ops.wrap(model).chat(REQUEST, looking);
    }
    ExecutorService http = Executors.newSingleThreadExecutor();
    try {
      http.submit(
              () -> {
                model.handler().onPartialResponse("x");
                model.handler().onCompleteResponse(FakeChatModel.response("x"));
              })
          .get(10, TimeUnit.SECONDS);
      assertThat(users).containsExactly("alice", "alice");
      assertThat(
              http.submit(() -> Context.current().attributes().isEmpty()).get(10, TimeUnit.SECONDS))
          .isTrue();
    } finally {
      http.shutdownNow();
    }
  }

  @Test
  void timeouts_forEver_meanNever() {
    AgentOps patient =
        AgentOps.with(seen)
            .firstChunkTimeout(ChronoUnit.FOREVER.getDuration())
            .idleTimeout(ChronoUnit.FOREVER.getDuration())
            .build();
    patient.wrap(model).chat(REQUEST, handler);
    model.chunk("x", handle);
    model.handler().onCompleteResponse(FakeChatModel.response("x"));

    assertThat(handler.calls()).containsExactly("text+ctx:x", "complete:x");
    assertThat(seen.ended()).hasSize(1);
  }

  @Test
  void silence_afterAnEarlierExceptionOfTheHandler_isToldAllTheSame() {
    RuntimeException bug = new IllegalStateException("only once");
    boolean[] thrown = {false};
    List<Throwable> errors = new CopyOnWriteArrayList<>();
    ops.wrap(model)
        .chat(
            REQUEST,
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(String partial) {
                if (!thrown[0]) {
                  thrown[0] = true;
                  throw bug;
                }
              }

              @Override
              public void onCompleteResponse(ChatResponse response) {}

              @Override
              public void onError(Throwable error) {
                errors.add(error);
              }
            });
    assertThatThrownBy(() -> model.chunk("one", handle)).isSameAs(bug);
    model.handler().onError(bug);
    model.chunk("two", handle);

    clock.advance(Duration.ofMinutes(1));

    await().until(() -> errors.size() == 2);
    assertThat(errors.get(1)).isInstanceOf(StreamTimeoutException.class);
    assertThat(handle.isCancelled()).isTrue();
  }

  @Test
  void silence_handleThatCannotCancel_handlerIsToldAllTheSame() {
    ops.wrap(model).chat(REQUEST, handler);
    model.chunk(
        "x",
        new StreamingHandle() {
          @Override
          public void cancel() {
            throw new UnsupportedOperationException("cannot");
          }

          @Override
          public boolean isCancelled() {
            return false;
          }
        });

    clock.advance(Duration.ofMinutes(1));

    await().until(() -> handler.error() instanceof StreamTimeoutException);
    assertThat(seen.ended()).hasSize(1);
    assertThatThrownBy(() -> Objects.requireNonNull(handler.handle()).cancel())
        .hasMessage("cannot");
  }

  @Test
  void silence_slowInterceptor_doesNotHoldTheTimer() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch ended = new CountDownLatch(1);
    AgentOps slow =
        AgentOps.with(
                new ChatInterceptor() {
                  @Override
                  public void after(ModelCall call, Outcome<ChatResponse> outcome) {
                    try {
                      release.await();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                    ended.countDown();
                  }
                })
            .clock(clock)
            .build();
    slow.wrap(model).chat(REQUEST, handler);

    clock.advance(Duration.ofMinutes(5)); // would hang here, were the interceptor run by the timer

    assertThat(handler.calls()).isEmpty();
    release.countDown();
    assertThat(ended.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void cancel_providerReportsItsOwnClosing_isCancelledAndNotAnError() {
    ops.wrap(model).chat(REQUEST, handler);
    model.chunk(
        "x",
        new StreamingHandle() {
          @Override
          public void cancel() {
            model.handler().onError(new IllegalStateException("closed"));
          }

          @Override
          public boolean isCancelled() {
            return true;
          }
        });

    Objects.requireNonNull(handler.handle()).cancel();

    assertThat(onlyEvent().status()).isEqualTo(CallStatus.CANCELLED);
  }

  @Test
  void handlerThrows_modelThatStreamsInPlaceStopsAtIt_callEndsAtOnce() {
    RuntimeException bug = new IllegalStateException("bug");
    FakeStreamingChatModel stopping =
        FakeStreamingChatModel.scripted(
            (request, h) -> {
              try {
                h.onPartialResponse("x");
              } catch (RuntimeException e) {
                h.onError(e);
              }
            });
    List<Throwable> errors = new ArrayList<>();

    ops.wrap(stopping)
        .chat(
            REQUEST,
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(String partial) {
                throw bug;
              }

              @Override
              public void onCompleteResponse(ChatResponse response) {}

              @Override
              public void onError(Throwable error) {
                errors.add(error);
              }
            });

    assertThat(errors).containsExactly(bug);
    assertThat(onlyEvent().status()).isEqualTo(CallStatus.ERROR);
  }

  @Test
  void answeredByAnInterceptor_handlerThrows_isReportedToItAsByALiveModel() {
    AgentOps answering =
        AgentOps.with(
                new ChatInterceptor() {
                  @Override
                  public ChatResponse before(ModelCall call) {
                    return FakeChatModel.response("hello");
                  }
                })
            .build();
    List<String> log = new ArrayList<>();

    answering
        .wrap(model)
        .chat(
            REQUEST,
            new StreamingChatResponseHandler() {
              @Override
              public void onPartialResponse(String partial) {
                throw new IllegalStateException("bug");
              }

              @Override
              public void onCompleteResponse(ChatResponse response) {
                log.add("complete");
              }

              @Override
              public void onError(Throwable error) {
                log.add(error.getMessage());
                throw new IllegalStateException("another bug");
              }
            });

    assertThat(log).first().isEqualTo("bug");
    assertThat(answering.faults()).isEqualTo(1);
  }

  @Test
  void finish_usageThatCannotBeRead_handlerStillHearsTheEnd() {
    ops.wrap(model).chat(REQUEST, handler);

    model
        .handler()
        .onCompleteResponse(
            ChatResponse.builder()
                .aiMessage(AiMessage.from("x"))
                .tokenUsage(
                    new TokenUsage(1, 1) {
                      @Override
                      public Integer inputTokenCount() {
                        throw new NoSuchMethodError("another version");
                      }
                    })
                .build());

    assertThat(handler.calls()).containsExactly("complete:x");
    assertThat(onlyEvent().status()).isEqualTo(CallStatus.OK);
    assertThat(ops.faults()).isEqualTo(1);
  }

  private static StreamingChatResponseHandler throwingOnPartial(
      RuntimeException bug, List<Throwable> errors) {
    return new StreamingChatResponseHandler() {
      @Override
      public void onPartialResponse(String partial) {
        throw bug;
      }

      @Override
      public void onCompleteResponse(ChatResponse response) {}

      @Override
      public void onError(Throwable error) {
        errors.add(error);
      }
    };
  }

  private ModelCallEvent onlyEvent() {
    assertThat(events).hasSize(1);
    assertThat(seen.ended()).hasSize(1);
    return (ModelCallEvent) events.get(0);
  }
}

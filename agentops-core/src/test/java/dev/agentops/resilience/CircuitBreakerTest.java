package dev.agentops.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Deadline;
import dev.agentops.DeadlinePassedException;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.ResilienceEvent;
import dev.agentops.resilience.CircuitBreaker.State;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.agentops.testing.WithoutJars;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest {

  private static final String NAME = "openai/fake-model";

  private final TestClock clock = TestClock.create();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AgentOps ops = AgentOps.with().listener(events::add).build();
  private final CircuitBreaker breaker =
      CircuitBreaker.builder()
          .window(4, 4)
          .trialCalls(2)
          .openFor(Duration.ofSeconds(30))
          .slowCalls(Duration.ofSeconds(10), 0.5)
          .clock(clock)
          .build();
  private final AtomicReference<RuntimeException> trouble = new AtomicReference<>();
  private final FakeChatModel fake =
      FakeChatModel.answering(
          request -> {
            RuntimeException error = trouble.get();
            if (error != null) {
              throw error;
            }
            return FakeChatModel.response("hi");
          });
  private final ChatModel model = breaker.wrap(NAME, ops.wrap(fake));

  @Test
  void chat_halfOfTheCallsFail_opensThenTriesThenCloses() {
    open();

    assertThatThrownBy(() -> model.chat("hello"))
        .isInstanceOfSatisfying(
            CircuitOpenException.class,
            e -> assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(30)));
    assertThat(fake.requests()).hasSize(4);
    clock.setWallTime(Instant.EPOCH); // says nothing
    clock.advance(Duration.ofSeconds(29));
    assertThatThrownBy(() -> model.chat("hello")).hasMessageContaining("PT1S");
    clock.advance(Duration.ofSeconds(1));
    trouble.set(null);
    model.chat("hello");
    assertThat(breaker.states()).containsEntry(NAME, State.HALF_OPEN);
    model.chat("hello");

    assertThat(breaker.states()).containsEntry(NAME, State.CLOSED);
    assertThat(events)
        .filteredOn(ResilienceEvent.class::isInstance)
        .map(event -> ((ResilienceEvent) event).type())
        .containsExactly(
            ResilienceEvent.Type.CIRCUIT_OPEN,
            ResilienceEvent.Type.CIRCUIT_HALF_OPEN,
            ResilienceEvent.Type.CIRCUIT_CLOSED);
  }

  @Test
  void chat_badRequests_sayNothing() {
    trouble.set(new InvalidRequestException("what?"));
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(InvalidRequestException.class);
    }

    assertThat(breaker.states()).containsEntry(NAME, State.CLOSED);
  }

  @Test
  void chat_slowAnswers_open() {
    ChatModel slow =
        breaker.wrap(
            FakeChatModel.answering(
                request -> {
                  clock.advance(Duration.ofSeconds(11));
                  return FakeChatModel.response("hi");
                }));
    for (int i = 0; i < 4; i++) {
      slow.chat("hello");
    }

    assertThatThrownBy(() -> slow.chat("hello")).isInstanceOf(CircuitOpenException.class);
  }

  @Test
  void stream_cancelledTrials_giveTheirPermissionsBack() {
    open();
    clock.advance(Duration.ofSeconds(30));
    FakeStreamingChatModel stream = FakeStreamingChatModel.drivenByHand();
    StreamingChatModel streaming = breaker.wrap(NAME, ops.wrap(stream));

    for (int i = 0; i < 10; i++) {
      RecordingHandler handler = new RecordingHandler();
      streaming.chat("hello", handler);
      stream.chunk("a", new FakeStreamingChatModel.Handle());
      Objects.requireNonNull(handler.handle()).cancel();
    }

    assertThat(breaker.states()).containsEntry(NAME, State.HALF_OPEN);
    trouble.set(null);
    model.chat("hello");
    model.chat("hello");
    assertThat(breaker.states()).containsEntry(NAME, State.CLOSED);
  }

  @Test
  void stream_handlerThrows_isNoFailureOfTheModel() {
    open();
    clock.advance(Duration.ofSeconds(30));
    FakeStreamingChatModel stream = FakeStreamingChatModel.drivenByHand();
    StreamingChatModel streaming = breaker.wrap(NAME, stream);
    IllegalStateException thrown = new IllegalStateException("of the handler");

    for (int i = 0; i < 5; i++) {
      streaming.chat("hello", new ThrowingHandler(thrown));
      assertThatThrownBy(() -> stream.handler().onPartialResponse("a")).isSameAs(thrown);
      stream.handler().onError(thrown); // as LangChain4j tells it
      stream.handler().onCompleteResponse(FakeChatModel.response("a"));
    }

    assertThat(breaker.states()).containsEntry(NAME, State.HALF_OPEN);
  }

  @Test
  void wrap_twoHostsOfOneModel_failEachForItself() {
    FakeChatModel well = FakeChatModel.saying("hi");
    ChatModel east = breaker.wrap(ops.wrap(FakeChatModel.throwing(new RateLimitException("no"))));
    ChatModel west = breaker.wrap(ops.wrap(well));
    for (int i = 0; i < 4; i++) {
      assertThatThrownBy(() -> east.chat("hello")).isInstanceOf(RateLimitException.class);
    }

    assertThatThrownBy(() -> east.chat("hello")).hasMessageContaining(NAME + " is open");
    assertThat(west.chat("hello")).isEqualTo("hi");
    assertThat(breaker.states())
        .containsEntry(NAME, State.OPEN)
        .containsEntry(NAME + "#2", State.CLOSED);
  }

  @Test
  void wrap_theSameModelAgain_hasTheSameCircuit() {
    FakeChatModel failing = FakeChatModel.throwing(new RateLimitException("no"));
    ChatModel one = breaker.wrap(ops.wrap(failing));
    ChatModel again = breaker.wrap(Timeouts.total(Duration.ofHours(1)).wrap(ops.wrap(failing)));
    for (int i = 0; i < 4; i++) {
      assertThatThrownBy(() -> one.chat("hello")).isInstanceOf(RateLimitException.class);
    }

    assertThatThrownBy(() -> again.chat("hello")).isInstanceOf(CircuitOpenException.class);
    assertThat(breaker.states()).containsExactly(Map.entry(NAME, State.OPEN));
  }

  @Test
  void chat_changes_areToldToTheAgentOpsOfTheCallThatMadeThem() {
    List<OpsEvent> others = new CopyOnWriteArrayList<>();
    AgentOps second = AgentOps.with().listener(others::add).build();
    ChatModel last = breaker.wrap(NAME, second.wrap(fake));
    trouble.set(new RateLimitException("slow down"));
    for (int i = 0; i < 3; i++) {
      assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RateLimitException.class);
    }

    try (Scope scope = second.scope(Attributes.of("user.id", "alice"))) {
      assertThatThrownBy(() -> last.chat("hello")).isInstanceOf(RateLimitException.class);
    }

    assertThat(events).noneMatch(ResilienceEvent.class::isInstance);
    assertThat(others)
        .filteredOn(ResilienceEvent.class::isInstance)
        .singleElement()
        .satisfies(event -> assertThat(event.attributes().get("user.id")).isEqualTo("alice"));
  }

  @Test
  void stream_begunBeforeItOpened_isNoTrial() {
    FakeStreamingChatModel stream = FakeStreamingChatModel.drivenByHand();
    StreamingChatModel streaming = breaker.wrap(NAME, stream);
    streaming.chat("hello", new RecordingHandler());
    StreamingChatResponseHandler first = stream.handler();
    streaming.chat("hello", new RecordingHandler());
    StreamingChatResponseHandler second = stream.handler();
    open();
    clock.advance(Duration.ofSeconds(30));
    trouble.set(null);
    model.chat("hello");

    first.onError(new RateLimitException("long ago"));
    second.onError(new RateLimitException("long ago"));

    assertThat(breaker.states()).containsEntry(NAME, State.HALF_OPEN);
    model.chat("hello");
    assertThat(breaker.states()).containsEntry(NAME, State.CLOSED);
  }

  @Test
  void stream_trialThatNeverEnds_letsOneMoreThroughNowAndThen() {
    open();
    trouble.set(null);
    clock.advance(Duration.ofSeconds(30));
    StreamingChatModel hanging = breaker.wrap(NAME, FakeStreamingChatModel.drivenByHand());
    hanging.chat("hello", new RecordingHandler());
    hanging.chat("hello", new RecordingHandler());

    clock.advance(Duration.ofSeconds(20));
    assertThatThrownBy(() -> model.chat("hello"))
        .hasMessageContaining("waits for the calls of its trial")
        .isInstanceOfSatisfying(
            CircuitOpenException.class,
            e -> assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(10)));
    clock.advance(Duration.ofSeconds(10));
    model.chat("hello");
    assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(CircuitOpenException.class);
    clock.advance(Duration.ofSeconds(30));
    model.chat("hello");

    assertThat(breaker.states()).containsEntry(NAME, State.CLOSED);
  }

  @Test
  void chat_deadlineOfTheCallerPasses_saysNothing() {
    ChatModel timed =
        breaker.wrap(
            NAME,
            ops.wrap(
                FakeChatModel.answering(
                    request -> {
                      clock.advance(Duration.ofSeconds(5));
                      throw new TimeoutException("late");
                    })));
    for (int i = 0; i < 8; i++) {
      try (Scope scope = Deadline.after(Duration.ofSeconds(5), clock).open()) {
        assertThatThrownBy(() -> timed.chat("hello"))
            .satisfies(error -> assertThat(ErrorKind.of(error)).isEqualTo(ErrorKind.TIMEOUT));
        assertThatThrownBy(() -> timed.chat("hello")).isInstanceOf(DeadlinePassedException.class);
      }
    }

    assertThat(breaker.states()).containsEntry(NAME, State.CLOSED);
  }

  @Test
  void fallback_openCircuit_leadsToTheOther() {
    open();
    ChatModel both = Fallback.ofDefaults().wrap(model, FakeChatModel.saying("other"));

    assertThat(both.chat("hello")).isEqualTo("other");
    assertThat(fake.requests()).hasSize(4);
  }

  @Test
  void build_withoutResilience4j_saysWhatIsMissing() throws Exception {
    assertThat(WithoutJars.call(Builds.class, "resilience4j-circuitbreaker", "resilience4j-core"))
        .isEqualTo(
            "a circuit breaker needs io.github.resilience4j:resilience4j-circuitbreaker on the"
                + " class path; hi");
  }

  private void open() {
    trouble.set(new RateLimitException("slow down"));
    for (int i = 0; i < 4; i++) {
      assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RateLimitException.class);
    }
    assertThat(breaker.states()).containsEntry(NAME, State.OPEN);
  }

  /** All the rest works without the jar. */
  public static final class Builds implements Callable<String> {

    @Override
    public String call() {
      String said =
          Resilience.builder()
              .deadline(Duration.ofMinutes(1))
              .retry(Retry.ofDefaults())
              .build()
              .wrap(FakeChatModel.saying("hi"), FakeChatModel.saying("other"))
              .chat("hello");
      try {
        CircuitBreaker.ofDefaults();
        return "built";
      } catch (IllegalStateException e) {
        return e.getMessage() + "; " + said;
      }
    }
  }

  /** Throws at each part. */
  private static final class ThrowingHandler implements StreamingChatResponseHandler {

    private final RuntimeException thrown;

    ThrowingHandler(RuntimeException thrown) {
      this.thrown = thrown;
    }

    @Override
    public void onPartialResponse(String part) {
      throw thrown;
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {}

    @Override
    public void onError(Throwable error) {}
  }
}

package dev.agentops.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.CallRejectedException;
import dev.agentops.ChatInterceptor;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.ModelCall;
import dev.agentops.ProviderExchange;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.ResilienceEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RetryTest {

  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AgentOps ops = AgentOps.with().listener(events::add).build();
  private final TestClock clock = TestClock.create();
  private final Retry quick =
      Retry.builder().backoff(Duration.ofNanos(1), Duration.ofNanos(1)).build();

  @Test
  void chat_failsTwice_answersAtTheThirdAttempt() {
    ChatModel model =
        quick.wrap(
            ops.wrap(Faults.chat("hi", new RateLimitException("1"), new TimeoutException("2"))));

    assertThat(model.chat("hello")).isEqualTo("hi");
    assertThat(quick.retries()).isEqualTo(2);
    assertThat(events).filteredOn(ModelCallEvent.class::isInstance).hasSize(3);
    assertThat(events)
        .filteredOn(ResilienceEvent.class::isInstance)
        .extracting(OpsEvent::toString)
        .first()
        .asString()
        .startsWith("ResilienceEvent{RETRY openai/fake-model, rate_limited, attempt 2");
  }

  @Test
  void chat_badRequest_isNotTriedAgain() {
    FakeChatModel fake = Faults.chat("hi", new InvalidRequestException("what?"));

    assertThatThrownBy(() -> quick.wrap(fake).chat("hello"))
        .isInstanceOf(InvalidRequestException.class);
    assertThat(fake.requests()).hasSize(1);
  }

  @Test
  void chat_refused_isTriedAgainOnlyWhereAllowedAndSoon() {
    Refusing refusing = new Refusing();
    AgentOps limited = AgentOps.with(refusing).build();
    ChatModel model = limited.wrap(FakeChatModel.saying("hi"));

    assertThatThrownBy(() -> quick.wrap(model).chat("hello"))
        .isInstanceOf(CallRejectedException.class);
    refusing.refuse = true;
    Retry patient =
        Retry.builder()
            .backoff(Duration.ofNanos(1), Duration.ofNanos(1))
            .retryRefusals(Duration.ofMillis(1))
            .build();
    assertThat(patient.wrap(model).chat("hello")).isEqualTo("hi");
  }

  @Test
  void chat_deadlineBeforeTheNextAttempt_failsAtOnceWithTheError() {
    FakeChatModel fake =
        FakeChatModel.answering(
            request -> {
              clock.advance(Duration.ofSeconds(1));
              throw new RateLimitException("slow down");
            });
    ChatModel model = Retry.builder().clock(clock).build().wrap(fake);

    try (Scope scope = Deadline.after(Duration.ofSeconds(1), clock).open()) {
      assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RateLimitException.class);
    }
    assertThat(fake.requests()).hasSize(1);
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void chat_everythingFails_retriesStayWithinTheBudget() {
    Retry retry =
        Retry.builder().backoff(Duration.ofNanos(1), Duration.ofNanos(1)).budget(0.2, 5).build();
    FakeChatModel fake = FakeChatModel.throwing(new RateLimitException("slow down"));
    ChatModel model = retry.wrap(ops.wrap(fake));

    for (int i = 0; i < 100; i++) {
      assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RateLimitException.class);
    }
    assertThat(fake.requests()).hasSizeBetween(115, 125);
    assertThat(retry.unaffordable()).isPositive();
  }

  @Test
  void chat_interruptedWhileItWaits_failsWithTheErrorAndStaysInterrupted() {
    ChatModel model =
        Retry.builder().clock(clock).build().wrap(Faults.chat("hi", new RateLimitException("1")));

    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RateLimitException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void stream_failsBeforeAnyChunk_isTriedAgainWithoutABlockedThread() {
    StreamingChatModel model =
        Retry.builder()
            .clock(clock)
            .build()
            .wrap(ops.wrap(Faults.streaming("hi there", new RateLimitException("1"))));
    RecordingHandler handler = new RecordingHandler();

    model.chat("hello", handler); // returns
    assertThat(handler.calls()).isEmpty();
    clock.advance(Duration.ofSeconds(1));

    await().until(() -> handler.calls().size() == 3);
    assertThat(handler.calls())
        .containsExactly("text+ctx:hi ", "text+ctx:there", "complete:hi there");
  }

  @Test
  void stream_failsAfterAChunk_isNotTriedAgain() {
    FakeStreamingChatModel fake = FakeStreamingChatModel.drivenByHand();
    RecordingHandler handler = new RecordingHandler();
    quick.wrap(ops.wrap(fake)).chat("hello", handler);

    fake.chunk("a", new FakeStreamingChatModel.Handle());
    fake.handler().onError(new RateLimitException("slow down"));

    assertThat(handler.calls()).containsExactly("text+ctx:a", "error:slow down");
    assertThat(fake.requests()).hasSize(1);
  }

  @Test
  void stream_lateChunksOfAFailedAttempt_areDropped() {
    FakeStreamingChatModel fake = FakeStreamingChatModel.drivenByHand();
    RecordingHandler handler = new RecordingHandler();
    quick.wrap(fake).chat("hello", handler);
    var first = fake.handler();

    first.onError(new RateLimitException("slow down"));
    await().until(() -> fake.requests().size() == 2);
    await().until(() -> fake.handler() != first);
    first.onPartialResponse("late");
    first.onCompleteResponse(FakeChatModel.response("late"));
    fake.handler().onCompleteResponse(FakeChatModel.response("hi"));

    assertThat(handler.calls()).containsExactly("complete:hi");
  }

  @Test
  void stream_anyAttempt_callsBackInTheContextOfTheCaller() {
    List<Context> seen = new CopyOnWriteArrayList<>();
    StreamingChatModel model =
        quick.wrap(ops.wrap(Faults.streaming("hi", new RateLimitException("1"))));

    Context mine;
    try (Scope scope = ops.scope(Attributes.of("user.id", "alice"))) {
      mine = scope.context();
      model.chat(
          "hello",
          new StreamingChatResponseHandler() {
            @Override
            public void onPartialResponse(String part) {
              seen.add(Context.current());
            }

            @Override
            public void onCompleteResponse(ChatResponse response) {
              seen.add(Context.current());
            }

            @Override
            public void onError(Throwable error) {}
          });
    }
    await().until(() -> seen.size() == 2);
    assertThat(seen).containsOnly(mine);
  }

  @Test
  void builder_badValues_areQuoted() {
    Retry.Builder builder = Retry.builder();

    assertThatThrownBy(() -> builder.maxAttempts(0)).hasMessageContaining("0");
    assertThatThrownBy(() -> builder.budget(Double.NaN, 1)).hasMessageContaining("NaN");
    assertThatThrownBy(() -> builder.backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
        .hasMessageContaining("PT2S > PT1S");
  }

  /** Refuses once. */
  private static final class Refusing implements ChatInterceptor {

    private volatile boolean refuse = true;

    @Override
    public @Nullable ChatResponse before(ModelCall call) {
      if (refuse) {
        refuse = false;
        throw new Refusal();
      }
      return null;
    }
  }

  private static final class Refusal extends CallRejectedException {

    private static final long serialVersionUID = 1L;

    Refusal() {
      super("not now");
    }

    @Override
    public Duration retryAfter() {
      return Duration.ofMillis(1);
    }
  }

  @Test
  void chat_brokenOffWhileItWaits_endsAtOnce() {
    RateLimitException error = new RateLimitException("1");
    FakeChatModel failing = FakeChatModel.throwing(error);
    ChatModel model = Retry.builder().clock(clock).build().wrap(ops.wrap(failing));
    AtomicReference<ProviderExchange> exchange = new AtomicReference<>();
    CompletableFuture<Throwable> caller =
        CompletableFuture.supplyAsync(
                () -> {
                  exchange.set(ProviderExchange.create());
                  try (Scope scope = exchange.get().open()) {
                    return model.chat("hello");
                  }
                })
            .handle((answer, thrown) -> thrown);

    await().until(() -> clock.pendingTimers() > 0);
    exchange.get().breakOff();

    assertThat(ErrorKind.of(caller.join())).isEqualTo(ErrorKind.INTERRUPTED);
    assertThat(failing.requests()).hasSize(1);
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void stream_brokenOffWhileItWaits_endsAtOnce() {
    RecordingHandler handler = new RecordingHandler();
    StreamingChatModel model =
        Retry.builder()
            .clock(clock)
            .build()
            .wrap(ops.wrap(Faults.streaming("hi", new RateLimitException("1"))));
    ProviderExchange exchange = ProviderExchange.create();
    try (Scope scope = exchange.open()) {
      model.chat("hello", handler);
    }
    assertThat(handler.calls()).isEmpty();

    exchange.breakOff();

    await().until(() -> handler.error() != null);
    assertThat(handler.error()).isInstanceOf(CancellationException.class);
    assertThat(clock.pendingTimers()).isZero();
  }
}

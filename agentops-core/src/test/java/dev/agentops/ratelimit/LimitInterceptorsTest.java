package dev.agentops.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.CallRejectedException;
import dev.agentops.ChatInterceptor;
import dev.agentops.ModelCall;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.RateLimitEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LimitInterceptorsTest {

  private final TestClock clock = TestClock.create();
  private final List<OpsEvent> events = new ArrayList<>();

  @Test
  void rateLimit_perUser_refusesWithAnEvent() {
    RateLimiter limiter =
        RateLimiter.builder().name("chat").requestsPerMinute(1).clock(clock).build();
    AgentOps ops =
        AgentOps.with(RateLimitInterceptor.of(limiter)).listener(events::add).clock(clock).build();
    ChatModel model = ops.wrap(FakeChatModel.saying("hi"));

    try (Scope alice = ops.scope(Attributes.of("user.id", "alice"))) {
      model.chat("one");
      assertThatThrownBy(() -> model.chat("two"))
          .isInstanceOfSatisfying(
              RateLimitExceededException.class,
              refused -> {
                assertThat(refused.limiter()).isEqualTo("chat");
                assertThat(refused.key()).isEqualTo("alice");
                assertThat(refused.retryAfter()).isEqualTo(Duration.ofMinutes(1));
              });
    }
    model.chat("someone else");

    assertThat(events).filteredOn(RateLimitEvent.class::isInstance).hasSize(1);
  }

  @Test
  void rateLimit_callThatNeverReachedTheModel_isGivenBack() {
    RateLimiter limiter = RateLimiter.builder().requestsPerMinute(1).clock(clock).build();
    boolean[] refuse = {true};
    ChatInterceptor inner =
        new ChatInterceptor() {
          @Override
          public ChatResponse before(ModelCall call) {
            if (refuse[0]) {
              throw new CallRejectedException("budget");
            }
            return null;
          }
        };
    ChatModel model =
        AgentOps.with(RateLimitInterceptor.of(limiter), inner)
            .build()
            .wrap(FakeChatModel.saying("hi"));

    assertThatThrownBy(() -> model.chat("x")).hasMessage("budget");
    refuse[0] = false;

    assertThat(model.chat("x")).isEqualTo("hi");
  }

  @Test
  void rateLimit_tokens_areSettledByTheProvidersNumbers() {
    RateLimiter limiter = RateLimiter.builder().tokensPerMinute(100).clock(clock).build();
    ChatModel model =
        AgentOps.with(RateLimitInterceptor.of(limiter))
            .build()
            .wrap(FakeChatModel.saying("15 tokens in all"));
    ChatRequest request =
        ChatRequest.builder().messages(UserMessage.from("hi")).maxOutputTokens(90).build();

    model.chat(request); // reserves 95, uses 15

    assertThat(limiter.tryAcquire("anonymous", 86)).isFalse();
    assertThat(limiter.tryAcquire("anonymous", 85)).isTrue();
    assertThatThrownBy(() -> model.chat("hi")).isInstanceOf(RateLimitExceededException.class);
  }

  @Test
  void concurrency_stream_holdsItsPermitUntilItEnds() {
    ConcurrencyLimiter limiter = ConcurrencyLimiter.of(1);
    FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
    AgentOps ops =
        AgentOps.with(ConcurrencyInterceptor.of(limiter, Duration.ZERO)).clock(clock).build();
    RecordingHandler second = new RecordingHandler();

    ops.wrap(model).chat("one", new RecordingHandler());
    assertThat(limiter.inUse()).isEqualTo(1);
    ops.wrap(model).chat("two", second);
    assertThat(second.error()).isInstanceOf(ConcurrencyLimitExceededException.class);

    model.handler().onCompleteResponse(FakeChatModel.response("done"));
    assertThat(limiter.inUse()).isZero();
  }

  @Test
  void concurrency_closedTwice_releasesOnce() throws Exception {
    ConcurrencyLimiter limiter = ConcurrencyLimiter.of(1);
    ConcurrencyLimiter.Permit permit = limiter.acquire();
    permit.close();
    permit.close();

    assertThat(limiter.tryAcquire()).isPresent();
    assertThat(limiter.tryAcquire()).isEmpty();
    assertThatThrownBy(() -> ConcurrencyLimiter.of(0)).hasMessageContaining("0");
  }

  @Test
  void rateLimit_keyOfNobody_isSharedByAllTheNameless() {
    RateLimiter limiter = RateLimiter.builder().requestsPerMinute(1).clock(clock).build();
    ChatModel model =
        AgentOps.with(
                RateLimitInterceptor.builder(limiter)
                    .key(call -> call.attributes().text("tenant"))
                    .build())
            .build()
            .wrap(FakeChatModel.saying("hi"));
    model.chat("one");

    assertThatThrownBy(() -> model.chat("two")).isInstanceOf(RateLimitExceededException.class);
  }

  @Test
  void rateLimit_callThatFailed_givesItsTokensBack() {
    RateLimiter limiter = RateLimiter.builder().tokensPerMinute(1_000).clock(clock).build();
    AgentOps ops = AgentOps.with(RateLimitInterceptor.of(limiter)).build();
    ChatModel failing = ops.wrap(FakeChatModel.throwing(new IllegalStateException("401")));

    assertThatThrownBy(
            () ->
                failing.chat(
                    ChatRequest.builder()
                        .messages(UserMessage.from("hi"))
                        .maxOutputTokens(Integer.MAX_VALUE)
                        .build()))
        .hasMessage("401");

    assertThat(limiter.tryAcquire("anonymous", 1_000)).isTrue();
  }

  @Test
  void concurrency_noPermitInTime_isToldWithTheLimitersName() {
    ConcurrencyLimiter limiter = ConcurrencyLimiter.of("gpu", 1);
    FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
    AgentOps ops =
        AgentOps.with(ConcurrencyInterceptor.of(limiter, Duration.ZERO))
            .listener(events::add)
            .clock(clock)
            .build();
    RecordingHandler second = new RecordingHandler();
    ops.wrap(model).chat("one", new RecordingHandler());
    ops.wrap(model).chat("two", second);

    assertThat(second.error())
        .isInstanceOfSatisfying(
            ConcurrencyLimitExceededException.class,
            refused -> assertThat(refused.limiter()).isEqualTo("gpu"));
    assertThat(events)
        .filteredOn(RateLimitEvent.class::isInstance)
        .extracting(event -> ((RateLimitEvent) event).limiter())
        .containsExactly("gpu");
  }

  @Test
  void concurrency_maxWaitForEver_waits() throws Exception {
    ConcurrencyLimiter limiter = ConcurrencyLimiter.of(1);

    try (ConcurrencyLimiter.Permit permit = limiter.acquire(ChronoUnit.FOREVER.getDuration())) {
      assertThat(limiter.inUse()).isEqualTo(1);
    }
  }
}

package dev.agentops.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.ProviderExchange;
import dev.agentops.TestClock;
import dev.agentops.ratelimit.RateLimitInterceptor;
import dev.agentops.ratelimit.RateLimiter;
import dev.agentops.resilience.LoadBalancer.Choice;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.agentops.testing.RecordingHandler;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LoadBalancerTest {

  private final TestClock clock = TestClock.create();
  private final AgentOps ops = AgentOps.with().build();
  private final FakeChatModel a = FakeChatModel.saying("a");
  private final FakeChatModel b = FakeChatModel.saying("b");

  @Test
  void roundRobin_weights_areKept() {
    ChatModel model =
        LoadBalancer.builder().choice(Choice.ROUND_ROBIN).weights(3, 1).build().wrap(a, b);
    ask(model, 40);

    assertThat(a.requests()).hasSize(30);
    assertThat(b.requests()).hasSize(10);
  }

  @Test
  void chat_oneKeysOwnLimitRefuses_theNextAnswersUntilThat() {
    RateLimiter limiter = RateLimiter.builder().requestsPerMinute(1).clock(clock).build();
    AgentOps limited = AgentOps.with(RateLimitInterceptor.of(limiter)).clock(clock).build();
    ChatModel model =
        LoadBalancer.builder().weights(1_000, 1).clock(clock).build().wrap(limited.wrap(a), b);

    assertThat(model.chat("1")).isEqualTo("a");
    ask(model, 4);
    assertThat(a.requests()).hasSize(1);
    assertThat(b.requests()).hasSize(4);
    clock.advance(Duration.ofMinutes(1));
    ask(model, 1);
    assertThat(a.requests()).hasSize(2);
  }

  @Test
  void readyIn_throwsOrIsNull_isTakenForZero() {
    ChatModel model =
        LoadBalancer.builder()
            .readyIn(
                target -> {
                  if (target == 0) {
                    throw new IllegalStateException("of the application");
                  }
                  return null;
                })
            .build()
            .wrap(a, b);

    ask(model, 10);

    assertThat(a.requests()).hasSize(5);
  }

  @Test
  void leastInFlight_openStreams_goToTheOther() {
    FakeStreamingChatModel first = FakeStreamingChatModel.drivenByHand();
    FakeStreamingChatModel second = FakeStreamingChatModel.drivenByHand();
    StreamingChatModel model = LoadBalancer.builder().weights(2, 1).build().wrap(first, second);

    for (int i = 0; i < 9; i++) {
      model.chat("hello", new RecordingHandler());
    }
    assertThat(first.requests()).hasSize(6);
  }

  @Test
  void leastInFlight_endedStreams_countNoMore() {
    Map<String, StreamingChatResponseHandler> open = new ConcurrentHashMap<>();
    StreamingChatModel model =
        LoadBalancer.ofDefaults().wrap(remembering("a", open), remembering("b", open));
    RecordingHandler handler = new RecordingHandler();

    for (int i = 0; i < 30; i++) { // each way to end
      model.chat("hello", handler);
      model.chat("hello", handler);
      assertThat(open).containsOnlyKeys("a", "b");
      for (StreamingChatResponseHandler stream : open.values()) {
        stream.onPartialResponse(
            new PartialResponse("x"),
            new PartialResponseContext(new FakeStreamingChatModel.Handle()));
        if (i % 3 == 0) {
          Objects.requireNonNull(handler.handle()).cancel();
        } else if (i % 3 == 1) {
          stream.onCompleteResponse(FakeChatModel.response("x"));
        } else {
          stream.onError(new InvalidRequestException("what?"));
        }
      }
      open.clear();
    }
  }

  @Test
  void mostLeft_providerTellsItsLimits_theEmptierOneRests() {
    ChatModel model =
        LoadBalancer.builder()
            .choice(Choice.MOST_LEFT)
            .clock(clock)
            .build()
            .wrap(ops.wrap(telling("a", 10)), ops.wrap(telling("b", 900)));
    ask(model, 10);

    assertThat(model.chat("hello")).isEqualTo("b");
    assertThat(model.chat("hello")).isEqualTo("b");
  }

  @Test
  void rateLimited_all_refusesUntilTheFirstIsBack() {
    ChatModel model =
        LoadBalancer.builder()
            .setAside(Duration.ofSeconds(9))
            .clock(clock)
            .build()
            .wrap(
                Faults.chat("a", new RateLimitException("1")),
                Faults.chat("b", new RateLimitException("2")));

    assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RateLimitException.class);
    clock.advance(Duration.ofSeconds(4));
    assertThatThrownBy(() -> model.chat("hello"))
        .isInstanceOfSatisfying(
            NoTargetAvailableException.class,
            e -> assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(5)));
    clock.advance(Duration.ofSeconds(5));
    assertThat(model.chat("hello")).isIn("a", "b");
  }

  @Test
  void rateLimited_allAndMayWait_waitsForTheFirst() {
    ChatModel model =
        LoadBalancer.builder()
            .setAside(Duration.ofSeconds(9))
            .maxWait(Duration.ofSeconds(10))
            .clock(clock)
            .build()
            .wrap(Faults.chat("a", new RateLimitException("1")));
    assertThatThrownBy(() -> model.chat("hello")).isInstanceOf(RateLimitException.class);

    CompletableFuture<String> answer = CompletableFuture.supplyAsync(() -> model.chat("hello"));
    await().until(() -> clock.pendingTimers() == 1);
    clock.advance(Duration.ofSeconds(9));

    assertThat(answer.join()).isEqualTo("a");
  }

  @Test
  void badRequest_isNotTriedElsewhere() {
    ChatModel model =
        LoadBalancer.builder()
            .choice(Choice.ROUND_ROBIN)
            .build()
            .wrap(Faults.chat("a", new InvalidRequestException("what?")), b);

    assertThatThrownBy(() -> ask(model, 2)).isInstanceOf(InvalidRequestException.class);
    assertThat(b.requests()).hasSizeLessThan(2);
  }

  @Test
  void readyIn_withoutRoom_isPassedOver() {
    ChatModel model =
        LoadBalancer.builder()
            .readyIn(target -> Duration.ofSeconds(target == 0 ? 60 : 0))
            .build()
            .wrap(a, b);
    ask(model, 5);

    assertThat(a.requests()).isEmpty();
  }

  @Test
  void builder_badValues_areQuoted() {
    assertThatThrownBy(() -> LoadBalancer.builder().weights(1, 0)).hasMessageContaining("[1, 0]");
    assertThatThrownBy(() -> LoadBalancer.builder().weights(1, 1, 1).build().wrap(a, b))
        .hasMessageContaining("2 models");
  }

  private static StreamingChatModel remembering(
      String name, Map<String, StreamingChatResponseHandler> open) {
    return FakeStreamingChatModel.scripted((request, handler) -> open.put(name, handler));
  }

  /** Tells, as a provider's headers do, how many of 1,000 requests are left. */
  private static FakeChatModel telling(String text, int left) {
    return FakeChatModel.answering(
        request -> {
          Objects.requireNonNull(ProviderExchange.current())
              .answered(
                  200,
                  Map.of(
                      "x-ratelimit-limit-requests", List.of("1000"),
                      "x-ratelimit-remaining-requests", List.of(String.valueOf(left)),
                      "x-ratelimit-reset-requests", List.of("60s")));
          return FakeChatModel.response(text);
        });
  }

  private static void ask(ChatModel model, int times) {
    for (int i = 0; i < times; i++) {
      model.chat("hello");
    }
  }
}

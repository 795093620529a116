package dev.agentops.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

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
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.output.Response;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConcurrencyInterceptorTest {

  private final TestClock clock = TestClock.create();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();

  @Test
  void call_ofAKey_leavesOtherKeysTheirLimit() {
    ConcurrencyLimiter limiter = ConcurrencyLimiter.of(1);
    AgentOps ops =
        ops(
            ConcurrencyInterceptor.builder(limiter)
                .key(call -> call.attributes().text("tenant"))
                .build());
    FakeStreamingChatModel model = FakeStreamingChatModel.drivenByHand();
    RecordingHandler refused = new RecordingHandler();
    RecordingHandler other = new RecordingHandler();

    try (Scope a = ops.scope(Attributes.of("tenant", "a"))) {
      ops.wrap(model).chat("one", new RecordingHandler());
      ops.wrap(model).chat("two", refused);
    }
    try (Scope b = ops.scope(Attributes.of("tenant", "b"))) {
      ops.wrap(model).chat("three", other);
    }

    assertThat(refused.error())
        .isInstanceOfSatisfying(
            ConcurrencyLimitExceededException.class,
            error -> assertThat(error.key()).isEqualTo("a"));
    assertThat(limiter.inUse("b")).isEqualTo(1);
    assertThat(rateLimitEvents()).hasSize(1);
    assertThat(rateLimitEvents().get(0).type()).isEqualTo(RateLimitEvent.Type.REFUSED);
    assertThat(rateLimitEvents().get(0).limit()).contains("1 at once");
  }

  @Test
  void call_thatWaits_saysForHowLong() {
    ConcurrencyLimiter limiter = ConcurrencyLimiter.builder().limit(1).clock(clock).build();
    AgentOps ops = ops(ConcurrencyInterceptor.of(limiter, Duration.ofMinutes(1)));
    ConcurrencyLimiter.Permit held = limiter.tryAcquire().orElseThrow();
    CompletableFuture<String> answer =
        CompletableFuture.supplyAsync(() -> ops.wrap(FakeChatModel.saying("hi")).chat("x"));
    await().until(() -> limiter.stats().waiting() == 1);

    clock.advance(Duration.ofSeconds(7));
    held.close();

    assertThat(answer.join()).isEqualTo("hi");
    assertThat(rateLimitEvents()).hasSize(1);
    assertThat(rateLimitEvents().get(0).type()).isEqualTo(RateLimitEvent.Type.WAITED);
    assertThat(rateLimitEvents().get(0).waited()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void embedding_takesAPermitToo() {
    ConcurrencyLimiter limiter = ConcurrencyLimiter.of(1);
    EmbeddingModel model =
        ops(ConcurrencyInterceptor.of(limiter, Duration.ZERO)).wrap(new Watching(limiter));

    assertThat(model.embed("x").content().vector()).containsExactly(1f);

    assertThat(limiter.inUse()).isZero();
    ConcurrencyLimiter.Permit held = limiter.tryAcquire().orElseThrow();
    assertThatThrownBy(() -> model.embed("x"))
        .isInstanceOf(ConcurrencyLimitExceededException.class);
    held.close();
  }

  static Stream<RuntimeException> overloads() {
    return Stream.of(
        new RateLimitException("429"),
        new TimeoutException("too late"),
        new InternalServerException(new HttpException(503, "busy")),
        new RuntimeException(new HttpException(529, "overloaded")));
  }

  @ParameterizedTest
  @MethodSource("overloads")
  void adaptive_overload_lowersTheLimit(RuntimeException overload) {
    ConcurrencyLimiter limiter = adaptive();
    ChatModel model =
        ops(ConcurrencyInterceptor.of(limiter, Duration.ZERO))
            .wrap(FakeChatModel.throwing(overload));

    assertThatThrownBy(() -> model.chat("x")).isSameAs(overload);

    assertThat(limiter.limit()).isEqualTo(7);
  }

  @Test
  void adaptive_otherFailuresAndRefusals_tellNothing() {
    ConcurrencyLimiter limiter = adaptive();
    ConcurrencyInterceptor interceptor = ConcurrencyInterceptor.of(limiter, Duration.ZERO);
    ChatModel wrong =
        ops(interceptor).wrap(FakeChatModel.throwing(new InvalidRequestException("400")));
    ChatModel broken =
        ops(interceptor)
            .wrap(
                FakeChatModel.throwing(
                    new InternalServerException(new HttpException(500, "a bug"))));
    ChatModel refused = ops(interceptor, new Refusing()).wrap(FakeChatModel.saying("hi"));
    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() -> wrong.chat("x")).isInstanceOf(InvalidRequestException.class);
      assertThatThrownBy(() -> broken.chat("x")).isInstanceOf(InternalServerException.class);
      assertThatThrownBy(() -> refused.chat("x")).isInstanceOf(CallRejectedException.class);
    }

    assertThat(limiter.limit()).isEqualTo(10);
    assertThat(limiter.inUse()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000, 3_000})
  void adaptive_answer_isSampledByItsSize(long millis) {
    // 10 input and 5 output tokens are a size of 55.1: 18 and 54 ms a token
    ConcurrencyLimiter limiter = adaptive();
    ChatModel model =
        ops(ConcurrencyInterceptor.of(limiter, Duration.ZERO))
            .wrap(
                FakeChatModel.answering(
                    request -> {
                      clock.advance(Duration.ofMillis(millis));
                      return FakeChatModel.response("hi");
                    }));

    for (int i = 0; i < 10; i++) {
      model.chat("x");
    }

    assertThat(limiter.limit()).isEqualTo(millis == 1_000 ? 10 : 7);
  }

  @Test
  void adaptive_stream_isSampledWithoutTheTimeOfItsHandler() {
    ConcurrencyLimiter limiter = adaptive();
    AgentOps ops = ops(ConcurrencyInterceptor.of(limiter, Duration.ZERO));
    FakeStreamingChatModel model = FakeStreamingChatModel.saying("one two three");
    for (int i = 0; i < 10; i++) {
      ops.wrap(model).chat("x", new Slow(clock));
    }

    assertThat(limiter.limit()).isEqualTo(10);
  }

  private AgentOps ops(ChatInterceptor... interceptors) {
    return AgentOps.with(interceptors).listener(events::add).clock(clock).build();
  }

  private ConcurrencyLimiter adaptive() {
    return ConcurrencyLimiter.builder()
        .adaptive(AdaptiveLimit.aimd().initial(10).slowAbove(Duration.ofMillis(40)).build())
        .clock(clock)
        .build();
  }

  private List<RateLimitEvent> rateLimitEvents() {
    return events.stream()
        .filter(RateLimitEvent.class::isInstance)
        .map(RateLimitEvent.class::cast)
        .toList();
  }

  private static final class Refusing implements ChatInterceptor {

    @Override
    public ChatResponse before(ModelCall call) {
      throw new CallRejectedException("no");
    }
  }

  private record Slow(TestClock clock) implements StreamingChatResponseHandler {

    @Override
    public void onPartialResponse(String text) {
      clock.advance(Duration.ofSeconds(5));
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {}

    @Override
    public void onError(Throwable error) {}
  }

  private record Watching(ConcurrencyLimiter limiter) implements EmbeddingModel {

    @Override
    public Response<List<Embedding>> embedAll(List<TextSegment> segments) {
      return Response.from(List.of(Embedding.from(new float[] {limiter.inUse()})));
    }
  }
}

package dev.agentops.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What estimates do to the use of a provider's limit, in simulated time. */
class TokenEstimatesTest {

  private static final long TOKENS_PER_MINUTE = 300_000;
  private static final long AMPLE = 1_000_000_000;
  private static final int WORKERS = 66;
  private static final Duration WARM_UP = Duration.ofMinutes(1);
  private static final Duration MEASURED = Duration.ofMinutes(2);

  @Test
  void learnedEstimate_usesTheLimitAndDoesNotExceedIt() {
    Result learned = simulate(RateLimitInterceptor.DEFAULT_OUTPUT_ESTIMATE);

    assertThat(learned.utilisation()).as(learned.toString()).isGreaterThanOrEqualTo(0.95);
    assertThat(learned.refusedShare()).as(learned.toString()).isLessThanOrEqualTo(0.001);
  }

  @Test
  void medianAsEstimate_exceedsTheLimit() {
    Result median = simulate(0.5);

    assertThat(median.refusedShare()).as(median.toString()).isGreaterThan(0.1);
  }

  @Test
  void maximumAsEstimate_starves() {
    Result naive = simulate(1);

    assertThat(naive.utilisation()).as(naive.toString()).isLessThan(0.6);
  }

  /** Callers who ask again as soon as they may, and a provider that counts what is really used. */
  private static Result simulate(double quantile) {
    TestClock clock = TestClock.create();
    RateLimiter limiter = RateLimiter.builder().tokensPerMinute(AMPLE).clock(clock).build();
    RateLimiter provider = RateLimiter.builder().tokensPerMinute(AMPLE).clock(clock).build();
    Random random = new Random(7);
    Result result = new Result();
    StreamingChatModel model =
        FakeStreamingChatModel.scripted(
            (request, handler) -> answer(clock, provider, random, result, request, handler));
    AgentOps ops =
        AgentOps.with(RateLimitInterceptor.builder(limiter).outputEstimate(quantile).build())
            .clock(clock)
            .build();
    List<Worker> workers = new ArrayList<>();
    for (int i = 0; i < WORKERS; i++) {
      String agent = i % 3 == 0 ? "writer" : "extractor";
      workers.add(new Worker(clock, random, ops, ops.wrap(model), agent, result));
    }
    for (int i = 0; i < 2; i++) { // enough to learn from, with none under way at the end
      workers.forEach(Worker::run);
      clock.advance(Duration.ofMinutes(2));
    }
    useUp(limiter, "anonymous");
    useUp(provider, "account");
    result.repeating = true;
    workers.forEach(Worker::run);
    clock.advance(WARM_UP);
    result.clear();
    clock.advance(MEASURED);
    return result;
  }

  private static void useUp(RateLimiter limiter, String key) {
    limiter.limits(RateLimits.builder().tokensPerMinute(TOKENS_PER_MINUTE).build());
    assertThat(limiter.tryAcquire(key, TOKENS_PER_MINUTE)).isTrue();
  }

  private static void answer(
      TestClock clock,
      RateLimiter provider,
      Random random,
      Result result,
      ChatRequest request,
      StreamingChatResponseHandler handler) {
    boolean writes = ((UserMessage) request.messages().get(0)).singleText().startsWith("writer");
    int input = 390 + random.nextInt(40);
    int output = (int) Math.exp((writes ? 6.8 : 4.4) + 0.6 * random.nextGaussian());
    if (!provider.tryAcquire("account", input + output)) {
      result.refused++;
      handler.onError(new RateLimitException("429"));
      return;
    }
    result.answered++;
    result.tokens += input + output;
    clock.schedule(
        Duration.ofMillis(500 + 10L * output),
        () ->
            handler.onCompleteResponse(
                ChatResponse.builder()
                    .aiMessage(AiMessage.from("done"))
                    .tokenUsage(new TokenUsage(input, output))
                    .build()));
  }

  /** Asks, and asks again. */
  private record Worker(
      TestClock clock, Random random, AgentOps ops, StreamingChatModel model, String agent, Result result)
      implements Runnable, StreamingChatResponseHandler {

    private static final String PADDING = " ".repeat(1_600);

    @Override
    public void run() {
      try (Scope scope = ops.scope(Attributes.of(Attributes.AGENT_NAME, agent))) {
        model.chat(
            ChatRequest.builder()
                .messages(UserMessage.from(agent + PADDING))
                .maxOutputTokens(65_536)
                .build(),
            this);
      }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      if (result.repeating) {
        clock.schedule(Duration.ZERO, this);
      }
    }

    @Override
    public void onError(Throwable error) {
      Duration retryAfter =
          error instanceof RateLimitExceededException refused
              ? refused.retryAfter()
              : Duration.ofSeconds(1);
      clock.schedule(retryAfter.plusMillis(random.nextInt(2_000)), this);
    }
  }

  private static final class Result {

    boolean repeating;
    long tokens;
    long answered;
    long refused;

    void clear() {
      tokens = 0;
      answered = 0;
      refused = 0;
    }

    double utilisation() {
      return (double) tokens / (TOKENS_PER_MINUTE * MEASURED.toMinutes());
    }

    double refusedShare() {
      return (double) refused / (answered + refused);
    }

    @Override
    public String toString() {
      return "%.1f %% of the limit used, %d answers, %d times 429"
          .formatted(100 * utilisation(), answered, refused);
    }
  }
}

package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.CallRejectedException;
import dev.agentops.ChatInterceptor;
import dev.agentops.Cost;
import dev.agentops.ModelCall;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.TokenUsage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** However a call ends, nothing of it stays reserved, and what it cost is counted once. */
class BudgetLeakTest {

  private static final int CALLS = 1_200;
  private static final int THREADS = 8;

  private final TestClock clock = TestClock.create();
  private final CostMonitor costs =
      CostMonitor.builder()
          .catalog(TestPrices.catalog())
          .clock(clock)
          .budget(Budget.monthly(Cost.usd("1000")).per("tenant").rejectWhenExceeded())
          .budget(Budget.daily(Cost.usd("1000")).per("agent").rejectWhenExceeded())
          .budget(Budget.perRun(Cost.usd("1000")).rejectWhenExceeded())
          .build();
  private final AgentOps ops = AgentOps.with(CostInterceptor.of(costs)).clock(clock).build();

  @Test
  void calls_thatEndInEveryWay_leaveNothingReserved() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(THREADS);
    List<Future<?>> threads = new ArrayList<>();
    for (int t = 0; t < THREADS; t++) {
      Random random = new Random(t);
      threads.add(
          pool.submit(
              () -> {
                for (int i = 0; i < CALLS / THREADS; i++) {
                  call(random);
                }
              }));
    }
    for (Future<?> thread : threads) {
      thread.get();
    }
    pool.shutdown();
    assertThat(reserved()).as("of streams that nobody ends").isNotEqualTo(Cost.ZERO);

    clock.advance(Duration.ofHours(1)); // until they are cut off

    Awaitility.await().untilAsserted(() -> assertThat(reserved()).isEqualTo(Cost.ZERO));
    Cost spent = costs.statistics().totalCost();
    assertThat(spent).isGreaterThan(Cost.ZERO);
    for (Budget budget : costs.budgets().budgets()) {
      assertThat(
              costs.budgets().statuses(budget.name(), 100).stream()
                  .map(BudgetStatus::spent)
                  .reduce(Cost.ZERO, Cost::plus))
          .isEqualTo(spent);
    }
    assertThat(costs.faults()).isZero();
  }

  private void call(Random random) {
    Attributes caller =
        Attributes.of(
            "tenant",
            "t" + random.nextInt(3),
            "agent",
            "a" + random.nextInt(5),
            Budget.RUN,
            "r" + random.nextInt(20));
    try (Scope scope = ops.scope(caller)) {
      switch (random.nextInt(9)) {
        case 0 ->
            ops.wrap(FakeModels.chat(() -> FakeModels.answer("acme-plain", new TokenUsage(5, 9))))
                .chat("hi");
        case 1 -> ops.wrap(FakeModels.chat(() -> failed(new IllegalStateException()))).chat("hi");
        case 2 -> ops.wrap(FakeModels.chat(() -> failed(new StackOverflowError()))).chat("hi");
        case 3 ->
            refusedFurtherIn().wrap(FakeModels.chat(() -> failed(new AssertionError()))).chat("hi");
        case 4 -> stream(handler -> handler.onError(new IllegalStateException()), false);
        case 5 -> stream(BudgetLeakTest::text, true);
        case 6 ->
            stream(
                handler -> {
                  text(handler);
                  handler.onError(new IllegalStateException());
                },
                false);
        case 7 -> stream(BudgetLeakTest::text, false); // and then nothing, ever
        default ->
            stream(
                handler -> {
                  text(handler);
                  handler.onCompleteResponse(FakeModels.answer("acme-plain", new TokenUsage(5, 9)));
                  handler.onCompleteResponse(FakeModels.answer("acme-plain", new TokenUsage(5, 9)));
                },
                true);
      }
    } catch (IllegalStateException | StackOverflowError | CallRejectedException e) {
      // what the agent would see
    }
  }

  private AgentOps refusedFurtherIn() {
    ChatInterceptor refusing =
        new ChatInterceptor() {
          @Override
          public @Nullable ChatResponse before(ModelCall call) {
            throw new CallRejectedException("no");
          }
        };
    return AgentOps.with(CostInterceptor.of(costs), refusing).clock(clock).build();
  }

  private void stream(Consumer<StreamingChatResponseHandler> provider, boolean cancel) {
    StreamingChatModel model = ops.wrap(FakeModels.streaming(provider));
    model.chat(
        "a question",
        new StreamingChatResponseHandler() {
          @Override
          public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
            if (cancel) {
              context.streamingHandle().cancel();
            }
          }

          @Override
          public void onCompleteResponse(ChatResponse response) {}

          @Override
          public void onError(Throwable error) {}
        });
  }

  private static void text(StreamingChatResponseHandler handler) {
    handler.onPartialResponse(
        new PartialResponse("x".repeat(40)),
        new PartialResponseContext(new FakeStreamingChatModel.Handle()));
  }

  private static ChatResponse failed(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  private Cost reserved() {
    return costs.budgets().budgets().stream()
        .flatMap(budget -> costs.budgets().statuses(budget.name(), 100).stream())
        .map(BudgetStatus::reserved)
        .reduce(Cost.ZERO, Cost::plus);
  }
}

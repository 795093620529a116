package dev.agentops.resilience;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.ChatInterceptor;
import dev.agentops.Context;
import dev.agentops.Cost;
import dev.agentops.ModelCall;
import dev.agentops.Outcome;
import dev.agentops.event.CallStatus;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.testing.FakeChatModel;
import dev.agentops.testing.FakeStreamingChatModel;
import dev.langchain4j.exception.InternalServerException;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.exception.TimeoutException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All policies together, over models that fail at random in every way. */
@Timeout(60)
class ChaosTest {

  private static final int CALLS = 300;
  private static final Cost PRICE = Cost.usd("0.001");

  private final AtomicInteger underWay = new AtomicInteger();
  private final AtomicInteger answered = new AtomicInteger();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final AgentOps ops = AgentOps.with(new Counting()).listener(events::add).build();
  private final CircuitBreaker breaker =
      CircuitBreaker.builder().window(10, 5).openFor(Duration.ofMillis(2)).build();
  private final LoadBalancer balancer =
      LoadBalancer.builder().setAside(Duration.ofMillis(1)).build();
  private final Resilience resilience =
      Resilience.builder()
          .deadline(Duration.ofSeconds(30))
          .timeout(Duration.ofSeconds(20))
          .hedge(Hedge.builder().after(Duration.ofMillis(1)).share(0.5).build())
          .retry(
              Retry.builder()
                  .backoff(Duration.ofNanos(1), Duration.ofMillis(1))
                  .budget(1, 100)
                  .build())
          .circuitBreaker(breaker)
          .build();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          work -> {
            Thread thread = new Thread(work, "chaos");
            thread.setDaemon(true);
            return thread;
          });

  @AfterEach
  void end() {
    threads.shutdownNow();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2})
  void streams_failAtRandom_endOnceAndLeaveNothingBehind(long seed) throws Exception {
    StreamingChatModel model =
        resilience.wrap(balancer.wrap(stream(seed), stream(seed + 10)), stream(seed + 20));
    List<Hearing> hearings = new ArrayList<>();
    Random random = new Random(seed);
    for (int i = 0; i < CALLS; i++) {
      Hearing hearing = new Hearing(random.nextInt(8) == 0);
      hearings.add(hearing);
      model.chat("hello", hearing);
      if (i % 8 == 0) {
        assertThat(hearing.over.await(30, SECONDS)).isTrue();
      }
    }

    for (Hearing hearing : hearings) {
      assertThat(hearing.over.await(30, SECONDS)).isTrue();
    }
    await().until(() -> underWay.get() == 0);
    assertThat(hearings).allSatisfy(Hearing::check);
    assertThat(hearings).extracting(hearing -> hearing.text.toString()).contains("abc");
    theBooksBalance();
  }

  @ParameterizedTest
  @ValueSource(longs = {3, 4})
  void chats_failAtRandom_answerOrThrowAndLeaveNothingBehind(long seed) throws Exception {
    ChatModel model = resilience.wrap(balancer.wrap(chat(seed), chat(seed + 10)), chat(seed + 20));
    AtomicInteger good = new AtomicInteger();
    List<Future<?>> callers = new ArrayList<>();
    for (int caller = 0; caller < 4; caller++) {
      callers.add(
          threads.submit(
              () -> {
                for (int i = 0; i < CALLS / 4; i++) {
                  try {
                    assertThat(model.chat("hello")).isEqualTo("abc");
                    good.incrementAndGet();
                  } catch (RuntimeException e) {
                    assertThat(ErrorKind.of(e)).isNotEqualTo(ErrorKind.UNKNOWN);
                  }
                  assertThat(Context.current()).isSameAs(Context.root());
                }
              }));
    }
    for (Future<?> caller : callers) {
      caller.get(60, SECONDS);
    }

    await().until(() -> underWay.get() == 0);
    assertThat(good.get()).isPositive();
    theBooksBalance();
  }

  private void theBooksBalance() {
    assertThat(ops.faults()).isZero();
    await()
        .untilAsserted(
            () -> {
              Cost sum =
                  calls().stream()
                      .map(call -> call.cost().orElse(Cost.ZERO))
                      .reduce(Cost.ZERO, Cost::plus);
              assertThat(sum).isEqualTo(PRICE.times(answered.get()));
            });
    assertThat(calls()).filteredOn(call -> call.status() == CallStatus.OK).hasSize(answered.get());
    // permissions that were lost would leave a circuit half open for ever
    ChatModel well = breaker.wrap(FakeChatModel.saying("hi"));
    await()
        .pollInterval(Duration.ofMillis(3))
        .untilAsserted(
            () -> {
              well.chat("hello");
              assertThat(breaker.states().values()).containsOnly(CircuitBreaker.State.CLOSED);
            });
  }

  private List<ModelCallEvent> calls() {
    return events.stream()
        .filter(ModelCallEvent.class::isInstance)
        .map(ModelCallEvent.class::cast)
        .toList();
  }

  private ChatModel chat(long seed) {
    Random random = new Random(seed);
    return ops.wrap(
        FakeChatModel.answering(
            request -> {
              int fate;
              synchronized (random) {
                fate = random.nextInt(10);
              }
              if (fate < 4) {
                throw error(fate);
              }
              if (fate == 4) {
                try {
                  Thread.sleep(3); // slow enough to be hedged
                } catch (InterruptedException e) {
                  throw new RuntimeException(e);
                }
              }
              answered.incrementAndGet();
              return FakeChatModel.response("abc");
            }));
  }

  private StreamingChatModel stream(long seed) {
    Random random = new Random(seed);
    return ops.wrap(
        FakeStreamingChatModel.scripted(
            (request, handler) -> {
              int fate;
              synchronized (random) {
                fate = random.nextInt(20);
              }
              if (fate == 0) {
                throw error(0);
              }
              threads.execute(() -> streamAs(fate, handler));
            }));
  }

  /** Fails before any chunk, after one, or not at all. */
  private void streamAs(int fate, StreamingChatResponseHandler handler) {
    if (fate < 8) {
      handler.onError(error(fate));
      return;
    }
    FakeStreamingChatModel.Handle handle = new FakeStreamingChatModel.Handle();
    for (String part : List.of("a", "b", "c")) {
      if (fate == 8 && part.equals("b")) {
        handler.onError(error(1));
        return;
      }
      if (handle.isCancelled()) {
        return;
      }
      handler.onPartialResponse(new PartialResponse(part), new PartialResponseContext(handle));
    }
    if (!handle.isCancelled()) {
      handler.onCompleteResponse(FakeChatModel.response("abc"));
    }
  }

  private static RuntimeException error(int fate) {
    return switch (fate % 4) {
      case 0 -> new RateLimitException("slow down");
      case 1 -> new InternalServerException("broken");
      case 2 -> new TimeoutException("late");
      default -> new InvalidRequestException("what?");
    };
  }

  /** Counts the calls under way, and puts a price on answers. */
  private final class Counting implements ChatInterceptor {

    @Override
    public @Nullable ChatResponse before(ModelCall call) {
      underWay.incrementAndGet();
      return null;
    }

    @Override
    public void after(ModelCall call, Outcome<ChatResponse> outcome) {
      if (outcome.status() == CallStatus.OK) {
        call.recordCost(PRICE);
        if (call.streaming()) {
          answered.incrementAndGet();
        }
      }
      underWay.decrementAndGet();
    }
  }

  /** What a caller hears. */
  private static final class Hearing implements StreamingChatResponseHandler {

    private final boolean cancels;
    private final StringBuffer text = new StringBuffer();
    private final AtomicInteger ends = new AtomicInteger();
    private final CountDownLatch over = new CountDownLatch(1);
    private final List<String> afterTheEnd = new CopyOnWriteArrayList<>();

    Hearing(boolean cancels) {
      this.cancels = cancels;
    }

    @Override
    public void onPartialResponse(PartialResponse part, PartialResponseContext context) {
      if (over.getCount() == 0) {
        afterTheEnd.add(part.text());
      }
      text.append(part.text());
      if (cancels && text.length() == 2) {
        context.streamingHandle().cancel();
        over.countDown();
      }
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      end();
    }

    @Override
    public void onError(Throwable error) {
      end();
    }

    private void end() {
      ends.incrementAndGet();
      over.countDown();
    }

    void check() {
      assertThat("abc").startsWith(text.toString()); // no chunk twice, none of another attempt
      assertThat(ends.get()).isEqualTo(cancels && text.length() == 2 ? 0 : 1);
      assertThat(afterTheEnd).isEmpty();
    }
  }
}

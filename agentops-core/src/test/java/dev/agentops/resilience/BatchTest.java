package dev.agentops.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.AgentOpsException;
import dev.agentops.Attributes;
import dev.agentops.CallRejectedException;
import dev.agentops.Context;
import dev.agentops.Cost;
import dev.agentops.Deadline;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.Usage;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.ratelimit.RateLimitExceededException;
import dev.agentops.ratelimit.RateLimitInterceptor;
import dev.agentops.ratelimit.RateLimiter;
import dev.agentops.testing.FakeChatModel;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.openai.OpenAiChatModel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BatchTest {

  private final TestClock clock = TestClock.create();
  private final Gate gate = new Gate();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();

  @Test
  void run_keepsTheOrder_andNeverRunsMoreThanAllowed() throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    Batch<Integer, Integer> batch =
        Batch.<Integer, Integer>mapping(
                number -> {
                  most.accumulateAndGet(now.incrementAndGet(), Math::max);
                  Thread.yield();
                  now.decrementAndGet();
                  return number * number;
                })
            .concurrency(3)
            .build();

    BatchResult<Integer, Integer> result = batch.run(numbers(1000));

    assertThat(result.responses()).isEqualTo(numbers(1000).stream().map(n -> n * n).toList());
    assertThat(most.get()).isBetween(1, 3);
    assertThat(result.summary().end()).contains(BatchSummary.End.COMPLETED);
    assertThat(result.summary().total()).hasValue(1000);
  }

  @Test
  void run_ofNothing_isDoneAtOnce() throws Exception {
    BatchResult<String, ChatResponse> result =
        Batch.texts(FakeChatModel.saying("unasked")).build().run(List.of());

    assertThat(result.items()).isEmpty();
    assertThat(result.allSucceeded()).isTrue();
    assertThat(result.summary().end()).contains(BatchSummary.End.COMPLETED);
  }

  @Test
  void run_itemsThatFail_areToldInTheirPlace_andRetriedAlone() throws Exception {
    Set<Integer> failing = ConcurrentHashMap.newKeySet();
    failing.addAll(List.of(2, 5));
    List<Integer> asked = new CopyOnWriteArrayList<>();
    Batch<Integer, String> batch =
        Batch.<Integer, String>mapping(
                number -> {
                  asked.add(number);
                  if (failing.contains(number)) {
                    throw new IllegalStateException("broken " + number);
                  }
                  return "ok " + number;
                })
            .build();

    BatchResult<Integer, String> result = batch.run(numbers(7));

    assertThat(result.unsuccessful()).extracting(BatchItem::index).containsExactly(2L, 5L);
    assertThat(result.items().get(2).error()).get().asString().contains("broken 2");
    assertThatThrownBy(result::responses)
        .isInstanceOf(AgentOpsException.class)
        .hasMessageStartingWith("2 of 7 items of the batch did not succeed, first: BatchItem{2")
        .cause()
        .hasMessage("broken 2");
    asked.clear();
    failing.remove(2);
    BatchResult<Integer, String> again = result.retryFailed();
    assertThat(asked).containsExactlyInAnyOrder(2, 5);
    assertThat(again.summary().succeeded()).isEqualTo(6);
    assertThat(again.summary().failed()).isEqualTo(1);
    failing.clear();
    assertThat(again.retryFailed().responses()).hasSize(7).startsWith("ok 0", "ok 1", "ok 2");
  }

  @Test
  void run_addsUpWhatTheChainTells_andGivesCallsTheBatchsId() throws Exception {
    AgentOps ops = AgentOps.with(new Pricing(Cost.usd("0.01"))).listener(events::add).build();
    ChatModel model =
        ops.wrap(
            FakeChatModel.answering(
                request -> {
                  if (request.toString().contains("bad")) {
                    throw new IllegalStateException("bad");
                  }
                  return FakeChatModel.response("fine");
                }));

    BatchResult<String, ChatResponse> result;
    try (Scope ignored = ops.scope(Attributes.of("team", "search"))) {
      result = Batch.texts(model).build().run(List.of("a", "bad", "b"));
    }

    assertThat(result.summary().usage()).contains(Usage.of(20, 10));
    assertThat(result.summary().cost()).contains(Cost.usd("0.02"));
    assertThat(result.items().get(0).cost()).contains(Cost.usd("0.01"));
    assertThat(events).hasSize(3).allMatch(event -> event instanceof ModelCallEvent);
    assertThat(events)
        .extracting(event -> event.attributes().text(Batch.ID))
        .containsOnly(result.summary().id());
    assertThat(events).extracting(event -> event.attributes().text("team")).containsOnly("search");
  }

  @Test
  void run_ofABareModel_readsTheUsageFromItsAnswers() throws Exception {
    BatchResult<String, ChatResponse> result =
        Batch.texts(FakeChatModel.saying("hi")).build().run(List.of("a", "b"));

    assertThat(result.summary().usage()).contains(Usage.of(20, 10));
    assertThat(result.summary().cost()).isEmpty();
  }

  @Test
  void progress_growsByOne_andMayThrow() throws Exception {
    List<Long> told = new ArrayList<>();
    Batch.<Integer, Integer>mapping(Function.identity())
        .progress(
            summary -> {
              told.add(summary.done());
              throw new IllegalStateException("broken progress bar");
            })
        .build()
        .run(numbers(50));

    assertThat(told).isEqualTo(IntStream.rangeClosed(1, 50).mapToObj(Long::valueOf).toList());
  }

  @Test
  void failFast_interruptsWhatRuns_andDoesNotBeginTheRest() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    BatchResult<Integer, Integer> result =
        Batch.<Integer, Integer>mapping(
                number -> {
                  if (number == 0) {
                    running.countDown();
                    return waitForever(number);
                  }
                  awaitUninterrupted(running);
                  throw new IllegalStateException("no");
                })
            .concurrency(2)
            .failFast()
            .build()
            .run(numbers(10));

    assertThat(result.summary().end()).contains(BatchSummary.End.FAILED_FAST);
    assertThat(result.summary().failed()).isEqualTo(1);
    assertThat(result.summary().cancelled()).isEqualTo(9);
    assertThat(result.items().get(0).status()).isEqualTo(BatchItem.Status.CANCELLED);
    assertThat(result.items().get(0).attempts()).isEqualTo(1);
    assertThat(result.items().get(9).attempts()).isZero();
  }

  @Test
  void cancel_keepsWhatIsDone_andTheServerSeesTheOthersGo() throws Exception {
    try (SilentServer server = SilentServer.start()) {
      ChatModel silent = OpenAiChatModel.builder().baseUrl(server.baseUrl()).modelName("m").build();
      ChatModel quick = FakeChatModel.saying("quick");
      BatchRun<String, ChatResponse> run =
          Batch.<String, ChatResponse>mapping(
                  text ->
                      quick.chat(request(text)).aiMessage().text().equals(text)
                          ? quick.chat(request(text))
                          : silent.chat(request(text)))
              .concurrency(2)
              .build()
              .start(List.of("quick", "a", "b", "c"));
      await().until(() -> server.asked() == 2);
      run.cancel();
      BatchResult<String, ChatResponse> result = run.join();

      await().until(() -> server.closedByClient() == 2);
      assertThat(server.asked()).isEqualTo(2);
      assertThat(result.items())
          .extracting(BatchItem::status)
          .containsExactly(
              BatchItem.Status.SUCCEEDED,
              BatchItem.Status.CANCELLED,
              BatchItem.Status.CANCELLED,
              BatchItem.Status.CANCELLED);
      assertThat(result.summary().end()).contains(BatchSummary.End.CANCELLED);
    }
  }

  @Test
  void timeout_endsTheBatch_beItThatAnItemDoesNotHearTheInterrupt() throws Exception {
    CountDownLatch deaf = new CountDownLatch(1);
    BatchRun<Integer, Integer> run =
        Batch.<Integer, Integer>mapping(
                number -> {
                  if (number == 0) {
                    deaf.countDown();
                    awaitUninterrupted(gate::pass);
                  }
                  return number;
                })
            .concurrency(1)
            .timeout(Duration.ofMinutes(1))
            .clock(clock)
            .build()
            .start(numbers(3));
    deaf.await();
    clock.advance(Duration.ofMinutes(1));
    await().until(() -> clock.pendingTimers() == 1); // the second of grace
    assertThat(run.isDone()).isFalse();
    clock.advance(Duration.ofSeconds(1));

    BatchResult<Integer, Integer> result = run.join();
    assertThat(result.summary().end()).contains(BatchSummary.End.TIMED_OUT);
    assertThat(result.summary().cancelled()).isEqualTo(3);
    assertThat(result.summary().duration()).isEqualTo(Duration.ofSeconds(61));
    gate.open();
  }

  @Test
  void deadline_ofTheCaller_isSeenByItems_andOneThatHasPassedBeginsNone() throws Exception {
    Batch<Integer, Duration> batch =
        Batch.<Integer, Duration>mapping(number -> Deadline.current().remaining())
            .timeout(Duration.ofSeconds(9))
            .clock(clock)
            .build();
    try (Scope ignored = Deadline.after(Duration.ofSeconds(4), clock).open()) {
      assertThat(batch.run(numbers(1)).responses()).containsExactly(Duration.ofSeconds(4));
      clock.advance(Duration.ofSeconds(4));
      BatchResult<Integer, Duration> late = batch.run(numbers(2));
      assertThat(late.summary().end()).contains(BatchSummary.End.TIMED_OUT);
      assertThat(late.items()).allMatch(item -> item.attempts() == 0);
    }
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void refusalThatSaysWhenToComeBack_isWaitedFor() throws Exception {
    RateLimiter limiter = RateLimiter.builder().requestsPerSecond(1).burst(1).clock(clock).build();
    ChatModel model =
        AgentOps.with(RateLimitInterceptor.of(limiter))
            .clock(clock)
            .build()
            .wrap(FakeChatModel.saying("hi"));
    BatchRun<String, ChatResponse> run =
        Batch.texts(model).concurrency(1).clock(clock).build().start(List.of("a", "b", "c"));
    for (int i = 0; i < 2; i++) {
      await().until(() -> clock.pendingTimers() == 1);
      clock.advance(Duration.ofSeconds(1));
    }

    BatchResult<String, ChatResponse> result = run.join();
    assertThat(result.responses()).hasSize(3);
    assertThat(result.items()).extracting(BatchItem::attempts).containsExactly(1, 2, 2);
  }

  @Test
  void refusalForLongerThanTheBatchMayWait_failsTheItem() throws Exception {
    RateLimiter limiter = RateLimiter.builder().requestsPerMinute(1).burst(1).clock(clock).build();
    ChatModel model =
        AgentOps.with(RateLimitInterceptor.of(limiter))
            .clock(clock)
            .build()
            .wrap(FakeChatModel.saying("hi"));
    Batch.Builder<String, ChatResponse> batch = Batch.texts(model).concurrency(1).clock(clock);

    assertThat(batch.maxLimitWait(Duration.ofSeconds(59)).build().run(List.of("a", "b")).items())
        .satisfiesExactly(
            a -> assertThat(a.isSuccess()).isTrue(),
            b -> assertThat(b.error()).get().isInstanceOf(RateLimitExceededException.class));
    assertThat(
            batch
                .maxLimitWait(Duration.ofHours(1))
                .timeout(Duration.ofSeconds(30)) // the limit is free after that
                .build()
                .run(List.of("c"))
                .items())
        .allMatch(item -> item.status() == BatchItem.Status.FAILED && item.attempts() == 1);
  }

  @Test
  void refusalThatSaysAtOnce_isWaitedForLonger_eachTime_andNeverWhereNoWaitIsAllowed()
      throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    Batch.Builder<Integer, Integer> batch =
        Batch.<Integer, Integer>mapping(
                number -> {
                  attempts.incrementAndGet();
                  throw new Refused(() -> Duration.ZERO);
                })
            .clock(clock);

    BatchRun<Integer, Integer> run =
        batch.maxLimitWait(Duration.ofMillis(100)).build().start(numbers(1));
    for (int pause = 10; pause <= 40; pause *= 2) { // 70 in all, and the next would be 80
      await().until(() -> clock.pendingTimers() == 1);
      clock.advance(Duration.ofMillis(pause));
    }
    assertThat(run.join().summary().failed()).isEqualTo(1);
    assertThat(attempts.getAndSet(0)).isEqualTo(4);
    batch.maxLimitWait(Duration.ZERO).build().run(numbers(3));
    assertThat(attempts.get()).isEqualTo(3);
  }

  @Test
  void refusals_areTriedByOne_whileTheOthersStandInLine() throws Exception {
    RateLimiter limiter = RateLimiter.builder().requestsPerSecond(200).burst(1).build();
    AtomicInteger attempts = new AtomicInteger();
    BatchResult<Integer, Integer> result =
        Batch.<Integer, Integer>mapping(
                number -> {
                  attempts.incrementAndGet();
                  acquire(limiter);
                  return number;
                })
            .concurrency(16)
            .build()
            .run(numbers(60));

    assertThat(result.allSucceeded()).isTrue();
    assertThat(attempts.get()).isLessThan(60 * 5); // all at once, it would be 60 * 15
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void refusalWhoseWaitIsBroken_failsItsItemOnly(boolean tooLong) throws Exception {
    Batch<Integer, Integer> batch =
        Batch.<Integer, Integer>mapping(
                number -> {
                  throw new Refused(
                      () -> {
                        if (tooLong) {
                          return Duration.ofSeconds(Long.MAX_VALUE);
                        }
                        throw new IllegalStateException("broken");
                      });
                })
            .build();

    assertThat(batch.run(numbers(3)).items())
        .allMatch(item -> item.error().orElseThrow() instanceof Refused);
  }

  @Test
  void window_isUsedByAll_whileSomeAreSlow() throws Exception {
    List<Integer> seen = new ArrayList<>();
    CountDownLatch both = new CountDownLatch(2);
    Batch.<Integer, Integer>mapping(
            number -> {
              if (number < 2) {
                awaitUninterrupted(gate::pass);
              } else {
                both.countDown();
                awaitUninterrupted(both);
              }
              return number;
            })
        .concurrency(4)
        .window(4)
        .build()
        .forEachAsReady(
            numbers(40).iterator(),
            item -> {
              seen.add(item.input());
              if (seen.size() == 38) {
                gate.open();
              }
            });

    assertThat(seen.subList(38, 40)).containsExactlyInAnyOrder(0, 1);
  }

  @Test
  void cancel_doesNotWaitForASlowProgressCallback() throws Exception {
    BatchRun<Integer, Integer> run =
        Batch.<Integer, Integer>mapping(Function.identity())
            .progress(summary -> awaitUninterrupted(gate::pass))
            .concurrency(2)
            .clock(clock)
            .build()
            .start(numbers(3));
    gate.awaitVisitor();
    await().until(() -> run.summary().done() == 2);
    run.cancel();
    await().until(() -> clock.pendingTimers() == 1); // the second of grace
    clock.advance(Duration.ofSeconds(1));

    BatchResult<Integer, Integer> result = run.join();
    assertThat(result.summary().succeeded()).isEqualTo(2);
    assertThat(result.summary().cancelled()).isEqualTo(1);
    gate.open();
  }

  @Test
  void sourceThatIsSlow_beginsNoItemAfterTheEnd() throws Exception {
    List<Integer> begun = new CopyOnWriteArrayList<>();
    CompletableFuture<BatchItem<Integer, Integer>> told = new CompletableFuture<>();
    Thread main =
        new Thread(
            () -> {
              try {
                gate.awaitVisitor();
                clock.advance(Duration.ofMinutes(1));
                await().until(() -> clock.pendingTimers() == 1); // the second of grace
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
              gate.open();
            });
    main.start();
    BatchSummary summary =
        Batch.<Integer, Integer>mapping(
                number -> {
                  begun.add(number);
                  return number;
                })
            .concurrency(1)
            .timeout(Duration.ofMinutes(1))
            .clock(clock)
            .build()
            .forEach(
                Stream.generate(
                        () -> {
                          awaitUninterrupted(gate::pass);
                          return 7;
                        })
                    .iterator(),
                told::complete);

    assertThat(begun).isEmpty();
    assertThat(told.join().status()).isEqualTo(BatchItem.Status.CANCELLED);
    assertThat(summary.end()).contains(BatchSummary.End.TIMED_OUT);
  }

  @Test
  void itemThatLeavesItsThreadInterrupted_endsNothingElse() throws Exception {
    BatchResult<Integer, Integer> result =
        Batch.<Integer, Integer>mapping(
                number -> {
                  assertThat(Thread.currentThread().isInterrupted()).isFalse();
                  Thread.currentThread().interrupt();
                  return number;
                })
            .concurrency(2)
            .build()
            .run(numbers(20));

    assertThat(result.allSucceeded()).isTrue();
  }

  @Test
  void executorThatIsShutDownAtOnce_endsTheBatch() throws Exception {
    ExecutorService executor = Executors.newFixedThreadPool(1);
    BatchRun<Integer, Integer> run =
        Batch.<Integer, Integer>mapping(
                number -> {
                  try {
                    gate.pass();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  return number;
                })
            .executor(executor)
            .build()
            .start(numbers(5));
    gate.awaitVisitor();
    executor.shutdownNow();

    assertThat(run.join().summary().end()).contains(BatchSummary.End.CANCELLED);
    assertThat(run.join().summary().succeeded()).isEqualTo(1);
  }

  @Test
  void itemThatFailsAfterTheDeadline_isTimeOver_notAFailure() throws Exception {
    BatchResult<Integer, Integer> result =
        Batch.<Integer, Integer>mapping(
                number -> {
                  clock.advance(Duration.ofMinutes(1));
                  throw new IllegalStateException("broken off");
                })
            .executor(Runnable::run)
            .concurrency(1)
            .failFast()
            .timeout(Duration.ofMinutes(1))
            .clock(clock)
            .build()
            .run(numbers(2));

    assertThat(result.summary().end()).contains(BatchSummary.End.TIMED_OUT);
    assertThat(result.summary().cancelled()).isEqualTo(2);
    assertThat(result.items().get(0).error()).get().asString().contains("broken off");
  }

  @Test
  void nullItem_isNamed() {
    Batch<String, String> batch = Batch.<String, String>mapping(Function.identity()).build();

    assertThatThrownBy(() -> batch.run(Arrays.asList("a", null)))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("item 1");
    assertThatThrownBy(() -> batch.forEach(Arrays.asList("a", null).iterator(), item -> {}))
        .isInstanceOf(NullPointerException.class)
        .hasMessage("item 1");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void forEach_handsOverInOrder_andReadsNoFurtherAheadThanItsWindow(long seed) throws Exception {
    Random random = new Random(seed);
    int size = 500 + random.nextInt(500);
    AtomicInteger pulled = new AtomicInteger();
    AtomicInteger consumed = new AtomicInteger();
    AtomicInteger furthest = new AtomicInteger();
    Iterator<Integer> source =
        Stream.generate(
                () -> {
                  int number = pulled.getAndIncrement();
                  furthest.accumulateAndGet(number - consumed.get(), Math::max);
                  return number;
                })
            .limit(size)
            .iterator();
    List<Integer> seen = new ArrayList<>();

    BatchSummary summary =
        Batch.<Integer, Integer>mapping(
                number -> {
                  if (number % 7 == seed) {
                    throw new IllegalStateException("bad " + number);
                  }
                  return -number;
                })
            .concurrency(4)
            .window(10)
            .build()
            .forEach(
                source,
                item -> {
                  seen.add(item.input());
                  consumed.incrementAndGet();
                });

    assertThat(seen).isEqualTo(numbers(size));
    assertThat(furthest.get()).isLessThanOrEqualTo(10);
    assertThat(summary.failed())
        .isEqualTo(numbers(size).stream().filter(n -> n % 7 == seed).count());
    assertThat(summary.done()).isEqualTo(size);
    assertThat(summary.total()).isEmpty();
    assertThat(summary.end()).contains(BatchSummary.End.COMPLETED);
  }

  @Test
  void forEachAsReady_doesNotWaitForTheSlow() throws Exception {
    List<Integer> seen = new ArrayList<>();
    Batch.<Integer, Integer>mapping(
            number -> {
              if (number == 0) {
                awaitUninterrupted(gate::pass);
              }
              return number;
            })
        .concurrency(2)
        .build()
        .forEachAsReady(
            numbers(5).iterator(),
            item -> {
              seen.add(item.input());
              if (seen.size() == 4) {
                gate.open();
              }
            });

    assertThat(seen).hasSize(5).endsWith(0);
  }

  @Test
  void forEach_onTheCallersThread_works() throws Exception {
    List<Integer> seen = new ArrayList<>();
    Batch.<Integer, Integer>mapping(Function.identity())
        .executor(Runnable::run)
        .window(1)
        .concurrency(1)
        .build()
        .forEach(numbers(100).iterator(), item -> seen.add(item.input()));

    assertThat(seen).isEqualTo(numbers(100));
  }

  @Test
  void forEach_consumerOrSourceThatThrows_cancelsTheBatch() {
    Batch<Integer, Integer> batch =
        Batch.<Integer, Integer>mapping(Function.identity()).concurrency(2).build();
    IllegalStateException broken = new IllegalStateException("broken");

    assertThatThrownBy(
            () ->
                batch.forEach(
                    numbers(1000).iterator(),
                    item -> {
                      throw broken;
                    }))
        .isSameAs(broken);
    assertThatThrownBy(
            () ->
                batch.forEach(
                    Stream.<Integer>generate(
                            () -> {
                              throw broken;
                            })
                        .iterator(),
                    item -> {}))
        .isSameAs(broken);
  }

  @Test
  void join_interrupted_cancelsTheBatch() throws Exception {
    BatchRun<Integer, Integer> run =
        Batch.<Integer, Integer>mapping(BatchTest::waitForever).build().start(numbers(3));
    Thread.currentThread().interrupt();

    assertThatThrownBy(run::join).isInstanceOf(InterruptedException.class);
    assertThat(run.join().summary().end()).contains(BatchSummary.End.CANCELLED);
  }

  @Test
  void executorThatRefuses_failsTheRun() {
    Batch<Integer, Integer> batch =
        Batch.<Integer, Integer>mapping(Function.identity())
            .executor(
                task -> {
                  throw new IllegalStateException("shut down");
                })
            .build();

    assertThatThrownBy(() -> batch.run(numbers(3)))
        .isInstanceOf(RejectedExecutionException.class)
        .hasMessageStartingWith("no thread to be had")
        .hasRootCauseMessage("shut down");
  }

  @Test
  void functionThatAnswersWithNull_failsTheItem() throws Exception {
    assertThat(Batch.<Integer, Integer>mapping(number -> null).build().run(numbers(1)).items())
        .allMatch(item -> item.error().orElseThrow() instanceof NullPointerException);
  }

  @Test
  void cancel_atAnyMoment_tellsOfEachItemOnce() throws Exception {
    for (int seed = 0; seed < 60; seed++) {
      Random random = new Random(seed);
      int cancelAt = random.nextInt(20);
      AtomicInteger begun = new AtomicInteger();
      CompletableFuture<BatchRun<Integer, Integer>> handle = new CompletableFuture<>();
      handle.complete(
          Batch.<Integer, Integer>mapping(
                  number -> {
                    if (begun.incrementAndGet() == cancelAt) {
                      handle.join().cancel();
                    }
                    return number;
                  })
              .concurrency(1 + random.nextInt(4))
              .build()
              .start(numbers(20)));

      BatchResult<Integer, Integer> result = handle.join().join();

      assertThat(result.items()).extracting(BatchItem::input).isEqualTo(numbers(20));
      assertThat(result.summary().done()).isEqualTo(20);
      assertThat(result.summary().succeeded())
          .isEqualTo(result.items().stream().filter(BatchItem::isSuccess).count());
      assertThat(Context.current()).isSameAs(Context.root());
    }
  }

  @Test
  void builder_quotesBadValues() {
    Batch.Builder<Integer, Integer> builder = Batch.mapping(Function.identity());
    assertThatThrownBy(() -> builder.concurrency(0))
        .hasMessage("concurrency must be at least 1: 0");
    assertThatThrownBy(() -> builder.window(-2)).hasMessage("window must be at least 1: -2");
    assertThatThrownBy(() -> builder.timeout(Duration.ZERO))
        .hasMessage("timeout must be positive: PT0S");
    assertThatThrownBy(() -> builder.maxLimitWait(Duration.ofSeconds(-1)))
        .hasMessage("maxLimitWait must not be negative: PT-1S");
  }

  private static void acquire(RateLimiter limiter) {
    try {
      limiter.acquire("key", Duration.ZERO);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<Integer> numbers(int size) {
    return IntStream.range(0, size).boxed().toList();
  }

  private static ChatRequest request(String text) {
    return ChatRequest.builder().messages(UserMessage.from(text)).build();
  }

  private static Integer waitForever(Integer number) {
    try {
      new CountDownLatch(1).await();
      return number;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    awaitUninterrupted(latch::await);
  }

  /** As code does that does not hear interrupts. */
  private static void awaitUninterrupted(Waiting waiting) {
    while (true) {
      try {
        waiting.await();
        return;
      } catch (InterruptedException e) {
        // goes on
      }
    }
  }

  /** A refusal of a class of the caller's. */
  private static final class Refused extends CallRejectedException {

    private static final long serialVersionUID = 1L;

    private final transient Supplier<Duration> wait;

    Refused(Supplier<Duration> wait) {
      super("refused");
      this.wait = wait;
    }

    @Override
    public Duration retryAfter() {
      return wait.get();
    }
  }

  private interface Waiting {
    void await() throws InterruptedException;
  }
}

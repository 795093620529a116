package dev.agentops.resilience;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.WorkQueueEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class WorkQueueTest {

  private final TestClock clock = TestClock.create();
  private final Gate gate = new Gate();
  private final List<OpsEvent> events = new CopyOnWriteArrayList<>();
  private final List<String> ran = new CopyOnWriteArrayList<>();

  @Test
  void submit_runsTheWorkInTheContextOfItsSubmitter() throws Exception {
    try (WorkQueue queue = WorkQueue.create();
        Scope ignored = Context.root().with(Attributes.of("team", "search")).makeCurrent()) {
      assertThat(queue.submit(() -> Context.current().attributes().text("team")).get())
          .isEqualTo("search");
      assertThat(queue.submit(() -> Thread.currentThread().isDaemon()).get()).isTrue();
    }
  }

  @Test
  void submit_workThatThrows_failsItsFutureOnly() throws Exception {
    try (WorkQueue queue = queue(1, 1).build()) {
      CompletableFuture<String> broken =
          queue.submit(
              () -> {
                throw new java.io.IOException("disk");
              });

      assertThatThrownBy(broken::get).cause().hasMessage("disk");
      assertThat(queue.submit(() -> "next").get()).isEqualTo("next");
      assertThat(queue.stats().failed()).isEqualTo(1);
    }
  }

  @Test
  void submit_full_isRefusedWithAnEstimate() throws Exception {
    try (WorkQueue queue = queue(1, 2).build()) {
      block(queue);
      queue.submit(named("a"));
      queue.submit(named("b"));

      assertThatThrownBy(() -> queue.submit(named("c").key("acme")))
          .isInstanceOfSatisfying(
              QueueFullException.class,
              e -> {
                assertThat(e.queue()).isEqualTo("jobs");
                assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(1)); // not known yet
              })
          .hasMessage("queue 'jobs' is full: 2 wait; retry after PT1S");
      assertThat(events)
          .singleElement()
          .isInstanceOfSatisfying(
              WorkQueueEvent.class,
              event -> {
                assertThat(event.type()).isEqualTo(WorkQueueEvent.Type.REFUSED);
                assertThat(event.key()).isEqualTo("acme");
                assertThat(event.waiting()).isEqualTo(2);
              });
      assertThat(queue.stats().refused()).isEqualTo(1);
      assertThat(queue.stats().waiting()).isEqualTo(2);
    }
  }

  @Test
  void retryAfter_isTheTimeThatWhatWaitsWillTake() throws Exception {
    try (WorkQueue queue = queue(1, 3).build()) {
      CompletableFuture<String> first =
          queue.submit(
              () -> {
                gate.pass();
                return "first";
              });
      gate.awaitVisitor();
      clock.advance(Duration.ofSeconds(4));
      gate.open();
      first.get();
      Gate second = new Gate();
      block(queue, second);
      for (String name : List.of("a", "b", "c")) {
        queue.submit(named(name));
      }

      assertThatThrownBy(() -> queue.submit(named("d")))
          .isInstanceOfSatisfying(
              QueueFullException.class,
              e -> assertThat(e.retryAfter()).isEqualTo(Duration.ofSeconds(12)));
    }
  }

  @Test
  void jobs_ofHigherPriorityGoFirst_thoseOfOnePriorityByTurnsOfTheirKeys() throws Exception {
    try (WorkQueue queue = queue(1, 10).build()) {
      block(queue);
      List<CompletableFuture<String>> all = new ArrayList<>();
      all.add(queue.submit(named("a1").key("a")));
      all.add(queue.submit(named("a2").key("a")));
      all.add(queue.submit(named("a3").key("a")));
      all.add(queue.submit(named("b1").key("b")));
      all.add(queue.submit(named("urgent").priority(5)));
      all.add(queue.submit(named("c1").key("c")));
      all.add(queue.submit(named("later").priority(-1)));
      gate.open();
      for (CompletableFuture<String> one : all) {
        one.get();
      }

      assertThat(ran).containsExactly("urgent", "a1", "b1", "c1", "a2", "a3", "later");
    }
  }

  @Test
  void shed_oldest_goesForTheOneThatComes_butNeverForALowerOne() throws Exception {
    try (WorkQueue queue = queue(1, 2).shed(ShedPolicy.DROP_OLDEST).build()) {
      block(queue);
      CompletableFuture<String> oldest = queue.submit(named("oldest"));
      CompletableFuture<String> middle = queue.submit(named("middle"));
      CompletableFuture<String> newest = queue.submit(named("newest"));

      assertThatThrownBy(oldest::get).hasCauseInstanceOf(QueueFullException.class);
      assertThatThrownBy(() -> queue.submit(named("low").priority(-1)))
          .isInstanceOf(QueueFullException.class);
      gate.open();
      assertThat(middle.get() + newest.get()).isEqualTo("middlenewest");
      assertThat(queue.stats().shed()).isEqualTo(1);
      assertThat(types()).containsExactly(WorkQueueEvent.Type.SHED, WorkQueueEvent.Type.REFUSED);
    }
  }

  @Test
  void shed_lowestPriority_goesForAHigherOneOnly() throws Exception {
    try (WorkQueue queue = queue(1, 2).shed(ShedPolicy.DROP_LOWEST_PRIORITY).build()) {
      block(queue);
      CompletableFuture<String> first = queue.submit(named("first"));
      CompletableFuture<String> second = queue.submit(named("second"));
      assertThatThrownBy(() -> queue.submit(named("equal"))).isInstanceOf(QueueFullException.class);

      CompletableFuture<String> high = queue.submit(named("high").priority(1));

      assertThatThrownBy(second::get).hasCauseInstanceOf(QueueFullException.class);
      gate.open();
      assertThat(first.get() + high.get()).isEqualTo("firsthigh");
      assertThat(ran).containsExactly("high", "first");
    }
  }

  @Test
  void timeout_ofAWaitingJob_takesItOutOfTheQueue() throws Exception {
    try (WorkQueue queue = queue(1, 1).build()) {
      block(queue);
      CompletableFuture<String> late = queue.submit(named("late").timeout(Duration.ofSeconds(2)));
      clock.advance(Duration.ofSeconds(2));

      assertThatThrownBy(late::get)
          .hasCauseInstanceOf(TimeoutException.class)
          .hasMessageContaining("'jobs' was over before it began");
      await().until(() -> queue.stats().waiting() == 0);
      CompletableFuture<String> next = queue.submit(named("next")); // there is room again
      gate.open();
      next.get();
      assertThat(ran).containsExactly("next");
      assertThat(queue.stats().expired()).isEqualTo(1);
      await().until(() -> types().equals(List.of(WorkQueueEvent.Type.EXPIRED)));
    }
  }

  @Test
  void deadline_ofTheSubmitter_interruptsTheRunningJob() throws Exception {
    try (WorkQueue queue = queue(1, 1).build();
        Scope ignored = Deadline.after(Duration.ofSeconds(3), clock).open()) {
      CountDownLatch interrupted = new CountDownLatch(1);
      CompletableFuture<String> running =
          queue.submit(
              () -> {
                try {
                  gate.pass();
                } catch (InterruptedException e) {
                  interrupted.countDown();
                }
                return "too late";
              });
      gate.awaitVisitor();
      clock.advance(Duration.ofSeconds(3));

      assertThatThrownBy(running::get).hasCauseInstanceOf(TimeoutException.class);
      interrupted.await();
      assertThat(queue.stats().expired()).isEqualTo(1);
      await().until(() -> types().equals(List.of(WorkQueueEvent.Type.EXPIRED)));
    }
  }

  @Test
  void cancel_ofADerivedFuture_givesTheJobUp_andTheThreadGoesOnClean() throws Exception {
    try (WorkQueue queue = queue(1, 2).build()) {
      CompletableFuture<String> running =
          queue.submit(
              () -> {
                gate.pass();
                return "never";
              });
      CompletableFuture<String> waiting = queue.submit(named("waiting"));
      CompletableFuture<Boolean> next = queue.submit(() -> Thread.currentThread().isInterrupted());
      gate.awaitVisitor();
      waiting.cancel(true);
      running.thenApply(String::length).thenApply(length -> length + 1).cancel(true);

      assertThat(running).isCancelled();
      assertThat(next.get()).isFalse();
      assertThat(ran).isEmpty();
      assertThat(queue.stats().cancelled()).isEqualTo(2);
      assertThat(clock.pendingTimers()).isZero();
    }
  }

  @Test
  void submit_maxWait_getsInWhenThereIsRoom_andIsRefusedWhenTheTimeIsOver() throws Exception {
    try (WorkQueue queue = queue(1, 1).maxWait(Duration.ofSeconds(5)).build()) {
      block(queue);
      CompletableFuture<String> waiting = queue.submit(named("waiting"));
      CompletableFuture<CompletableFuture<String>> blocked = blockedSubmit(queue, "blocked");
      await().until(() -> clock.pendingTimers() == 1);
      waiting.cancel(true);
      CompletableFuture<String> entered = blocked.get();

      CompletableFuture<CompletableFuture<String>> refused = blockedSubmit(queue, "refused");
      await().until(() -> clock.pendingTimers() == 1);
      clock.advance(Duration.ofSeconds(5));
      assertThatThrownBy(refused::get).hasCauseInstanceOf(QueueFullException.class);
      gate.open();
      assertThat(entered.get()).isEqualTo("blocked");
    }
  }

  @Test
  void submit_interruptedWhileItWaits_isRefusedAndStaysInterrupted() throws Exception {
    try (WorkQueue queue = queue(1, 1).maxWait(Duration.ofDays(1)).build()) {
      block(queue);
      queue.submit(named("waiting"));
      Thread.currentThread().interrupt();

      assertThatThrownBy(() -> queue.submit(named("interrupted")))
          .isInstanceOf(QueueFullException.class);
      assertThat(Thread.interrupted()).isTrue();
    }
  }

  @Test
  void drain_finishesWhatIsThere_andTakesNoMore() throws Exception {
    WorkQueue queue = queue(2, 10).build();
    block(queue);
    CompletableFuture<String> waiting = queue.submit(named("waiting"));
    CompletableFuture<List<Job<?>>> drained =
        CompletableFuture.supplyAsync(() -> drain(queue, Duration.ofMinutes(1)));
    await().until(() -> clock.pendingTimers() == 1);
    await()
        .untilAsserted(
            () ->
                assertThatThrownBy(() -> queue.submit(named("more")))
                    .isInstanceOfSatisfying(
                        QueueFullException.class, e -> assertThat(e.retryAfter()).isNull())
                    .hasMessage("queue 'jobs' takes no more work"));
    gate.open();

    assertThat(drained.get()).isEmpty();
    assertThat(waiting).isCompletedWithValue("waiting");
    assertThat(ran).containsExactly("waiting");
  }

  @Test
  void drain_timeIsOver_returnsWhatWasNotBegun_andCloseInterruptsTheRest() throws Exception {
    WorkQueue queue = queue(1, 10).build();
    CompletableFuture<String> running = block(queue);
    Job<String> a = named("a");
    Job<String> b = named("b").priority(1);
    CompletableFuture<String> waiting = queue.submit(a);
    queue.submit(b);

    assertThat(queue.drain(Duration.ZERO)).isEqualTo(List.of(b, a));
    assertThat(waiting).isCancelled();
    assertThat(running).isNotDone();
    queue.close();
    assertThat(running).isCancelled();
    await().until(() -> queue.stats().running() == 0);
    assertThat(ran).isEmpty();
  }

  @Test
  void listenerThatThrows_doesNotKeepAJobOut() throws Exception {
    try (WorkQueue queue =
        queue(1, 1)
            .shed(ShedPolicy.DROP_OLDEST)
            .listener(
                event -> {
                  throw new IllegalStateException("broken listener");
                })
            .build()) {
      block(queue);
      queue.submit(named("old"));
      CompletableFuture<String> coming = queue.submit(named("new"));
      gate.open();
      assertThat(coming.get()).isEqualTo("new");
    }
  }

  @Test
  void executorThatRefuses_shedsWhatNobodyWouldRun() {
    WorkQueue queue =
        queue(1, 1)
            .executor(
                task -> {
                  throw new IllegalStateException("shut down");
                })
            .build();

    for (int i = 0; i < 2; i++) {
      assertThatThrownBy(() -> queue.submit(named("stranded")).get())
          .isInstanceOf(ExecutionException.class)
          .hasRootCauseMessage("shut down")
          .cause()
          .isInstanceOf(QueueFullException.class)
          .hasMessageStartingWith("queue 'jobs' has no thread to be had");
    }
    assertThat(queue.stats().waiting()).isZero();
  }

  @Test
  void jobThatLeavesItsThreadInterrupted_doesNotInterruptTheNext() throws Exception {
    try (WorkQueue queue = queue(1, 1).build()) {
      CompletableFuture<String> first =
          queue.submit(
              () -> {
                gate.pass();
                Thread.currentThread().interrupt();
                return "done";
              });
      CompletableFuture<Boolean> next = queue.submit(() -> Thread.currentThread().isInterrupted());
      gate.open();

      assertThat(first.get()).isEqualTo("done");
      assertThat(next.get()).isFalse();
    }
  }

  @Test
  void jobThatFailsAfterItsTime_isExpired_withItsFailureAsTheCause() {
    try (WorkQueue queue = queue(1, 1).executor(Runnable::run).build()) {
      Job<String> broken =
          Job.of(
              () -> {
                clock.advance(Duration.ofSeconds(1));
                throw new IllegalStateException("broken off");
              });

      assertThatThrownBy(() -> queue.submit(broken.timeout(Duration.ofSeconds(1))).get())
          .cause()
          .isInstanceOf(TimeoutException.class);
      assertThat(queue.stats().expired()).isEqualTo(1);
      assertThat(queue.stats().failed()).isZero();
      await().until(() -> types().equals(List.of(WorkQueueEvent.Type.EXPIRED)));
    }
  }

  @Test
  void jobWhoseTimeIsOverBeforeThereIsRoom_shedsNobody() throws Exception {
    try (WorkQueue queue =
        queue(1, 1).maxWait(Duration.ofMinutes(1)).shed(ShedPolicy.DROP_OLDEST).build()) {
      block(queue);
      CompletableFuture<String> waiting = queue.submit(named("waiting"));
      CompletableFuture<CompletableFuture<String>> late =
          CompletableFuture.supplyAsync(
              () -> queue.submit(named("late").timeout(Duration.ofSeconds(1))),
              DaemonThreads.shared());
      await().until(() -> clock.pendingTimers() == 1);
      clock.advance(Duration.ofSeconds(1));

      assertThatThrownBy(late.get()::get).hasCauseInstanceOf(TimeoutException.class);
      gate.open();
      assertThat(waiting.get()).isEqualTo("waiting");
      assertThat(queue.stats().shed()).isZero();
    }
  }

  @ParameterizedTest
  @EnumSource(ShedPolicy.class)
  void manySubmitters_eachJobEndsOnce_andNeverMoreRunThanAllowed(ShedPolicy policy)
      throws Exception {
    AtomicInteger now = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger done = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    int perThread = 500;
    WorkQueue queue = queue(3, 5).shed(policy).build();
    List<Thread> threads = new ArrayList<>();
    for (int seed = 0; seed < 4; seed++) {
      Random random = new Random(seed);
      threads.add(
          new Thread(
              () -> {
                for (int i = 0; i < perThread; i++) {
                  Job<Integer> job =
                      Job.of(
                              () -> {
                                most.accumulateAndGet(now.incrementAndGet(), Math::max);
                                Thread.yield();
                                return now.decrementAndGet();
                              })
                          .priority(random.nextInt(3))
                          .key("key-" + random.nextInt(5));
                  try {
                    CompletableFuture<Integer> future = queue.submit(job);
                    future.whenComplete((result, failure) -> done.incrementAndGet());
                    if (random.nextInt(10) == 0) {
                      future.cancel(true);
                    }
                  } catch (QueueFullException e) {
                    refused.incrementAndGet();
                  }
                }
              }));
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(queue.drain(Duration.ofMinutes(1))).isEmpty();

    WorkQueueStats stats = queue.stats();
    assertThat(most.get()).isBetween(1, 3);
    assertThat(done.get() + refused.get()).isEqualTo(4 * perThread);
    assertThat(stats.refused()).isEqualTo(refused.get());
    assertThat(stats.accepted()).isEqualTo(done.get());
    assertThat(
            stats.succeeded() + stats.failed() + stats.cancelled() + stats.shed() + stats.expired())
        .isEqualTo(stats.accepted());
  }

  @Test
  void builder_quotesBadValues() {
    assertThatThrownBy(() -> WorkQueue.builder().workers(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("workers must be at least 1: 0");
    assertThatThrownBy(() -> WorkQueue.builder().capacity(-1))
        .hasMessage("capacity must be at least 1: -1");
    assertThatThrownBy(() -> WorkQueue.builder().maxWait(Duration.ofMillis(-1)))
        .hasMessage("maxWait must not be negative: PT-0.001S");
    assertThatThrownBy(() -> WorkQueue.builder().named(" "))
        .hasMessage("name must not be blank: ' '");
    assertThatThrownBy(() -> Job.of(() -> 1).timeout(Duration.ZERO))
        .hasMessage("timeout must be positive: PT0S");
  }

  private WorkQueue.Builder queue(int workers, int capacity) {
    return WorkQueue.builder()
        .named("jobs")
        .workers(workers)
        .capacity(capacity)
        .clock(clock)
        .listener(events::add);
  }

  private Job<String> named(String name) {
    return Job.of(
        () -> {
          ran.add(name);
          return name;
        });
  }

  /** Keeps one worker busy until the gate is opened. */
  private CompletableFuture<String> block(WorkQueue queue) throws InterruptedException {
    return block(queue, gate);
  }

  private static CompletableFuture<String> block(WorkQueue queue, Gate gate)
      throws InterruptedException {
    CompletableFuture<String> blocked =
        queue.submit(
            () -> {
              gate.pass();
              return "blocked";
            });
    gate.awaitVisitor();
    return blocked;
  }

  private CompletableFuture<CompletableFuture<String>> blockedSubmit(WorkQueue queue, String name) {
    return CompletableFuture.supplyAsync(() -> queue.submit(named(name)), DaemonThreads.shared());
  }

  private static List<Job<?>> drain(WorkQueue queue, Duration time) {
    try {
      return queue.drain(time);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private List<WorkQueueEvent.Type> types() {
    return events.stream().map(event -> ((WorkQueueEvent) event).type()).toList();
  }
}

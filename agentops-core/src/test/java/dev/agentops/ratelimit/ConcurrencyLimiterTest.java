package dev.agentops.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.agentops.Deadline;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class ConcurrencyLimiterTest {

  private static final Duration LONG = Duration.ofMinutes(10);

  private final TestClock clock = TestClock.create();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(ConcurrencyLimiter.class);

  @AfterEach
  void stop() {
    threads.shutdownNow();
    logger.detachAppender(lines);
  }

  @Test
  void tryAcquire_upToTheLimit_thenRefusesAndCounts() {
    ConcurrencyLimiter limiter = builder(2).build();

    Optional<ConcurrencyLimiter.Permit> first = limiter.tryAcquire();
    Optional<ConcurrencyLimiter.Permit> second = limiter.tryAcquire();

    assertThat(first).isPresent();
    assertThat(second).isPresent();
    assertThat(limiter.tryAcquire()).isEmpty();
    assertThat(limiter.stats().refused()).isEqualTo(1);
    assertThat(limiter.stats().inUse()).isEqualTo(2);

    first.get().close();
    first.get().close();
    assertThat(limiter.inUse()).isEqualTo(1);
    second.get().close();
  }

  @Test
  void acquire_severalWait_servesPrioritiesFirstAndElseInOrder() {
    ConcurrencyLimiter limiter = builder(1).build();
    ConcurrencyLimiter.Permit held = limiter.tryAcquire().orElseThrow();
    List<String> served = new CopyOnWriteArrayList<>();
    waitFor(limiter, "low", -1, served);
    waitFor(limiter, "first", 0, served);
    waitFor(limiter, "second", 0, served);
    waitFor(limiter, "high", 7, served);

    held.close();

    await().until(() -> served.size() == 4);
    assertThat(served).containsExactly("high", "first", "second", "low");
    assertThat(limiter.stats().waited()).isEqualTo(4);
  }

  @Test
  void tryAcquire_whileOthersWait_doesNotPushIn() {
    ConcurrencyLimiter limiter = builder(1).build();
    ConcurrencyLimiter.Permit held = limiter.tryAcquire().orElseThrow();
    CompletableFuture<ConcurrencyLimiter.Permit> waiting = acquireElsewhere(limiter, LONG);
    held.close();

    ConcurrencyLimiter.Permit handedOver = waiting.join();
    assertThat(limiter.tryAcquire()).isEmpty();
    handedOver.close();
    assertThat(limiter.tryAcquire()).isPresent();
  }

  @Test
  void acquire_noneFreeInTime_isRefusedWithLimitAndKey() {
    ConcurrencyLimiter limiter = builder(1).name("gpu").build();
    ConcurrencyLimiter.Permit held = limiter.tryAcquire("a").orElseThrow();
    CompletableFuture<ConcurrencyLimiter.Permit> waiting =
        elsewhere(() -> limiter.acquire("a", Duration.ofSeconds(5)));
    await().until(() -> limiter.stats().waiting() == 1);

    clock.advance(Duration.ofSeconds(5));

    assertThatThrownBy(waiting::join)
        .hasCauseInstanceOf(ConcurrencyLimitExceededException.class)
        .hasMessageContaining("'gpu' of 1 for 'a' was used up for PT5S");
    assertThat(limiter.stats().waiting()).isZero();
    assertThat(limiter.stats().refused()).isEqualTo(1);
    held.close();
    assertThat(limiter.inUse("a")).isZero();
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void acquire_withADeadline_neverWaitsPastIt() {
    ConcurrencyLimiter limiter = builder(1).build();
    ConcurrencyLimiter.Permit held = limiter.tryAcquire().orElseThrow();
    CompletableFuture<ConcurrencyLimiter.Permit> waiting =
        elsewhere(
            () -> {
              try (Scope scope = Deadline.after(Duration.ofSeconds(3), clock).open()) {
                return limiter.acquire();
              }
            });
    await().until(() -> limiter.stats().waiting() == 1);

    clock.advance(Duration.ofSeconds(3));

    assertThatThrownBy(waiting::join).hasCauseInstanceOf(ConcurrencyLimitExceededException.class);
    held.close();
  }

  @Test
  void acquire_tooManyWait_isRefusedAtOnce() throws Exception {
    ConcurrencyLimiter limiter = builder(1).maxWaiting(1).build();
    ConcurrencyLimiter.Permit held = limiter.tryAcquire().orElseThrow();
    CompletableFuture<ConcurrencyLimiter.Permit> waiting = acquireElsewhere(limiter, LONG);

    assertThatThrownBy(() -> limiter.acquire(LONG))
        .isInstanceOf(ConcurrencyLimitExceededException.class)
        .hasMessageContaining("1 wait");

    held.close();
    waiting.join().close();
    limiter.acquire(LONG).close();
  }

  @Test
  void acquire_interrupted_leavesTheQueue() {
    ConcurrencyLimiter limiter = builder(1).build();
    ConcurrencyLimiter.Permit held = limiter.tryAcquire().orElseThrow();
    Future<ConcurrencyLimiter.Permit> waiting = threads.submit(() -> limiter.acquire(LONG));
    await().until(() -> limiter.stats().waiting() == 1);

    waiting.cancel(true);

    await().until(() -> limiter.stats().waiting() == 0);
    held.close();
    assertThat(limiter.tryAcquire()).isPresent();
  }

  @Test
  void limit_raised_servesThoseWhoWait_lowered_letsNobodyInUntilItFits() {
    ConcurrencyLimiter limiter = builder(1).build();
    ConcurrencyLimiter.Permit first = limiter.tryAcquire().orElseThrow();
    CompletableFuture<ConcurrencyLimiter.Permit> waiting = acquireElsewhere(limiter, LONG);

    limiter.limit(2);
    ConcurrencyLimiter.Permit second = waiting.join();
    limiter.limit(1);

    assertThat(limiter.limit("anybody")).isEqualTo(1);
    first.close();
    assertThat(limiter.tryAcquire()).isEmpty();
    second.close();
    assertThat(limiter.tryAcquire()).isPresent();
  }

  @Test
  void permit_lostByItsHolder_isGivenBackToWhoeverWaits() {
    ConcurrencyLimiter limiter = builder(1).name("leaky").trackLeaks(true).build();
    listen();
    lose(limiter);
    CompletableFuture<ConcurrencyLimiter.Permit> waiting = acquireElsewhere(limiter, LONG);

    await().until(() -> collected(waiting.isDone()));

    waiting.join().close();
    assertThat(limiter.inUse()).isZero();
    assertThat(limiter.stats().leaked()).isEqualTo(1);
    assertThat(lines.list).hasSize(1);
    assertThat(lines.list.get(0).getFormattedMessage()).contains("'leaky'", "never closed");
    assertThat(lines.list.get(0).getThrowableProxy().getStackTraceElementProxyArray())
        .anyMatch(frame -> frame.getStackTraceElement().getMethodName().equals("lose"));
  }

  @Test
  void permits_lostWithoutTracking_areCountedAndSaidOnce() {
    ConcurrencyLimiter limiter = builder(100).build();
    listen();
    for (int i = 0; i < 100; i++) {
      lose(limiter);
    }

    await().until(() -> collected(limiter.inUse() == 0));

    assertThat(limiter.stats().leaked()).isEqualTo(100);
    assertThat(lines.list).hasSize(1);
  }

  @Test
  void permit_heldForTooLong_isReportedAndStaysInUse() {
    ConcurrencyLimiter limiter = builder(2).maxHold(Duration.ofMinutes(5)).build();
    listen();
    ConcurrencyLimiter.Permit slow = limiter.tryAcquire().orElseThrow();
    limiter.tryAcquire().orElseThrow().close();

    clock.advance(Duration.ofMinutes(5));

    assertThat(limiter.stats().overdue()).isEqualTo(1);
    assertThat(limiter.inUse()).isEqualTo(1);
    assertThat(lines.list).hasSize(1);
    slow.close();
    assertThat(limiter.inUse()).isZero();
  }

  @Test
  void keys_haveALimitEach() {
    ConcurrencyLimiter limiter = builder(1).build();
    ConcurrencyLimiter.Permit a = limiter.tryAcquire("a").orElseThrow();
    ConcurrencyLimiter.Permit b = limiter.tryAcquire("b").orElseThrow();

    assertThat(limiter.tryAcquire("a")).isEmpty();
    assertThat(limiter.inUse("a")).isEqualTo(1);
    assertThat(limiter.inUse()).isZero();
    assertThat(limiter.stats().inUse()).isEqualTo(2);
    a.close();
    assertThat(limiter.tryAcquire("a")).isPresent();
    b.close();
  }

  @Test
  void keys_hostileMany_areForgottenWhenIdleAndShareOneLimitBeyondTheMaximum() {
    ConcurrencyLimiter limiter = builder(1).maximumKeys(100).build();
    ConcurrencyLimiter.Permit kept = limiter.tryAcquire("kept").orElseThrow();
    for (int i = 0; i < 50_000; i++) {
      clock.advance(Duration.ofMillis(100));
      limiter.tryAcquire("key " + i).orElseThrow().close();
    }

    assertThat(limiter.stats().keys()).isLessThanOrEqualTo(100);
    assertThat(limiter.stats().forgotten()).isGreaterThan(25_000);
    assertThat(limiter.tryAcquire("kept")).isEmpty();
    kept.close();
    assertThat(limiter.tryAcquire("kept")).isPresent();

    List<ConcurrencyLimiter.Permit> busy = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      limiter.tryAcquire("busy " + i).ifPresent(busy::add);
    }
    assertThat(busy).hasSizeLessThanOrEqualTo(101);
    assertThat(limiter.stats().keys()).isLessThanOrEqualTo(100);
  }

  @Test
  void adaptiveKey_idleForAWhile_isForgottenWithWhatItLearned() {
    ConcurrencyLimiter limiter =
        ConcurrencyLimiter.builder()
            .adaptive(AdaptiveLimit.aimd().initial(10).build())
            .maximumKeys(1)
            .clock(clock)
            .build();
    ConcurrencyLimiter.Permit permit = limiter.tryAcquire("a").orElseThrow();
    permit.overloaded();
    permit.close();
    assertThat(limiter.limit("a")).isEqualTo(7);

    clock.advance(Duration.ofMinutes(9));
    limiter.tryAcquire("b").orElseThrow().close();
    assertThat(limiter.limit("a")).isEqualTo(7);

    clock.advance(Duration.ofMinutes(2));
    limiter.tryAcquire("b").orElseThrow().close();
    assertThat(limiter.limit("a")).isEqualTo(10);
  }

  @Test
  void manyThreads_neverMoreThanTheLimitAndNothingIsLost() throws Exception {
    ConcurrencyLimiter limiter =
        ConcurrencyLimiter.builder().limit(3).maxWaiting(5).maximumKeys(2).build();
    String[] keys = {"", "a", "b", "c"};
    AtomicInteger[] running = new AtomicInteger[keys.length];
    Arrays.setAll(running, i -> new AtomicInteger());
    AtomicInteger most = new AtomicInteger();
    List<Future<?>> all = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      Random random = new Random(t);
      all.add(
          threads.submit(
              () -> {
                for (int i = 0; i < 3_000; i++) {
                  int key = random.nextInt(keys.length);
                  try (ConcurrencyLimiter.Permit permit =
                      take(limiter, keys[key], random.nextInt(4), random.nextInt(3))) {
                    if (permit != null) {
                      most.accumulateAndGet(running[key].incrementAndGet(), Math::max);
                      Thread.yield();
                      running[key].decrementAndGet();
                    }
                  }
                }
                return null;
              }));
    }
    for (Future<?> one : all) {
      one.get();
    }

    assertThat(most.get()).isBetween(2, 3);
    assertThat(limiter.stats().inUse()).isZero();
    assertThat(limiter.stats().waiting()).isZero();
    for (int i = 0; i < 3; i++) {
      limiter.acquire(Duration.ZERO);
    }
  }

  @Test
  void badOptions_areRefusedWithTheirValue() {
    assertThatThrownBy(() -> builder(1).limit(0)).hasMessageContaining("0");
    assertThatThrownBy(() -> builder(1).build().limit(-1)).hasMessageContaining("-1");
    assertThatThrownBy(() -> builder(1).maxWaiting(-2)).hasMessageContaining("-2");
    assertThatThrownBy(() -> builder(1).maximumKeys(0)).hasMessageContaining("0");
    assertThatThrownBy(() -> builder(1).maxHold(Duration.ZERO)).hasMessageContaining("PT0S");
    assertThatThrownBy(() -> ConcurrencyLimiter.builder().build())
        .isInstanceOf(IllegalStateException.class);
  }

  private ConcurrencyLimiter.Builder builder(int limit) {
    return ConcurrencyLimiter.builder().limit(limit).clock(clock);
  }

  private static ConcurrencyLimiter.Permit take(
      ConcurrencyLimiter limiter, String key, int way, int priority) throws InterruptedException {
    try {
      return switch (way) {
        case 0 -> limiter.tryAcquire(key).orElse(null);
        case 1 -> limiter.acquire(key, Duration.ofNanos(20_000), priority);
        default -> limiter.acquire(key, LONG, priority);
      };
    } catch (ConcurrencyLimitExceededException e) {
      return null;
    }
  }

  private void waitFor(ConcurrencyLimiter limiter, String name, int priority, List<String> served) {
    long before = limiter.stats().waiting();
    threads.submit(
        () -> {
          try (ConcurrencyLimiter.Permit permit = limiter.acquire("", LONG, priority)) {
            served.add(name);
          }
          return null;
        });
    await().until(() -> limiter.stats().waiting() == before + 1);
  }

  private CompletableFuture<ConcurrencyLimiter.Permit> acquireElsewhere(
      ConcurrencyLimiter limiter, Duration maxWait) {
    CompletableFuture<ConcurrencyLimiter.Permit> got = elsewhere(() -> limiter.acquire(maxWait));
    await().until(() -> got.isDone() || limiter.stats().waiting() == 1);
    return got;
  }

  private CompletableFuture<ConcurrencyLimiter.Permit> elsewhere(
      Callable<ConcurrencyLimiter.Permit> action) {
    CompletableFuture<ConcurrencyLimiter.Permit> result = new CompletableFuture<>();
    threads.submit(
        () -> {
          try {
            result.complete(action.call());
          } catch (Throwable t) {
            result.completeExceptionally(t);
          }
        });
    return result;
  }

  private static void lose(ConcurrencyLimiter limiter) {
    assertThat(limiter.tryAcquire()).isPresent();
  }

  private static boolean collected(boolean done) {
    if (!done) {
      System.gc();
    }
    return done;
  }

  private void listen() {
    logger.setLevel(Level.WARN);
    logger.setAdditive(false);
    lines.start();
    logger.addAppender(lines);
  }
}

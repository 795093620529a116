package dev.agentops.ratelimit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import dev.agentops.TestClock;
import dev.agentops.ratelimit.FairQueue.Attempt;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FairQueueTest {

  private static final long FOR_LONG = Duration.ofHours(1).toNanos();

  private final TestClock clock = TestClock.create();
  private final Tap tap = new Tap();

  @Test
  void keys_oneIsNoisyAmongMany_haveEqualShares() {
    FairQueue<String> queue = queue(key -> 1, 1_000);
    int tenants = 20;

    Map<String, Integer> waiting = new HashMap<>();
    for (int tenant = 0; tenant < tenants; tenant++) {
      waiting.put("tenant " + tenant, tenant == 0 ? 300 : 2);
    }
    keepWaiting(queue, waiting, Duration.ofSeconds(40));

    double sum = 0;
    double squares = 0;
    for (int tenant = 0; tenant < tenants; tenant++) {
      double served = tap.servedTo("tenant " + tenant);
      sum += served;
      squares += served * served;
    }
    assertThat(sum).isGreaterThan(350); // of 400 that 40 s let through
    assertThat(sum * sum / (tenants * squares)).as("Jain's index").isGreaterThan(0.95);
  }

  @Test
  void keys_ofDifferentWeights_shareByThem() {
    FairQueue<String> queue =
        queue(key -> Map.of("one", 1.0, "two", 2.0, "four", 4.0).get(key), 100);

    keepWaiting(queue, Map.of("one", 5, "two", 5, "four", 5), Duration.ofSeconds(70));

    assertThat(tap.servedTo("one")).isCloseTo(100, within(3L));
    assertThat(tap.servedTo("two")).isCloseTo(200, within(3L));
    assertThat(tap.servedTo("four")).isCloseTo(400, within(3L));
  }

  @Test
  void keys_ofLargeAndSmallDemands_shareTheTokens() {
    FairQueue<String> queue = queue(key -> 1, 100);
    List<Waiter<String>> waiters = new ArrayList<>();
    for (int second = 0; second < 60; second++) {
      for (int i = waiting(waiters, "large"); i < 3; i++) {
        waiters.add(queue.enqueue("large", Demand.of(9, 0), false, FOR_LONG));
      }
      for (int i = waiting(waiters, "small"); i < 30; i++) {
        waiters.add(queue.enqueue("small", Demand.of(1, 0), false, FOR_LONG));
      }
      clock.advance(Duration.ofSeconds(1));
    }

    assertThat(tap.tokensOf("large")).isCloseTo(300, within(12L));
    assertThat(tap.tokensOf("small")).isCloseTo(300, within(12L));
  }

  @Test
  void key_thatComesBack_hasSavedUpNoClaim() {
    FairQueue<String> queue = queue(key -> 1, 100);
    keepWaiting(queue, Map.of("steady", 5), Duration.ofSeconds(10));
    long before = tap.servedTo("steady");

    keepWaiting(queue, Map.of("steady", 5, "newcomer", 5), Duration.ofSeconds(10));

    assertThat(tap.servedTo("steady") - before).isCloseTo(50, within(3L));
  }

  @Test
  void priority_high_goesFirstAndLeavesATenthToThoseWhoWaitedLong() {
    FairQueue<String> queue = queue(key -> 1, 100);
    List<Waiter<String>> low = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      low.add(queue.enqueue("batch", Demand.of(0, 0).priority(-1), false, FOR_LONG));
    }
    tap.served.clear();
    List<Waiter<String>> high = new ArrayList<>();

    for (int tenth = 0; tenth < 300; tenth++) {
      high.removeIf(Waiter::isOver);
      while (high.size() < 5) {
        high.add(queue.enqueue("chat", Demand.of(0, 0).priority(5), false, FOR_LONG));
      }
      clock.advance(Duration.ofMillis(100));
      if (tenth < 95) {
        assertThat(low).filteredOn(Waiter::isOver).hasSize(1); // it came before the high ones
      }
    }

    assertThat(tap.servedTo("batch")).isCloseTo(20, within(2L));
    assertThat(tap.servedTo("chat")).isCloseTo(280, within(4L));
  }

  @Test
  void key_heldUpByItsOwnLimit_holdsUpNobodyElse() {
    FairQueue<String> queue = queue(key -> 1, 100);
    tap.ownLimits.put("poor", Duration.ofSeconds(5).toNanos());

    Waiter<String> poor = queue.enqueue("poor", Demand.of(0, 0), false, FOR_LONG);
    Waiter<String> rich = queue.enqueue("rich", Demand.of(0, 0), false, FOR_LONG);

    assertThat(rich.isOver()).isTrue();
    assertThat(queue.wouldPushIn("other", 0, true)).isFalse();
    assertThat(queue.wouldPushIn("poor", 0, true)).isTrue();
    clock.advance(Duration.ofMillis(4_999));
    assertThat(poor.isOver()).isFalse();
    clock.advance(Duration.ofMillis(1));
    assertThat(poor.taken()).isEqualTo("poor");
  }

  @Test
  void oneKey_isServedInOrder() {
    FairQueue<String> queue = queue(key -> 1, 100);
    List<Waiter<String>> waiters = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      waiters.add(queue.enqueue("k", Demand.of(i % 3, 0), false, FOR_LONG));
    }
    for (int i = 0; i < 10; i++) {
      List<Boolean> over = waiters.stream().map(Waiter::isOver).toList();
      assertThat(over).isSortedAccordingTo((a, b) -> Boolean.compare(b, a));
      clock.advance(Duration.ofMillis(100));
    }
    clock.advance(Duration.ofSeconds(2));
    assertThat(waiters).allMatch(Waiter::isOver);
  }

  @Test
  void enqueue_longerThanItMayWait_isRefusedAtOnceWithTheTime() {
    FairQueue<String> queue = queue(key -> 1, 100);
    queue.enqueue("a", Demand.of(0, 0), false, FOR_LONG);

    Waiter<String> refused = queue.enqueue("b", Demand.of(0, 0), false, 99_000_000);

    assertThat(refused.isOver()).isTrue();
    assertThat(refused.taken()).isNull();
    assertThat(refused.retryAfterNanos()).isEqualTo(100_000_000);
    assertThat(queue.size()).isZero();
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void enqueue_behindMoreThanPassInItsTime_isRefusedAtOnce() {
    FairQueue<String> queue = queue(key -> 1, 100);
    for (int i = 0; i < 50; i++) {
      queue.enqueue("k", Demand.of(0, 0), false, FOR_LONG);
    }
    clock.advance(Duration.ofSeconds(1)); // 39 wait

    Waiter<String> hasty =
        queue.enqueue("k", Demand.of(0, 0), false, Duration.ofSeconds(3).toNanos());
    Waiter<String> patient =
        queue.enqueue("k", Demand.of(0, 0), false, Duration.ofSeconds(5).toNanos());
    Waiter<String> other =
        queue.enqueue("o", Demand.of(0, 0), false, Duration.ofSeconds(1).toNanos());

    assertThat(hasty.isOver()).isTrue();
    assertThat(hasty.retryAfterNanos())
        .isCloseTo(Duration.ofMillis(3_900).toNanos(), within(Duration.ofMillis(200).toNanos()));
    clock.advance(Duration.ofSeconds(1));
    assertThat(other.taken()).as("has its share at once").isEqualTo("o");
    clock.advance(Duration.ofSeconds(4));
    assertThat(patient.taken()).isEqualTo("k");
  }

  @Test
  void waiter_pastItsTime_isRefusedByTheClock() {
    FairQueue<String> queue = queue(key -> 1, 100);
    tap.permits = 0;
    Waiter<String> waiter = queue.enqueue("k", Demand.of(0, 0), false, 1_000);

    clock.advance(Duration.ofNanos(999));
    assertThat(waiter.isOver()).isFalse();
    clock.advance(Duration.ofNanos(1));

    assertThat(waiter.isOver()).isTrue();
    assertThat(waiter.taken()).isNull();
    assertThat(queue.size()).isZero();
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void returned_whatAllWaitFor_servesTheFirst() {
    FairQueue<String> queue = queue(key -> 1, 100);
    tap.permits = 0;
    Waiter<String> first = queue.enqueue("a", Demand.of(0, 0), false, FOR_LONG);
    Waiter<String> second = queue.enqueue("b", Demand.of(0, 0), false, FOR_LONG);
    clock.advance(Duration.ofMinutes(1));
    assertThat(first.isOver()).isFalse();

    tap.permits = 1;
    queue.returned("somebody");

    assertThat(first.taken()).isEqualTo("a");
    assertThat(second.isOver()).isFalse();
  }

  @Test
  void full_shedsTheNewestOfTheLowestPriority() {
    FairQueue<String> queue = queue(key -> 1, 3);
    tap.permits = 0;
    Waiter<String> old = queue.enqueue("low", Demand.of(0, 0).priority(-1), false, FOR_LONG);
    Waiter<String> young = queue.enqueue("low", Demand.of(0, 0).priority(-1), false, FOR_LONG);
    Waiter<String> middle = queue.enqueue("middle", Demand.of(0, 0), false, FOR_LONG);

    Waiter<String> high = queue.enqueue("high", Demand.of(0, 0).priority(1), false, FOR_LONG);
    Waiter<String> late = queue.enqueue("low", Demand.of(0, 0).priority(-1), false, FOR_LONG);

    assertThat(List.of(old, young, middle, high, late))
        .extracting(Waiter::isOver)
        .containsExactly(false, true, false, false, true);
    assertThat(young.retryAfterNanos()).isPositive();
    assertThat(queue.size()).isEqualTo(3);
    assertThat(queue.shed()).isEqualTo(2);
  }

  @Test
  void wouldPushIn_beforeEqualsOrHigherOnes_only() {
    FairQueue<String> queue = queue(key -> 1, 100);
    assertThat(queue.wouldPushIn("k", 0, true)).isFalse();
    tap.permits = 0;
    queue.enqueue("k", Demand.of(0, 0).priority(3), false, FOR_LONG);

    assertThat(queue.wouldPushIn("other", 3, true)).isTrue();
    assertThat(queue.wouldPushIn("other", 2, true)).isTrue();
    assertThat(queue.wouldPushIn("other", 4, true)).isFalse();
    assertThat(queue.wouldPushIn("other", 3, false)).as("wants no permit").isFalse();
  }

  @Test
  void wouldPushIn_whileSomebodyIsAsked_onlyWhereTheSharedCapacityWasShort() {
    List<Runnable> held = new ArrayList<>();
    FairQueue<String> queue = new FairQueue<>(tap, clock, held::add, key -> 1, 100);
    queue.enqueue("slow", Demand.of(0, 0), true, FOR_LONG);

    assertThat(queue.wouldPushIn("other", 0, true)).as("nothing was found short").isFalse();
    assertThat(queue.wouldPushIn("slow", 0, true)).isTrue();

    tap.permits = 0;
    held.remove(0).run();
    queue.returned("slow");
    assertThat(queue.wouldPushIn("other", 0, true)).as("before it is asked again").isTrue();
  }

  @Test
  void dispatcher_thatFails_isTriedAgainAndNobodyWaitsForEver() {
    AtomicBoolean broken = new AtomicBoolean(true);
    FairQueue<String> queue =
        new FairQueue<>(
            tap,
            clock,
            task -> {
              if (broken.get()) {
                throw new IllegalStateException("no thread");
              }
              task.run();
            },
            key -> 1,
            100);
    Waiter<String> hasty = queue.enqueue("k", Demand.of(0, 0), false, 500_000_000);
    Waiter<String> patient = queue.enqueue("k", Demand.of(0, 0), false, FOR_LONG);

    clock.advance(Duration.ofMillis(500));
    assertThat(hasty.isOver()).isTrue();
    assertThat(hasty.taken()).isNull();
    assertThat(patient.isOver()).isFalse();

    broken.set(false);
    clock.advance(Duration.ofSeconds(1));
    assertThat(patient.taken()).isEqualTo("k");
    assertThat(tap.failures).isPositive();
  }

  @Test
  void tryTake_thatFails_failsItsCallerOnly() {
    FairQueue<String> queue = queue(key -> 1, 100);
    tap.permits = 0;
    Waiter<String> broken = queue.enqueue("broken", Demand.of(0, 0), false, FOR_LONG);
    Waiter<String> next = queue.enqueue("next", Demand.of(0, 0), false, FOR_LONG);
    tap.failing = "broken";

    tap.permits = 1;
    queue.returned("somebody");

    assertThat(broken.isOver()).isTrue();
    assertThat(next.taken()).isEqualTo("next");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void storm_ofTimeoutsAndInterrupts_leavesNothingBehind(long seed) throws Exception {
    FairQueue<String> queue = queue(key -> 1, 50);
    tap.permits = 4;
    tap.rate = false;
    int threads = 16;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    AtomicInteger most = new AtomicInteger();
    AtomicInteger inUse = new AtomicInteger();
    AtomicBoolean done = new AtomicBoolean();
    List<Thread> workers = new ArrayList<>();
    List<Future<?>> results = new ArrayList<>();
    try {
      for (int t = 0; t < threads; t++) {
        Random random = new Random(seed * 31 + t);
        results.add(
            pool.submit(
                () -> {
                  synchronized (workers) {
                    workers.add(Thread.currentThread());
                  }
                  for (int i = 0; i < 150; i++) {
                    String key = "key " + random.nextInt(5);
                    Demand demand = Demand.of(1, 1).priority(random.nextInt(3));
                    try {
                      Waiter<String> waiter =
                          queue.await(key, demand, false, 1 + random.nextInt(2_000_000));
                      if (waiter.taken() != null) {
                        most.accumulateAndGet(inUse.incrementAndGet(), Math::max);
                        Thread.yield();
                        inUse.decrementAndGet();
                        tap.giveBack(key);
                        queue.returned(key);
                      }
                    } catch (InterruptedException e) {
                      // took nothing
                    }
                  }
                }));
      }
      Thread storm =
          new Thread(
              () -> {
                Random random = new Random(seed);
                while (!done.get()) {
                  clock.advance(Duration.ofMillis(1));
                  synchronized (workers) {
                    if (!workers.isEmpty()) {
                      workers.get(random.nextInt(workers.size())).interrupt();
                    }
                  }
                  Thread.yield();
                }
              });
      storm.start();
      for (Future<?> result : results) {
        result.get(30, TimeUnit.SECONDS);
      }
      done.set(true);
      storm.join(10_000);
    } finally {
      pool.shutdownNow();
    }

    assertThat(most.get()).isBetween(1, 4);
    assertThat(tap.permits).isEqualTo(4);
    assertThat(queue.size()).isZero();
    await().until(() -> clock.pendingTimers() == 0);
    assertThat(queue.wouldPushIn("key 0", 0, true)).isFalse();
  }

  private FairQueue<String> queue(ToDoubleFunction<String> weight, int maximum) {
    return new FairQueue<>(tap, clock, Runnable::run, weight, maximum);
  }

  /** As many of each key wait all the time. */
  private void keepWaiting(FairQueue<String> queue, Map<String, Integer> waiting, Duration time) {
    List<Waiter<String>> waiters = new ArrayList<>();
    long end = clock.nanoTime() + time.toNanos();
    while (clock.nanoTime() < end) {
      waiters.removeIf(Waiter::isOver);
      waiting.forEach(
          (key, count) -> {
            for (int i = waiting(waiters, key); i < count; i++) {
              waiters.add(queue.enqueue(key, Demand.of(0, 0), false, FOR_LONG));
            }
          });
      clock.advance(Duration.ofMillis(100));
    }
    waiters.forEach(queue::leave);
  }

  private static int waiting(List<Waiter<String>> waiters, String key) {
    return (int) waiters.stream().filter(w -> !w.isOver() && w.key.equals(key)).count();
  }

  /** Lets ten a second through, or as many as there are permits. */
  private final class Tap implements FairQueue.Capacity<String> {

    final List<String> served = new ArrayList<>();
    final Map<String, Long> tokens = new HashMap<>();
    final Map<String, Long> ownLimits = new HashMap<>();
    int permits = Integer.MAX_VALUE;
    boolean rate = true;
    int failures;
    String failing = "";
    private long freeAt;

    @Override
    public synchronized Attempt<String> tryTake(String key, Demand demand, boolean holds) {
      if (failing.equals(key)) {
        throw new IllegalStateException("broken");
      }
      long now = clock.nanoTime();
      long own = ownLimits.getOrDefault(key, 0L) - now;
      if (own > 0) {
        return Attempt.after(own, false);
      }
      if (permits == 0) {
        return Attempt.unknown(Attempt.UNTIL_RETURNED, true);
      }
      if (rate && freeAt > now) {
        return Attempt.after(freeAt - now, true);
      }
      permits--;
      freeAt = now + (long) (cost(demand) * 100_000_000);
      served.add(key);
      tokens.merge(key, demand.inputTokens(), Long::sum);
      return Attempt.taken(key);
    }

    @Override
    public synchronized void giveBack(String taken) {
      permits++;
    }

    @Override
    public double cost(Demand demand) {
      return Math.max(1, demand.inputTokens());
    }

    @Override
    public void tidy() {
      // nothing is lost
    }

    @Override
    public void failed(Throwable failure) {
      failures++;
    }

    long servedTo(String key) {
      return served.stream().filter(key::equals).count();
    }

    long tokensOf(String key) {
      return tokens.getOrDefault(key, 0L);
    }
  }
}

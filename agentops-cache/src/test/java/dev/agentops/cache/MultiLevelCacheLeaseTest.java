package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One loader over all nodes, and loaders that hang. */
@Timeout(60)
class MultiLevelCacheLeaseTest {

  private static final Duration LEASE = Duration.ofSeconds(3);

  private final TestClock clock = TestClock.create();
  private final InMemoryCacheServer server = new InMemoryCacheServer(clock);
  private final InMemoryCacheServer.Node storeOne = server.node();
  private final InMemoryCacheServer.Node storeTwo = server.node();
  private final MultiLevelCache<String> one = builder().remote(storeOne).build();
  private final MultiLevelCache<String> two = builder().remote(storeTwo).build();
  private final ExecutorService pool = Executors.newCachedThreadPool();
  private final AtomicInteger loads = new AtomicInteger();
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void stop() {
    release.countDown();
    pool.shutdownNow();
  }

  @Test
  void getOrCompute_manyThreadsOnTwoNodes_oneLoad() throws Exception {
    List<Future<String>> answers = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      MultiLevelCache<String> cache = i % 2 == 0 ? one : two;
      answers.add(pool.submit(() -> cache.getOrCompute("k", key -> loaded())));
    }
    await()
        .until(() -> loads.get() == 1 && one.stats().missCount() + two.stats().waitCount() > 198);
    release.countDown();
    for (Future<String> answer : answers) {
      assertThat(answer.get()).isEqualTo("loaded 1");
    }
    assertThat(loads).hasValue(1);
    assertThat(server.leaseCount()).isZero();
  }

  @Test
  void getOrCompute_longerThanALease_renewed() throws Exception {
    Future<String> first = pool.submit(() -> one.getOrCompute("k", key -> loaded()));
    await().until(() -> loads.get() == 1);
    Future<String> second = pool.submit(() -> two.getOrCompute("k", key -> loaded()));
    for (int i = 0; i < 12; i++) { // three leases
      int timers = 2; // the renewal, and the poll of the other node
      await().until(() -> clock.pendingTimers() >= timers);
      clock.advance(LEASE.dividedBy(4));
    }
    assertThat(second.isDone()).isFalse();
    release.countDown();
    assertThat(first.get()).isEqualTo("loaded 1");
    assertThat(second.get()).isEqualTo("loaded 1");
    assertThat(loads).hasValue(1);
  }

  @Test
  void getOrCompute_loaderDies_anotherNodeTakesOver() throws Exception {
    String token =
        storeOne.claim("cache:k", LEASE).token().orElseThrow(); // and is never heard of again
    Future<String> second = pool.submit(() -> two.getOrCompute("k", key -> "taken over"));
    await().until(() -> clock.pendingTimers() > 0);
    clock.advance(LEASE.minusMillis(1));
    assertThat(two.stats().loadCount()).isZero();
    await()
        .until(
            () -> {
              clock.advance(Duration.ofMillis(50));
              return second.isDone();
            });
    assertThat(second.get()).isEqualTo("taken over");
    byte[] late = "late".getBytes(java.nio.charset.StandardCharsets.UTF_8);
    assertThat(storeOne.putAndRelease("cache:k", token, late, LEASE, java.util.Set.of())).isFalse();
    assertThat(one.get("k")).hasValue("taken over");
  }

  @Test
  void getOrCompute_loaderFails_anotherNodeTakesOver() throws Exception {
    Future<String> first =
        pool.submit(
            () ->
                one.getOrCompute(
                    "k",
                    key -> {
                      loaded();
                      throw new IllegalStateException("no answer");
                    }));
    await().until(() -> loads.get() == 1);
    Future<String> second = pool.submit(() -> two.getOrCompute("k", key -> "taken over"));
    await().until(() -> clock.pendingTimers() > 1);
    release.countDown();
    assertThatThrownBy(first::get).hasRootCauseMessage("no answer");
    await()
        .until(
            () -> {
              clock.advance(Duration.ofMillis(50));
              return second.isDone();
            });
    assertThat(second.get()).isEqualTo("taken over");
  }

  @Test
  void getOrCompute_otherNodeLoadsForEver_ownLoadAfterTheMaximumWait() throws Exception {
    Future<String> first = pool.submit(() -> one.getOrCompute("k", key -> loaded()));
    await().until(() -> loads.get() == 1);
    Future<String> second = pool.submit(() -> two.getOrCompute("k", key -> "own"));
    for (int i = 0; i < 9; i++) {
      await().until(() -> clock.pendingTimers() >= 2);
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(second.isDone()).isFalse();
    await()
        .until(
            () -> {
              clock.advance(Duration.ofMillis(50));
              return second.isDone();
            });
    assertThat(second.get()).isEqualTo("own");
    release.countDown();
    first.get();
    assertThat(one.get("k")).hasValue("own"); // put breaks the lease of the load that hung
  }

  @Test
  void getOrCompute_loaderHangs_oneOfTheWaitersLoadsAfterTheMaximumWait() throws Exception {
    MultiLevelCache<String> cache = builder().build();
    Future<String> hung = pool.submit(() -> cache.getOrCompute("k", key -> loaded()));
    await().until(() -> loads.get() == 1);
    AtomicInteger others = new AtomicInteger();
    List<Future<String>> waiters = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      waiters.add(
          pool.submit(() -> cache.getOrCompute("k", key -> "other " + others.incrementAndGet())));
    }
    await().until(() -> cache.stats().waitCount() == 50);
    clock.advance(Duration.ofSeconds(10).minusNanos(1));
    assertThat(others).hasValue(0);
    await()
        .until(
            () -> {
              clock.advance(Duration.ofNanos(1));
              return waiters.stream().allMatch(Future::isDone);
            });
    for (Future<String> waiter : waiters) {
      assertThat(waiter.get()).isEqualTo("other 1");
    }
    release.countDown();
    assertThat(hung.get()).isEqualTo("loaded 1");
    assertThat(cache.get("k")).hasValue("other 1");
  }

  @Test
  void getOrCompute_loaderHangsWithALease_leaseEndsOnceNobodyWaits() throws Exception {
    Future<String> hung = pool.submit(() -> one.getOrCompute("k", key -> loaded()));
    await().until(() -> loads.get() == 1);
    Future<String> waiter = pool.submit(() -> one.getOrCompute("k", key -> "other"));
    await().until(() -> one.stats().waitCount() == 1);
    await()
        .atMost(Duration.ofSeconds(50))
        .pollInterval(Duration.ofMillis(20))
        .until(
            () -> {
              clock.advance(Duration.ofMillis(100));
              return waiter.isDone();
            });
    assertThat(Duration.ofNanos(clock.nanoTime())).isLessThan(Duration.ofSeconds(20));
    assertThat(waiter.get()).isEqualTo("other");
    release.countDown();
    assertThat(hung.get()).isEqualTo("loaded 1");
    assertThat(two.get("k")).hasValue("other");
  }

  @Test
  void getOrCompute_waiterOfAnotherNodeInterrupted_goesItsOwnWay() throws Exception {
    Future<String> first = pool.submit(() -> one.getOrCompute("k", key -> loaded()));
    await().until(() -> loads.get() == 1);
    Thread.currentThread().interrupt();
    assertThat(two.getOrCompute("k", key -> "own")).isEqualTo("own");
    assertThat(Thread.interrupted()).isTrue();
    release.countDown();
    assertThat(first.get()).isEqualTo("loaded 1");
  }

  @Test
  void getOrCompute_storeLostWhileLoading_isKeptHere() {
    String value =
        one.getOrCompute(
            "k",
            key -> {
              storeOne.goDown();
              return "loaded";
            });
    assertThat(value).isEqualTo("loaded");
    assertThat(one.get("k")).hasValue("loaded");
    assertThat(one.stats().levels().get(1).away()).isTrue();
  }

  @Test
  void getOrCompute_valueTooLargeForTheStore_leaseEnds() {
    MultiLevelCache<String> small =
        builder().maximumRemoteValueBytes(3).remote(server.node()).build();
    assertThat(small.getOrCompute("k", key -> "long value")).isEqualTo("long value");
    assertThat(small.get("k")).hasValue("long value");
    assertThat(server.leaseCount()).isZero();
    assertThat(two.getOrCompute("k", key -> "own")).isEqualTo("own");
  }

  @Test
  void getOrCompute_claimCarriedOutButNotAnswered_leaseEnds() {
    storeOne.afterNextRead(
        () -> {
          throw new IllegalStateException("no answer");
        });
    assertThatThrownBy(
            () ->
                one.getOrCompute(
                    "k",
                    key -> {
                      throw new IllegalStateException("no value");
                    }))
        .hasMessage("no value");
    await().until(() -> server.leaseCount() == 0);
    assertThat(two.getOrCompute("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void getOrCompute_loaderFailsWhileTheStoreIsAway_leaseEndsWhenItIsBack() {
    assertThatThrownBy(
            () ->
                one.getOrCompute(
                    "k",
                    key -> {
                      storeOne.goDown();
                      throw new IllegalStateException("no value");
                    }))
        .hasMessage("no value");
    assertThat(one.get("another")).isEmpty();
    storeOne.comeBack();
    await().until(() -> server.leaseCount() == 0);
    assertThat(two.getOrCompute("k", key -> "v")).isEqualTo("v");
  }

  @Test
  void close_whileLoading_loadEnds() throws Exception {
    Future<String> first = pool.submit(() -> one.getOrCompute("k", key -> loaded()));
    await().until(() -> loads.get() == 1);
    one.close();
    release.countDown();
    assertThat(first.get()).isEqualTo("loaded 1");
  }

  private String loaded() {
    int number = loads.incrementAndGet();
    MultiLevelCacheConcurrencyTest.awaitLatch(release);
    return "loaded " + number;
  }

  private MultiLevelCacheBuilder<String> builder() {
    return MultiLevelCache.builder(Codec.utf8())
        .clock(clock)
        .loadLease(LEASE)
        .maximumWait(Duration.ofSeconds(10));
  }
}

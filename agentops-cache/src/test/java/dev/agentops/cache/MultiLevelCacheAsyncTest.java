package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.mockito.AdditionalAnswers.delegatesTo;
import static org.mockito.Mockito.doReturn;
import static org.mockito.Mockito.mock;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class MultiLevelCacheAsyncTest {

  private static final int SOON = 20;

  private final TestClock clock = TestClock.create();
  private final InMemoryCacheServer server = new InMemoryCacheServer(clock);
  private final InMemoryCacheServer.Node store = server.node();
  private final MultiLevelCache<String> cache = builder().build();
  private final MultiLevelCache<String> one = builder().remote(store).build();
  private final MultiLevelCache<String> two = builder().remote(server.node()).build();
  private final ExecutorService pool = Executors.newCachedThreadPool();
  private final AtomicInteger loads = new AtomicInteger();
  private final CompletableFuture<String> model = new CompletableFuture<>();

  @AfterEach
  void stop() {
    pool.shutdownNow();
  }

  @Test
  void getOrComputeAsync_hit_isDone() {
    cache.put("k", "v");
    assertThat(cache.getOrComputeAsync("k", key -> pending())).isCompletedWithValue("v");
    assertThat(loads).hasValue(0);
    assertThat(cache.stats().hitCount()).isEqualTo(1);
  }

  @Test
  void getOrComputeAsync_manyCallers_oneLoad() {
    List<CompletableFuture<String>> answers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      answers.add(cache.getOrComputeAsync("k", key -> pending()));
    }
    assertThat(answers).noneMatch(Future::isDone);
    model.complete("v");
    for (CompletableFuture<String> answer : answers) {
      assertThat(answer).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("v");
    }
    assertThat(loads).hasValue(1);
    assertThat(cache.stats().missCount()).isEqualTo(100);
    assertThat(cache.get("k")).hasValue("v");
  }

  @Test
  void getOrComputeAsync_onTwoNodes_oneLoad() {
    CompletableFuture<String> first = one.getOrComputeAsync("k", key -> pending());
    await().until(() -> loads.get() == 1);
    CompletableFuture<String> second = two.getOrComputeAsync("k", key -> pending());
    await().until(() -> clock.pendingTimers() >= 2);
    model.complete("v");
    assertThat(first).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("v");
    assertThat(second).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("v");
    assertThat(loads).hasValue(1);
    assertThat(server.leaseCount()).isZero();
  }

  @Test
  void getOrComputeAsync_otherNodeLoadsForEver_ownLoadAfterTheMaximumWait() {
    String unused = store.claim("cache:k", Duration.ofHours(1)).token().orElseThrow();
    CompletableFuture<String> answer =
        two.getOrComputeAsync("k", key -> CompletableFuture.completedStage("own"));
    await()
        .until(
            () -> {
              clock.advance(Duration.ofMillis(500));
              return answer.isDone();
            });
    assertThat(answer).isCompletedWithValue("own");
    assertThat(Duration.ofNanos(clock.nanoTime())).isGreaterThanOrEqualTo(Duration.ofSeconds(10));
  }

  @Test
  void getOrComputeAsync_withBlockingCallers_shareOneLoad() throws Exception {
    CompletableFuture<String> async = one.getOrComputeAsync("k", key -> pending());
    await().until(() -> loads.get() == 1);
    Future<String> blocking = pool.submit(() -> one.getOrCompute("k", key -> "own"));
    await().until(() -> one.stats().waitCount() == 1);
    model.complete("v");
    assertThat(blocking.get()).isEqualTo("v");
    assertThat(async.get()).isEqualTo("v");

    CountDownLatch release = new CountDownLatch(1);
    Future<String> leader =
        pool.submit(
            () ->
                one.getOrCompute(
                    "k2",
                    key -> {
                      MultiLevelCacheConcurrencyTest.awaitLatch(release);
                      return "led";
                    }));
    await().until(() -> one.stats().loadCount() == 2);
    CompletableFuture<String> follower = one.getOrComputeAsync("k2", key -> pending());
    release.countDown();
    assertThat(follower).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("led");
    assertThat(leader.get()).isEqualTo("led");
  }

  @Test
  void getOrComputeAsync_oneCancels_theOthersGetTheValue() {
    CompletableFuture<String> first = one.getOrComputeAsync("k", key -> pending());
    CompletableFuture<String> second = one.getOrComputeAsync("k", key -> pending());
    assertThat(first.cancel(true)).isTrue();
    model.complete("v");
    assertThat(second).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("v");
    assertThat(one.get("k")).hasValue("v");
  }

  @Test
  void getOrComputeAsync_stageFails_itsOwnFailureToAll_andNothingIsKept() {
    IOException failure = new IOException("reset");
    CompletableFuture<String> first = one.getOrComputeAsync("k", key -> pending());
    CompletableFuture<String> second = one.getOrComputeAsync("k", key -> pending());
    model.completeExceptionally(failure);
    assertThatThrownBy(() -> first.get(SOON, TimeUnit.SECONDS)).cause().isSameAs(failure);
    assertThatThrownBy(() -> second.get(SOON, TimeUnit.SECONDS)).cause().isSameAs(failure);
    assertThat(one.get("k")).isEmpty();
    await().until(() -> server.leaseCount() == 0);
  }

  @Test
  void getOrComputeAsync_loaderThrowsOrGivesNull_futureFails() {
    IllegalStateException failure = new IllegalStateException("no");
    assertThat(
            cache.getOrComputeAsync(
                "k",
                key -> {
                  throw failure;
                }))
        .failsWithin(Duration.ofSeconds(SOON))
        .withThrowableOfType(Exception.class)
        .withCause(failure);
    assertThat(cache.getOrComputeAsync("k", key -> null))
        .failsWithin(Duration.ofSeconds(SOON))
        .withThrowableOfType(Exception.class)
        .withMessageContaining("'k'");
    assertThat(cache.getOrComputeAsync("k", key -> CompletableFuture.completedStage(null)))
        .failsWithin(Duration.ofSeconds(SOON))
        .withThrowableOfType(Exception.class)
        .withMessageContaining("'k'");
    assertThat(cache.stats().loadFailureCount()).isEqualTo(3);
    assertThat(cache.getOrComputeAsync("k", key -> CompletableFuture.completedStage("v")))
        .isCompletedWithValue("v");
  }

  @Test
  void getOrComputeAsync_storeHangs_callerDoesNotWait() {
    CountDownLatch release = new CountDownLatch(1);
    store.afterNextRead(() -> MultiLevelCacheConcurrencyTest.awaitLatch(release));
    CompletableFuture<String> answer = one.getOrComputeAsync("k", key -> pending()); // returns
    model.complete("v");
    assertThat(answer.isDone()).isFalse();
    release.countDown();
    assertThat(answer).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("v");
  }

  @Test
  void getOrComputeAsync_invalidatedMeanwhile_isNotKept() {
    CompletableFuture<String> answer = one.getOrComputeAsync("k", key -> pending());
    await().until(() -> loads.get() == 1);
    two.put("k", "newer");
    model.complete("old");
    assertThat(answer).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("old");
    assertThat(one.get("k")).hasValue("newer");
  }

  @Test
  void getOrComputeAsync_loader_runsInTheCallersContext() {
    AtomicReference<Object> user = new AtomicReference<>();
    CompletableFuture<String> answer;
    try (Scope scope = AgentOps.with().build().scope(Attributes.of("user.id", "alice"))) {
      answer =
          one.getOrComputeAsync(
              "k",
              key -> {
                user.set(Context.current().attributes().get("user.id"));
                return CompletableFuture.completedStage("v");
              });
    }
    assertThat(answer).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("v");
    assertThat(user).hasValue("alice");
  }

  @Test
  void getOrComputeAsync_loadersAskForEachOther_noneWaitsForItself() {
    for (MultiLevelCache<String> each : List.of(cache, one)) {
      CompletableFuture<String> answer =
          each.getOrComputeAsync(
              "a",
              a ->
                  each.getOrComputeAsync(
                      "b",
                      b ->
                          each.getOrComputeAsync(
                              "a", own -> CompletableFuture.completedStage("own"))));
      assertThat(answer).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("own");
    }
  }

  @Test
  void getOrComputeAsync_staleIfError_servesTheOldValue() {
    MultiLevelCache<String> lenient =
        builder().staleIfError(Duration.ofHours(1)).remote(server.node()).build();
    lenient.put("k", "old", Duration.ofMinutes(1));
    clock.advance(Duration.ofMinutes(1));
    CompletableFuture<String> answer = lenient.getOrComputeAsync("k", key -> pending());
    model.completeExceptionally(new IOException("reset"));
    assertThat(answer).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("old");
  }

  @Test
  void getOrComputeAsync_closedCache_stillLoads() {
    one.close();
    CompletableFuture<String> answer = one.getOrComputeAsync("k", key -> pending());
    model.complete("v");
    assertThat(answer).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("v");
  }

  @Test
  void getOrComputeAsync_knownThatThereIsNone_loads() {
    Clock behind = mock(Clock.class, delegatesTo(clock));
    doReturn(clock.nanoTime() - 1_000_000).when(behind).coarseNanoTime();
    MultiLevelCache<String> coarse = builder().clock(behind).build();
    assertThat(coarse.findOrCompute("k", key -> Optional.empty())).isEmpty();
    assertThat(coarse.getOrComputeAsync("k", key -> CompletableFuture.completedStage("v")))
        .isCompletedWithValue("v");
    assertThat(coarse.stats().hitCount()).isZero();
    assertThat(coarse.stats().missCount()).isEqualTo(2);
  }

  @Test
  void getOrComputeAsync_continuationsThatWaitForOthers_allEnd() {
    List<CompletableFuture<String>> answers = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      String name = String.valueOf(i);
      answers.add(
          one.getOrComputeAsync("a" + name, CompletableFuture::completedStage)
              .thenApply(
                  v ->
                      one.getOrComputeAsync("b" + name, CompletableFuture::completedStage).join()));
    }
    for (int i = 0; i < 50; i++) {
      assertThat(answers.get(i)).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("b" + i);
    }
  }

  @Test
  void getOrComputeAsync_loadersThatBlock_leasesAreRenewed() {
    CountDownLatch release = new CountDownLatch(1);
    List<CompletableFuture<String>> answers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      answers.add(
          one.getOrComputeAsync(
              "k" + i,
              key -> {
                loads.incrementAndGet();
                MultiLevelCacheConcurrencyTest.awaitLatch(release);
                return CompletableFuture.completedStage(key);
              }));
    }
    await().until(() -> loads.get() == 8);
    for (int i = 0; i < 8; i++) {
      await().until(() -> clock.pendingTimers() == 8);
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(server.leaseCount()).isEqualTo(8);
    release.countDown();
    for (int i = 0; i < 8; i++) {
      assertThat(answers.get(i)).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("k" + i);
    }
  }

  @Test
  void getOrCompute_asyncLoadWaitsForAThread_notLongerThanTwiceTheMaximumWait() throws Exception {
    CountDownLatch release = new CountDownLatch(1);
    AtomicInteger hanging = new AtomicInteger();
    hangNextRead(hanging, release);
    for (int i = 0; i < 5; i++) {
      CompletableFuture<String> unused = one.getOrComputeAsync("k" + i, key -> pending());
      int read = Math.min(4, i + 1);
      await().until(() -> hanging.get() == read);
    }
    Future<String> blocking = pool.submit(() -> one.getOrCompute("k4", key -> "own"));
    await().until(() -> one.stats().waitCount() == 1);
    for (int i = 0; i < 2; i++) {
      await().until(() -> clock.pendingTimers() == 1);
      clock.advance(Duration.ofSeconds(10));
    }
    assertThat(blocking.get(SOON, TimeUnit.SECONDS)).isEqualTo("own");
    release.countDown();
  }

  private void hangNextRead(AtomicInteger hanging, CountDownLatch release) {
    store.afterNextRead(
        () -> {
          if (hanging.incrementAndGet() < 4) {
            hangNextRead(hanging, release);
          }
          MultiLevelCacheConcurrencyTest.awaitLatch(release);
        });
  }

  @Test
  void close_whileAnotherNodeLoads_asyncCallerLoads() {
    String unused = store.claim("cache:k", Duration.ofHours(1)).token().orElseThrow();
    CompletableFuture<String> answer =
        two.getOrComputeAsync("k", key -> CompletableFuture.completedStage("own"));
    await().until(() -> clock.pendingTimers() == 1);
    two.close();
    await()
        .atMost(Duration.ofSeconds(SOON))
        .until(
            () -> {
              clock.advance(Duration.ofMillis(50));
              return answer.isDone();
            });
    assertThat(answer).isCompletedWithValue("own");
    assertThat(clock.pendingTimers()).isZero();
  }

  @Test
  void close_whileLoading_nothingIsRenewedAnyMore() {
    CompletableFuture<String> answer = one.getOrComputeAsync("k", key -> pending());
    await().until(() -> loads.get() == 1 && clock.pendingTimers() == 1);
    one.close();
    clock.advance(Duration.ofSeconds(1));
    assertThat(clock.pendingTimers()).isZero();
    model.complete("v");
    assertThat(answer).succeedsWithin(Duration.ofSeconds(SOON)).isEqualTo("v");
  }

  @Test
  void getOrCompute_asyncLoadFailsWithACheckedException_isWrapped() throws Exception {
    IOException failure = new IOException("disk");
    CompletableFuture<String> async = cache.getOrComputeAsync("k", key -> pending());
    Future<String> blocking = pool.submit(() -> cache.getOrCompute("k", key -> "own"));
    await().until(() -> cache.stats().waitCount() == 1);
    model.completeExceptionally(failure);
    assertThatThrownBy(() -> blocking.get(SOON, TimeUnit.SECONDS))
        .cause()
        .isInstanceOf(CompletionException.class)
        .hasCause(failure);
    assertThat(async).isCompletedExceptionally();
  }

  private CompletableFuture<String> pending() {
    loads.incrementAndGet();
    return model;
  }

  private MultiLevelCacheBuilder<String> builder() {
    return MultiLevelCache.builder(Codec.utf8()).clock(clock).maximumWait(Duration.ofSeconds(10));
  }
}

package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import java.time.Duration;
import java.util.Optional;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Values about the end of their time, and after it; and the knowledge that there is none. */
@Timeout(60)
class MultiLevelCacheStaleTest {

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final TestClock clock = TestClock.create();
  private final InMemoryCacheServer server = new InMemoryCacheServer(clock);
  private final AtomicInteger loads = new AtomicInteger();
  private final ExecutorService pool = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    pool.shutdownNow();
  }

  @Test
  void staleWhileRevalidate_servesTheOldValueAndLoadsOnce() {
    MultiLevelCache<String> cache = builder().staleWhileRevalidate(MINUTE).build();
    cache.put("k", "old", MINUTE);
    clock.advance(MINUTE);
    CountDownLatch release = new CountDownLatch(1);
    for (int i = 0; i < 3; i++) {
      assertThat(cache.getOrCompute("k", key -> loaded(release))).isEqualTo("old");
    }
    release.countDown();
    await().untilAsserted(() -> assertThat(cache.get("k")).hasValue("loaded 1"));
    assertThat(cache.stats().staleCount()).isEqualTo(3);
    assertThat(cache.stats().refreshCount()).isEqualTo(1);
    assertThat(cache.stats().loadCount()).isEqualTo(1);
  }

  @Test
  void staleWhileRevalidate_untilItsEnd() {
    MultiLevelCache<String> cache = builder().staleWhileRevalidate(MINUTE).build();
    cache.put("k", "old", MINUTE);
    clock.advance(MINUTE.multipliedBy(2).minusNanos(1));
    assertThat(cache.find("k").orElseThrow().stale()).isTrue();
    assertThat(cache.get("k")).isEmpty();
    clock.advance(Duration.ofNanos(1));
    assertThat(cache.find("k")).isEmpty();
    assertThat(cache.getOrCompute("k", key -> "new")).isEqualTo("new");
  }

  @Test
  void staleWhileRevalidate_ofAnotherNodesValue_servedHereToo() {
    MultiLevelCache<String> one = node();
    MultiLevelCache<String> two = node();
    one.put("k", "old", MINUTE);
    clock.advance(MINUTE.plusSeconds(1));
    assertThat(two.getOrCompute("k", key -> "new")).isEqualTo("old");
    assertThat(two.getOrCompute("k", key -> "new")).isEqualTo("old"); // this one starts the load
    await().untilAsserted(() -> assertThat(two.get("k")).hasValue("new"));
    assertThat(one.getOrCompute("k", key -> "another")).isEqualTo("new");
  }

  @Test
  void refresh_onTwoNodes_oneLoads() {
    MultiLevelCache<String> one = node();
    MultiLevelCache<String> two = node();
    one.put("k", "old", MINUTE);
    assertThat(two.get("k")).hasValue("old");
    clock.advance(MINUTE.plusSeconds(1));
    CountDownLatch release = new CountDownLatch(1);
    assertThat(one.getOrCompute("k", key -> loaded(release))).isEqualTo("old");
    await().until(() -> loads.get() == 1);
    for (int i = 0; i < 50; i++) {
      assertThat(two.getOrCompute("k", key -> loaded(release))).isEqualTo("old");
      clock.advance(Duration.ofMillis(10)); // tries again now and then
    }
    release.countDown();
    await().untilAsserted(() -> assertThat(two.get("k")).hasValue("loaded 1"));
    assertThat(loads).hasValue(1);
  }

  @Test
  void refresh_endedElsewhereBetweenTheLookAndTheLease_isNotRepeated() {
    MultiLevelCache<String> one = node();
    InMemoryCacheServer.Node store = server.node();
    MultiLevelCache<String> two = builder().staleWhileRevalidate(MINUTE).remote(store).build();
    one.put("k", "old", MINUTE);
    assertThat(two.get("k")).hasValue("old");
    clock.advance(MINUTE.plusSeconds(1));
    store.afterNextRead(() -> one.put("k", "new", MINUTE));
    assertThat(two.getOrCompute("k", key -> "loaded " + loads.incrementAndGet())).isEqualTo("old");
    await().untilAsserted(() -> assertThat(two.get("k")).hasValue("new"));
    assertThat(loads).hasValue(0);
    await().untilAsserted(() -> assertThat(server.leaseCount()).isZero());
  }

  @Test
  void refresh_whileInvalidated_isNotKept() {
    MultiLevelCache<String> cache = builder().staleWhileRevalidate(MINUTE).build();
    cache.put("k", "old", MINUTE);
    clock.advance(MINUTE);
    CountDownLatch release = new CountDownLatch(1);
    assertThat(cache.getOrCompute("k", key -> loaded(release))).isEqualTo("old");
    await().until(() -> loads.get() == 1);
    cache.invalidate("k");
    release.countDown();
    assertThat(cache.getOrCompute("k", key -> "newest")).isEqualTo("newest");
    assertThat(cache.get("k")).hasValue("newest");
  }

  @Test
  void refresh_thatWaitsForAThread_whoNeedsTheValueLoadsInItsPlace() throws Exception {
    MultiLevelCache<String> cache =
        builder().staleWhileRevalidate(MINUTE).maximumWait(Duration.ofHours(1)).build();
    CountDownLatch release = new CountDownLatch(1);
    for (int i = 0; i < 9; i++) {
      cache.put("k" + i, "old", MINUTE);
    }
    clock.advance(MINUTE);
    for (int i = 0; i < 8; i++) {
      assertThat(cache.getOrCompute("k" + i, key -> loaded(release))).isEqualTo("old");
    }
    await().until(() -> loads.get() == 8);
    assertThat(cache.getOrCompute("k8", key -> "late")).isEqualTo("old");
    clock.advance(MINUTE);
    Future<String> answer = pool.submit(() -> cache.getOrCompute("k8", key -> "new"));
    assertThat(answer.get(20, TimeUnit.SECONDS)).isEqualTo("new");
    release.countDown();
    await().until(() -> cache.stats().loadCount() == 9 && cache.get("k0").isPresent());
    assertThat(cache.get("k8")).hasValue("new");
  }

  @Test
  void staleIfError_lookedUpMeanwhile_loaderIsStillLeftAlone() {
    MultiLevelCache<String> cache =
        builder().staleIfError(Duration.ofHours(1)).remote(server.node()).build();
    cache.put("k", "old", MINUTE);
    clock.advance(MINUTE);
    for (int i = 0; i < 5; i++) {
      String value =
          cache.getOrCompute(
              "k",
              key -> {
                throw new IllegalStateException("no answer " + loads.incrementAndGet());
              });
      assertThat(value).isEqualTo("old");
      assertThat(cache.get("k")).isEmpty();
      assertThat(cache.find("k").orElseThrow().stale()).isTrue();
    }
    assertThat(loads).hasValue(1);
  }

  @Test
  void refreshAhead_beforeItsTimeIsOver_inTheCallersContext() {
    MultiLevelCache<String> cache = builder().refreshAhead(0.8).build();
    AtomicReference<String> user = new AtomicReference<>();
    cache.put("k", "old", MINUTE);
    clock.advance(Duration.ofSeconds(48).minusNanos(1));
    assertThat(cache.getOrCompute("k", key -> "too early")).isEqualTo("old");
    clock.advance(Duration.ofNanos(1));
    assertThat(cache.get("k")).hasValue("old"); // has no loader
    try (Scope scope = AgentOps.with().build().scope(Attributes.of("user.id", "alice"))) {
      assertThat(
              cache.getOrCompute(
                  "k",
                  key -> {
                    user.set(String.valueOf(Context.current().attributes().get("user.id")));
                    return "new";
                  }))
          .isEqualTo("old");
    }
    await().untilAsserted(() -> assertThat(cache.get("k")).hasValue("new"));
    assertThat(user).hasValue("alice");
    assertThat(cache.stats().staleCount()).isZero();
  }

  @Test
  void refresh_fails_oldValueStays_andTheLoaderIsLeftAlone() {
    MultiLevelCache<String> cache = builder().refreshAhead(0.5).build();
    cache.put("k", "old", MINUTE);
    clock.advance(Duration.ofSeconds(30));
    assertThat(cache.getOrCompute("k", key -> failing())).isEqualTo("old");
    await().until(() -> cache.stats().loadFailureCount() == 1);
    for (int i = 0; i < 9; i++) {
      assertThat(cache.getOrCompute("k", key -> failing())).isEqualTo("old");
      clock.advance(Duration.ofSeconds(1));
    }
    assertThat(loads).hasValue(1);
    await()
        .untilAsserted(
            () -> {
              clock.advance(Duration.ofSeconds(1));
              assertThat(cache.getOrCompute("k", key -> "new")).isEqualTo("new");
            });
  }

  @Test
  void staleIfError_servesTheOldValue_andTheLoaderIsLeftAlone() {
    MultiLevelCache<String> cache = builder().staleIfError(Duration.ofHours(1)).build();
    cache.put("k", "old", MINUTE);
    clock.advance(MINUTE);
    for (int i = 0; i < 5; i++) {
      assertThat(cache.getOrCompute("k", key -> failing())).isEqualTo("old");
    }
    assertThat(loads).hasValue(1);
    assertThat(cache.get("k")).isEmpty();
    clock.advance(Duration.ofSeconds(10));
    assertThat(cache.getOrCompute("k", key -> "new")).isEqualTo("new");
    assertThat(cache.stats().staleCount()).isEqualTo(5);
  }

  @Test
  void staleIfError_afterItsEnd_throws() {
    MultiLevelCache<String> cache = builder().staleIfError(MINUTE).build();
    cache.put("k", "old", MINUTE);
    clock.advance(MINUTE.multipliedBy(2));
    assertThatThrownBy(() -> cache.getOrCompute("k", key -> failing())).hasMessage("no answer");
  }

  @Test
  void staleIfError_error_isThrown() {
    MultiLevelCache<String> cache = builder().staleIfError(MINUTE).build();
    cache.put("k", "old", MINUTE);
    clock.advance(MINUTE);
    StackOverflowError error = new StackOverflowError();
    assertThatThrownBy(
            () ->
                cache.getOrCompute(
                    "k",
                    key -> {
                      throw error;
                    }))
        .isSameAs(error);
  }

  @Test
  void staleIfError_ofAnotherNodesValue_servedHereToo() {
    MultiLevelCache<String> one = node(builder().staleIfError(Duration.ofHours(1)));
    MultiLevelCache<String> two = node(builder().staleIfError(Duration.ofHours(1)));
    one.put("k", "old", MINUTE);
    clock.advance(MINUTE.plusSeconds(1));
    assertThat(two.getOrCompute("k", key -> failing())).isEqualTo("old");
    assertThat(server.leaseCount()).isZero();
  }

  @Test
  void findOrCompute_none_isRememberedForItsTime() {
    MultiLevelCache<String> one = node(builder().negativeTimeToLive(Duration.ofSeconds(30)));
    MultiLevelCache<String> two = node(builder().negativeTimeToLive(Duration.ofSeconds(30)));
    for (int i = 0; i < 3; i++) {
      assertThat(one.findOrCompute("k", key -> none())).isEmpty();
      assertThat(two.findOrCompute("k", key -> none())).isEmpty();
    }
    assertThat(loads).hasValue(1);
    assertThat(one.get("k")).isEmpty();
    assertThat(one.find("k")).isEmpty();
    clock.advance(Duration.ofSeconds(30));
    assertThat(one.findOrCompute("k", key -> none())).isEmpty();
    assertThat(loads).hasValue(2);
  }

  @Test
  void findOrCompute_present_asGetOrCompute() {
    MultiLevelCache<String> cache = builder().build();
    assertThat(cache.findOrCompute("k", key -> Optional.of("v"))).hasValue("v");
    assertThat(cache.findOrCompute("k", key -> Optional.empty())).hasValue("v");
    assertThat(cache.get("k")).hasValue("v");
  }

  @Test
  void getOrCompute_whereNoneIsRemembered_loads() {
    MultiLevelCache<String> one = node();
    MultiLevelCache<String> two = node();
    assertThat(one.findOrCompute("k", key -> none())).isEmpty();
    assertThat(two.getOrCompute("k", key -> "v")).isEqualTo("v");
    assertThat(one.findOrCompute("k", key -> none())).hasValue("v");
    assertThat(server.leaseCount()).isZero();
  }

  @Test
  void timeToLiveJitter_spreadsAndNeverProlongs() {
    MultiLevelCache<String> cache =
        builder().timeToLive(Duration.ofSeconds(100)).timeToLiveJitter(0.2).build();
    for (int i = 0; i < 200; i++) {
      cache.put("k" + i, "v");
    }
    clock.advance(Duration.ofSeconds(80).minusMillis(1));
    assertThat(present(cache)).isEqualTo(200);
    clock.advance(Duration.ofSeconds(10));
    assertThat(present(cache)).isBetween(50L, 150L);
    clock.advance(Duration.ofSeconds(10).plusMillis(1));
    assertThat(present(cache)).isZero();
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1, Double.NaN})
  void timeToLiveJitter_outOfRange_quoted(double fraction) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().timeToLiveJitter(fraction))
        .withMessageEndingWith(": " + fraction);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 1.1, Double.NaN})
  void refreshAhead_outOfRange_quoted(double fraction) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().refreshAhead(fraction))
        .withMessageEndingWith(": " + fraction);
  }

  @Test
  void windows_negative_quoted() {
    Duration negative = Duration.ofSeconds(-1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().staleIfError(negative))
        .withMessage("staleIfError must not be negative: PT-1S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().staleWhileRevalidate(negative))
        .withMessage("staleWhileRevalidate must not be negative: PT-1S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().negativeTimeToLive(negative))
        .withMessage("negativeTimeToLive must be positive: PT-1S");
  }

  private long present(MultiLevelCache<String> cache) {
    long present = 0;
    for (int i = 0; i < 200; i++) {
      present += cache.get("k" + i).isPresent() ? 1 : 0;
    }
    return present;
  }

  private String loaded(CountDownLatch release) {
    int number = loads.incrementAndGet();
    MultiLevelCacheConcurrencyTest.awaitLatch(release);
    return "loaded " + number;
  }

  private Optional<String> none() {
    loads.incrementAndGet();
    return Optional.empty();
  }

  private String failing() {
    loads.incrementAndGet();
    throw new IllegalStateException("no answer");
  }

  private MultiLevelCacheBuilder<String> builder() {
    return MultiLevelCache.builder(Codec.utf8()).clock(clock);
  }

  private MultiLevelCache<String> node() {
    return node(builder().staleWhileRevalidate(MINUTE));
  }

  private MultiLevelCache<String> node(MultiLevelCacheBuilder<String> builder) {
    return builder.remote(server.node()).build();
  }
}

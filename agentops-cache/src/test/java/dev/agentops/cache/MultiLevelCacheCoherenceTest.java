package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.TestClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No node keeps in its local level what another node has changed. */
@Timeout(60)
class MultiLevelCacheCoherenceTest {

  private final TestClock clock = TestClock.create();
  private final InMemoryCacheServer server = new InMemoryCacheServer(clock);
  private final InMemoryCacheServer.Node storeOne = server.node();
  private final InMemoryCacheServer.Node storeTwo = server.node();
  private final MultiLevelCache<String> one = node(storeOne);
  private final MultiLevelCache<String> two = node(storeTwo);
  private final ExecutorService pool = Executors.newCachedThreadPool();

  @AfterEach
  void close() {
    pool.shutdownNow();
    one.close();
    two.close();
  }

  /** Whatever makes a value of a key that has the tag "t" old. */
  interface Change {
    void by(MultiLevelCache<String> cache);
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        Arguments.of("put", (Change) cache -> cache.put("key", "new"), true),
        Arguments.of("invalidate", (Change) cache -> cache.invalidate("key"), false),
        Arguments.of("tag", (Change) cache -> cache.invalidateByTag("t"), false),
        Arguments.of("prefix", (Change) cache -> cache.invalidateByPrefix("ke"), false),
        Arguments.of("all", (Change) MultiLevelCache::invalidateAll, false));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void change_elsewhere_leavesTheLocalLevel(String name, Change change, boolean value) {
    two.putEntry("key", CacheEntry.of("old").tags("t"));
    two.put("other", "stays unless all is forgotten");
    assertThat(two.get("key")).hasValue("old");
    change.by(one);
    assertNothingOld(value);
    if (!name.equals("all")) {
      assertThat(two.find("other").orElseThrow().level()).isEqualTo("local");
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void change_elsewhereWhileReading_oldValueIsNotKept(String name, Change change, boolean value) {
    one.putEntry("key", CacheEntry.of("old").tags("t"));
    storeTwo.afterNextRead(() -> change.by(one));
    assertThat(two.get("key")).hasValue("old"); // asked before it was changed
    assertNothingOld(value);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void change_hereWhileReading_oldValueIsNotKept(String name, Change change, boolean value) {
    one.putEntry("key", CacheEntry.of("old").tags("t"));
    storeTwo.afterNextRead(() -> change.by(two));
    assertThat(two.get("key")).hasValue("old");
    assertNothingOld(value);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void change_elsewhereWhileLoading_oldValueIsNotKept(String name, Change change, boolean value) {
    String loaded = two.getOrComputeEntry("key", key -> oldAfter(() -> change.by(one)));
    assertThat(loaded).isEqualTo("old");
    assertNothingOld(value);
    assertThat(server.leaseCount()).isZero();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void change_hereWhileLoading_oldValueIsNotKept(String name, Change change, boolean value) {
    String loaded = two.getOrComputeEntry("key", key -> oldAfter(() -> change.by(two)));
    assertThat(loaded).isEqualTo("old");
    assertNothingOld(value);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void change_elsewhereWhileLanding_oldValueIsNotKept(String name, Change change, boolean value) {
    storeTwo.beforeNextWrite(() -> change.by(one));
    String loaded = two.getOrComputeEntry("key", key -> oldAfter(() -> {}));
    assertThat(loaded).isEqualTo("old");
    assertNothingOld(value);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void change_elsewhereWhileRefreshing_oldValueIsNotKept(
      String name, Change change, boolean value) {
    one.putEntry("key", CacheEntry.of("older").timeToLive(Duration.ofMinutes(1)).tags("t"));
    assertThat(two.get("key")).hasValue("older");
    clock.advance(Duration.ofMinutes(2)); // its time is over, but an error would bring it back
    String loaded = two.getOrComputeEntry("key", key -> oldAfter(() -> change.by(one)));
    assertThat(loaded).isEqualTo("old");
    assertNothingOld(value);
  }

  @Test
  void put_whileAnotherNodePuts_neverBothLocal() {
    storeTwo.beforeNextWrite(() -> one.put("key", "first"));
    two.put("key", "second");
    assertThat(one.get("key")).hasValue("second");
    assertThat(two.get("key")).hasValue("second");
  }

  @Test
  void changesWhileOutOfHearing_forgottenOnceHeardAgain() {
    two.put("key", "old");
    storeTwo.goDeaf();
    one.put("key", "new");
    assertThat(two.get("key")).hasValue("old");
    storeTwo.hearAgain();
    assertThat(two.get("key")).hasValue("new");
  }

  @Test
  void outOfHearingWhileReading_isNotKept() {
    one.put("key", "old");
    storeTwo.goDeaf();
    storeTwo.afterNextRead(
        () -> {
          one.put("key", "new");
          storeTwo.hearAgain();
        });
    assertThat(two.get("key")).hasValue("old");
    assertThat(two.get("key")).hasValue("new");
  }

  @Test
  void changesElsewhere_reachTheStoresBetween() {
    one.put("key", "old");
    InMemoryCacheStore between = new InMemoryCacheStore("between", clock);
    MultiLevelCache<String> three =
        MultiLevelCache.builder(Codec.utf8())
            .clock(clock)
            .remote(between)
            .remote(server.node())
            .build();
    assertThat(three.get("key")).hasValue("old");
    assertThat(between.get("cache:key")).isPresent();
    one.put("key", "new");
    await().untilAsserted(() -> assertThat(three.get("key")).hasValue("new"));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void randomChangesOnThreeNodes_afterwardsEveryLocalLevelAgrees(long seed) throws Exception {
    List<MultiLevelCache<String>> nodes = List.of(one, two, node(server.node()));
    AtomicInteger values = new AtomicInteger();
    for (int round = 0; round < 40; round++) {
      List<Future<?>> done = new ArrayList<>();
      for (int t = 0; t < 6; t++) {
        Random random = new Random(seed * 10_000 + round * 10 + t);
        MultiLevelCache<String> cache = nodes.get(t % 3);
        done.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < 60; i++) {
                    changeAtRandom(cache, random, values);
                  }
                }));
      }
      for (Future<?> each : done) {
        each.get();
      }
      MultiLevelCache<String> fresh = node(server.node());
      for (int k = 0; k < 4; k++) {
        String key = "key" + k;
        for (MultiLevelCache<String> cache : nodes) {
          cache
              .find(key)
              .filter(hit -> hit.level().equals("local"))
              .ifPresent(hit -> assertThat(fresh.get(key)).hasValue(hit.value()));
        }
      }
      assertThat(server.leaseCount()).isZero();
    }
  }

  private static void changeAtRandom(
      MultiLevelCache<String> cache, Random random, AtomicInteger values) {
    String key = "key" + random.nextInt(4);
    String value = "v" + values.incrementAndGet();
    switch (random.nextInt(12)) {
      case 0, 1 -> cache.put(key, value);
      case 2 -> cache.putEntry(key, CacheEntry.of(value).tags("t"));
      case 3 -> cache.invalidate(key);
      case 4 -> cache.invalidateByTag("t");
      case 5 -> cache.invalidateByPrefix("key" + random.nextInt(4));
      case 6 -> {
        if (random.nextInt(5) == 0) {
          cache.invalidateAll();
        }
      }
      case 7, 8, 9 -> cache.getOrCompute(key, k -> value);
      default -> cache.get(key);
    }
  }

  private static CacheEntry<String> oldAfter(Runnable change) {
    change.run();
    return CacheEntry.of("old").tags("t");
  }

  private void assertNothingOld(boolean newValue) {
    MultiLevelCache<String> fresh = node(server.node());
    for (MultiLevelCache<String> cache : List.of(two, one, fresh)) {
      if (newValue) {
        assertThat(cache.get("key")).hasValue("new");
      } else {
        assertThat(cache.get("key")).isEmpty();
      }
    }
  }

  private MultiLevelCache<String> node(CacheStore store) {
    return MultiLevelCache.builder(Codec.utf8())
        .clock(clock)
        .staleIfError(Duration.ofMinutes(10))
        .remote(store)
        .build();
  }
}

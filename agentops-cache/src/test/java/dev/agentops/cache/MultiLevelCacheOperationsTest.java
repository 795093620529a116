package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.awaitility.Awaitility.await;

import dev.agentops.TestClock;
import dev.agentops.event.CacheStoreEvent;
import dev.agentops.event.OpsEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Finding many, by what they have in common, and how many there may be. */
class MultiLevelCacheOperationsTest {

  private final TestClock clock = TestClock.create();
  private final InMemoryCacheServer server = new InMemoryCacheServer(clock);
  private final MultiLevelCache<String> local = builder().build();
  private final MultiLevelCache<String> one = builder().remote(server.node()).build();
  private final MultiLevelCache<String> two = builder().remote(server.node()).build();

  @Test
  void key_thatLooksLikeAShortenedOne_isAnother() {
    String longKey = "long".repeat(100);
    one.put(longKey, "long");
    String shortened = server.keys().iterator().next();
    assertThat(shortened).hasSizeLessThan(longKey.length());

    one.put(shortened, "short");

    assertThat(one.get(longKey)).hasValue("long");
    assertThat(one.get(shortened)).hasValue("short");
    assertThat(two.get(longKey)).hasValue("long");
  }

  @Test
  void storeLost_listenerThatBlocks_isNotWaitedFor() {
    CountDownLatch release = new CountDownLatch(1);
    CountDownLatch told = new CountDownLatch(1);
    InMemoryCacheStore broken = new InMemoryCacheStore("broken", TestClock.create());
    broken.breakWith(new IllegalStateException("down"));
    MultiLevelCache<String> cache =
        MultiLevelCache.builder(Codec.utf8())
            .remote(broken)
            .listener(
                event -> {
                  told.countDown();
                  MultiLevelCacheConcurrencyTest.awaitLatch(release);
                })
            .build();
    assertThat(cache.get("k")).isEmpty(); // returns
    MultiLevelCacheConcurrencyTest.awaitLatch(told);
    release.countDown();
  }

  @Test
  void tags_tooMany_refused() {
    String[] tags = IntStream.range(0, 101).mapToObj(i -> "t" + i).toArray(String[]::new);
    CacheEntry<String> entry = CacheEntry.of("v");
    assertThat(entry.tags(Arrays.copyOf(tags, 100)).tags()).hasSize(100);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> entry.tags(tags))
        .withMessage("an entry may have 100 tags at most, not 101");
  }

  @Test
  void find_saysWhereAndHowOld() {
    one.put("k", "v", Duration.ofMinutes(10));
    clock.advance(Duration.ofMinutes(4));
    CacheHit<String> remote = two.find("k").orElseThrow();
    assertThat(remote)
        .isEqualTo(new CacheHit<>("v", "shared", Duration.ofMinutes(4), Duration.ofMinutes(6)));
    CacheHit<String> here = two.find("k").orElseThrow();
    assertThat(here)
        .isEqualTo(new CacheHit<>("v", "local", Duration.ofMinutes(4), Duration.ofMinutes(6)));
    assertThat(here.stale()).isFalse();
    assertThat(two.find("nothing")).isEmpty();
    assertThat(two.stats().hitCount()).isEqualTo(2);
    assertThat(two.stats().missCount()).isEqualTo(1);
  }

  @Test
  void getAll_fromWhereverTheyAre_oncePromoted() {
    String longKey = "l".repeat(1000);
    one.put("a", "1");
    one.put(longKey, "2");
    two.put("c", "3");
    assertThat(two.getAll(List.of("a", longKey, "c", "nothing")))
        .isEqualTo(Map.of("a", "1", longKey, "2", "c", "3"));
    assertThat(two.find("a").orElseThrow().level()).isEqualTo("local");
    assertThat(two.find(longKey).orElseThrow().level()).isEqualTo("local");
    assertThat(two.stats().missCount()).isEqualTo(1);
    assertThat(two.getAll(List.of())).isEmpty();
    assertThat(local.getAll(List.of("a"))).isEmpty();
  }

  @Test
  void getAll_whileChangedElsewhere_isNotKept() {
    InMemoryCacheServer.Node node = server.node();
    MultiLevelCache<String> three = builder().remote(node).build();
    one.put("a", "old");
    node.afterNextRead(() -> one.put("a", "new"));
    assertThat(three.getAll(List.of("a"))).isEqualTo(Map.of("a", "old"));
    assertThat(three.getAll(List.of("a"))).isEqualTo(Map.of("a", "new"));
  }

  @Test
  void putEntry_ownTimeToLive() {
    local.putEntry("k", CacheEntry.of("v").timeToLive(Duration.ofSeconds(1)));
    clock.advance(Duration.ofSeconds(1));
    assertThat(local.get("k")).isEmpty();
  }

  @Test
  void getOrComputeEntry_ownTimeToLiveAndTags() {
    assertThat(
            one.getOrComputeEntry(
                "k", key -> CacheEntry.of("v").timeToLive(Duration.ofSeconds(1)).tags("t")))
        .isEqualTo("v");
    assertThat(two.get("k")).hasValue("v");
    clock.advance(Duration.ofSeconds(1));
    assertThat(two.get("k")).isEmpty();
    one.getOrComputeEntry("k", key -> CacheEntry.of("v").tags("t"));
    two.invalidateByTag("t");
    assertThat(one.get("k")).isEmpty();
  }

  @Test
  void invalidateByTag_onlyThose() {
    for (MultiLevelCache<String> cache : List.of(local, one)) {
      cache.putEntry("a", CacheEntry.of("1").tags("x", "y"));
      cache.putEntry("b", CacheEntry.of("2").tags("y"));
      cache.put("c", "3");
      cache.invalidateByTag("x");
      assertThat(cache.getAll(List.of("a", "b", "c"))).isEqualTo(Map.of("b", "2", "c", "3"));
    }
  }

  @Test
  void invalidateByTag_ofAPromotedEntry() {
    InMemoryCacheStore near = new InMemoryCacheStore("near", clock);
    one.putEntry("a", CacheEntry.of("1").tags("x"));
    MultiLevelCache<String> three = builder().remote(near).remote(server.node()).build();
    assertThat(three.get("a")).hasValue("1");
    three.invalidateByTag("x");
    assertThat(three.get("a")).isEmpty();
    assertThat(near.get("cache:a")).isEmpty();
  }

  @Test
  void invalidateByPrefix_onlyThose_longKeysToo() {
    for (MultiLevelCache<String> cache : List.of(local, one)) {
      cache.put("ab", "1");
      cache.put("ab" + "x".repeat(1000), "2");
      cache.put("b", "3");
      cache.invalidateByPrefix("ab");
      assertThat(cache.getAll(List.of("ab", "ab" + "x".repeat(1000), "b")))
          .isEqualTo(Map.of("b", "3"));
      cache.invalidateByPrefix("");
      assertThat(cache.get("b")).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "a\r\nDEL b", "*", "{x}", "\u0000", "键", "\uD83D", "\uDE00\uD83D", "%"})
  void anyKey_isAKeyOfItsOwn(String start) {
    for (String key : List.of(start, start.concat("k".repeat(5000)))) {
      one.put(key, "v");
      one.put(key + "'", "another");
      assertThat(one.get(key)).hasValue("v");
      assertThat(two.get(key)).hasValue("v");
      assertThat(two.getOrCompute(key, unknown -> "loaded")).isEqualTo("v");
      two.invalidate(key);
      assertThat(one.get(key)).isEmpty();
      assertThat(two.getOrCompute(key, given -> String.valueOf(given.equals(key))))
          .isEqualTo("true");
      assertThat(one.get(key + "'")).hasValue("another");
    }
  }

  @Test
  void maximumBytes_boundsBytesAndEntries() {
    MultiLevelCache<String> small =
        builder().maximumSize(100).maximumBytes(10_000, String::length).build();
    for (int i = 0; i < 50; i++) {
      small.put("long" + i, "x".repeat(1_000));
    }
    assertThat(small.stats().bytes().orElseThrow()).isPositive().isLessThanOrEqualTo(10_000);
    assertThat(small.stats().evictionCount()).isGreaterThanOrEqualTo(40);
    small.invalidateAll();
    for (int i = 0; i < 1_000; i++) {
      small.put("short" + i, "x");
    }
    assertThat(small.stats().size()).isPositive().isLessThanOrEqualTo(100);
    small.put("huge", "x".repeat(10_001));
    assertThat(small.stats().bytes().orElseThrow()).isLessThanOrEqualTo(10_000);
    assertThat(local.stats().bytes()).isEmpty();
  }

  @Test
  void maximumBytes_weigherThrows_isKeptAllTheSame() {
    MultiLevelCache<String> cache =
        builder()
            .maximumBytes(
                10_000,
                value -> {
                  throw new IllegalStateException("weigher");
                })
            .build();
    cache.put("k", "v");
    assertThat(cache.get("k")).hasValue("v");
  }

  @Test
  void maximumBytes_notPositive_quoted() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().maximumBytes(0, String::length))
        .withMessage("maximumBytes must be positive: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().name(" "))
        .withMessageEndingWith(": ' '");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> WarmUp.builder().concurrency(0))
        .withMessage("concurrency must be positive: 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().loadLease(Duration.ZERO))
        .withMessage("loadLease must be positive: PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder().maximumWait(Duration.ZERO))
        .withMessage("maximumWait must be positive: PT0S");
  }

  @Test
  void warmUp_tellsItsProgress() {
    List<String> progress = new ArrayList<>();
    WarmUpReport report =
        local.warmUp(
            IntStream.range(0, 4).mapToObj(i -> "k" + i).toList(),
            key -> {
              if (key.equals("k1")) {
                throw new IllegalStateException("bad");
              }
              return "v";
            },
            WarmUp.builder()
                .concurrency(1)
                .progress(
                    (done, failed, total) -> {
                      progress.add(done + " " + failed + " " + total);
                      throw new IllegalStateException("listener");
                    })
                .build());
    assertThat(progress).containsExactly("1 0 4", "2 1 4", "3 1 4", "4 1 4");
    assertThat(report.presentCount()).isEqualTo(3);
  }

  @Test
  void stats_perLevel() {
    one.get("k");
    one.put("k", "v");
    two.get("k");
    two.get("k");
    CacheStats.Level near = two.stats().levels().get(0);
    CacheStats.Level far = two.stats().levels().get(1);
    assertThat(near.name()).isEqualTo("local");
    assertThat(near.hitCount()).isEqualTo(1);
    assertThat(near.missCount()).isEqualTo(1);
    assertThat(near.putCount()).isEqualTo(1);
    assertThat(far.name()).isEqualTo("shared");
    assertThat(far.hitCount()).isEqualTo(1);
    assertThat(far.away()).isFalse();
    assertThat(one.stats().levels().get(1).putCount()).isEqualTo(1);
    assertThat(one.stats().toString()).contains("hits=0", "misses=1", "shared{");
  }

  @Test
  void stats_loadTime_ofFailedLoadsToo() {
    local.getOrCompute(
        "k",
        key -> {
          clock.advance(Duration.ofSeconds(2));
          return "v";
        });
    assertThat(local.stats().loadTime()).isEqualTo(Duration.ofSeconds(2));
  }

  @Test
  void listener_hearsOfALostStore() {
    List<OpsEvent> events = new CopyOnWriteArrayList<>();
    InMemoryCacheServer.Node node = server.node();
    MultiLevelCache<String> named =
        builder().name("pages").listener(events::add).remote(node).build();
    node.goDown();
    assertThat(named.get("k")).isEmpty();
    assertThat(named.name()).isEqualTo("pages");
    assertThat(named.stats().levels().get(1).away()).isTrue();
    await().until(() -> !events.isEmpty());
    assertThat(events)
        .singleElement()
        .isInstanceOfSatisfying(
            CacheStoreEvent.class,
            event -> {
              assertThat(event.cache()).isEqualTo("pages");
              assertThat(event.isRecovery()).isFalse();
            });
    named.close();
  }

  private MultiLevelCacheBuilder<String> builder() {
    return MultiLevelCache.builder(Codec.utf8()).clock(clock);
  }
}

package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.TestClock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Several caches that have one store. */
class NamedStoreTest {

  private final TestClock clock = TestClock.create();
  private final InMemoryCacheStore store = new InMemoryCacheStore("memory", clock);
  private final InMemoryCacheServer server = new InMemoryCacheServer(clock);

  @Test
  void otherNames_neitherReadNorForgetEachOthers() {
    try (MultiLevelCache<String> rates = cache("rates", store);
        MultiLevelCache<String> pages = cache("pages", store);
        MultiLevelCache<String> pagesElsewhere = cache("pages", store)) {
      pages.putEntry("k", CacheEntry.of("page").tags("t"));
      assertThat(rates.get("k")).isEmpty();
      rates.invalidate("k");
      rates.invalidateByPrefix("");
      rates.invalidateByTag("t");
      rates.invalidateAll();
      assertThat(pages.get("k")).hasValue("page");
      assertThat(pagesElsewhere.getAll(List.of("k"))).containsEntry("k", "page");
      pagesElsewhere.invalidateByTag("t");
      assertThat(pagesElsewhere.get("k")).isEmpty();
    }
  }

  @Test
  void otherNames_leaseTheirOwnKeys() {
    try (MultiLevelCache<String> eu = cache("eu", server.node());
        MultiLevelCache<String> us = cache("us", server.node())) {
      assertThat(eu.getOrCompute("k", key -> us.getOrCompute("k", same -> "us") + " eu"))
          .isEqualTo("us eu");
      assertThat(us.get("k")).hasValue("us");
    }
  }

  @Test
  void longestNameAndKey_noLongerThanAStoreTakes() {
    try (MultiLevelCache<String> cache = cache("n".repeat(64), server.node())) {
      cache.put("k".repeat(10_000), "v");
      assertThat(server.keys()).allMatch(key -> key.length() <= CacheStore.LONGEST_KEY).hasSize(1);
      assertThat(cache.get("k".repeat(10_000))).hasValue("v");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a:b", "line\n", "\ud800"})
  void name_thatIsNone_isQuoted(String name) {
    assertThatThrownBy(() -> MultiLevelCache.builder(Codec.utf8()).name(name))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("'" + name + "'");
    assertThatThrownBy(() -> ResponseCache.builder().name(name))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> ToolResultCache.builder().name(name))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> EmbeddingCache.builder().name(name))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> SemanticCache.builder(Codec.utf8()).name(name))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void oneStoreObject_everyCacheHearsOfOthers() {
    InMemoryCacheServer.Node shared = server.node();
    try (MultiLevelCache<String> first = cache("first", shared);
        MultiLevelCache<String> second = cache("second", shared);
        MultiLevelCache<String> elsewhere = cache("first", server.node())) {
      first.put("k", "old");
      second.put("k", "second");
      elsewhere.put("k", "new");
      assertThat(first.get("k")).hasValue("new");
      assertThat(second.get("k")).hasValue("second");
    }
  }

  @Test
  void close_lastCacheClosesTheStore() {
    MultiLevelCache<String> first = cache("first", store);
    MultiLevelCache<String> second = cache("second", store);
    first.close();
    first.close();
    assertThat(store.closed()).isFalse();
    second.put("k", "v");
    assertThat(store.get("second:k")).isPresent();
    second.close();
    assertThat(store.closed()).isTrue();
  }

  @Test
  void shapesOfARollingDeploy_bothHit_andForgettingReachesBoth() {
    for (boolean leasing : new boolean[] {true, false}) {
      CacheStore one = leasing ? server.node() : store;
      CacheStore two = leasing ? server.node() : store;
      int[] loads = new int[1];
      try (MultiLevelCache<String> old = cache("c", one);
          MultiLevelCache<byte[]> next =
              MultiLevelCache.builder(Codec.bytes()).name("c").clock(clock).remote(two).build()) {
        for (int i = 0; i < 100; i++) {
          old.getOrCompute("k", key -> "v" + loads[0]++);
          next.getOrCompute("k", key -> new byte[] {(byte) loads[0]++});
        }
        assertThat(loads[0]).isEqualTo(2);
        if (!leasing) {
          continue; // that store tells nobody of changes
        }
        next.invalidate("k");
        assertThat(old.getOrCompute("k", key -> "v" + loads[0]++)).isEqualTo("v2");
        assertThat(next.get("k")).isEmpty();
        assertThat(next.getOrCompute("k", key -> new byte[] {(byte) loads[0]++}))
            .containsExactly(3);
        old.put("k", "newer");
        assertThat(next.get("k")).isEmpty();
      }
    }
  }

  @Test
  void tags_thatAreNone_areQuoted_andOneTwiceIsFine() {
    CacheEntry<String> entry = CacheEntry.of("v");
    assertThat(entry.tags("a", "a").tags()).containsExactly("a");
    try (MultiLevelCache<String> cache = cache("c", store)) {
      for (String tag : new String[] {"\ud800", "t".repeat(257), null}) {
        String quoted = tag == null ? "null" : tag.substring(0, Math.min(80, tag.length()));
        assertThatThrownBy(() -> entry.tags("a", tag))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(quoted);
        assertThatThrownBy(() -> cache.invalidateByTag(tag))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessageContaining(quoted);
      }
      cache.putEntry("k", entry.tags("t".repeat(256)));
      cache.invalidateByTag("t".repeat(256));
      assertThat(cache.get("k")).isEmpty();
    }
  }

  private MultiLevelCache<String> cache(String name, CacheStore remote) {
    return MultiLevelCache.builder(Codec.utf8()).name(name).clock(clock).remote(remote).build();
  }
}

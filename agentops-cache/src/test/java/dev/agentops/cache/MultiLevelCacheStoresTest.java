package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.TestClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The levels behind the local one. */
class MultiLevelCacheStoresTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private final TestClock clock = TestClock.create();
  private final InMemoryCacheStore near = new InMemoryCacheStore("near", clock);
  private final InMemoryCacheStore far = new InMemoryCacheStore("far", clock);
  private final MultiLevelCache<String> one = node(near, far);
  private final MultiLevelCache<String> two = node(near, far);

  @Test
  void get_onAnotherNode_foundAndPromoted() {
    one.put("k", "v");
    assertThat(two.get("k")).hasValue("v");
    near.breakWith(new IllegalStateException("down"));
    far.breakWith(new IllegalStateException("down"));
    assertThat(two.get("k")).hasValue("v");
    CacheStats stats = two.stats();
    assertThat(stats.hitCount()).isEqualTo(2);
    assertThat(stats.levels().get(0).hitCount()).isEqualTo(1);
    assertThat(stats.levels().get(1).hitCount()).isEqualTo(1);
    assertThat(stats.levels().get(1).failureCount()).isZero();
  }

  @Test
  void get_promoted_forTheRestOfItsTimeOnly() {
    one.put("k", "v", Duration.ofMinutes(10));
    clock.advance(Duration.ofMinutes(9));
    assertThat(two.get("k")).hasValue("v");
    clock.advance(Duration.ofMinutes(1).minusMillis(1));
    assertThat(two.get("k")).hasValue("v");
    clock.advance(Duration.ofMillis(1));
    assertThat(two.get("k")).isEmpty();
  }

  @Test
  void get_inTheFarStoreOnly_promotedToTheNearOne() {
    one.put("k", "v", Duration.ofMinutes(10));
    near.clear();
    clock.advance(Duration.ofMinutes(4));
    assertThat(two.get("k")).hasValue("v");
    far.clear();
    assertThat(node(near).get("k")).hasValue("v");
    clock.advance(Duration.ofMinutes(6));
    assertThat(near.get("cache:k")).isEmpty();
  }

  @Test
  void get_writersClockAhead_neverLongerThanMeant() {
    clock.setWallTime(clock.now().plus(Duration.ofDays(365)));
    one.put("k", "v", Duration.ofMinutes(10));
    clock.setWallTime(clock.now().minus(Duration.ofDays(365)));
    assertThat(two.get("k")).hasValue("v");
    clock.advance(Duration.ofMinutes(10));
    assertThat(two.get("k")).isEmpty();
  }

  @Test
  void getOrCompute_onAnotherNode_notLoadedAgain() {
    one.getOrCompute("k", key -> "first");
    assertThat(two.getOrCompute("k", key -> "second")).isEqualTo("first");
    assertThat(two.stats().loadCount()).isZero();
  }

  @Test
  void invalidate_everyLevel() {
    one.put("a", "1");
    one.put("b", "2");
    one.invalidate("a");
    assertThat(one.get("a")).isEmpty();
    assertThat(two.get("a")).isEmpty();
    assertThat(two.get("b")).hasValue("2");
    two.invalidateAll();
    assertThat(two.get("b")).isEmpty();
    assertThat(node(near, far).get("b")).isEmpty();
  }

  @Test
  void get_changedByOthersBeforeTheStart_notFromTheNearStore() {
    InMemoryCacheServer server = new InMemoryCacheServer(clock);
    node(near).put("k", "old");
    node(server.node()).put("k", "new");
    assertThat(node(near, server.node()).get("k")).hasValue("new");
  }

  static List<Throwable> failures() {
    return List.of(
        new IllegalStateException("down"),
        new java.io.IOException("reset"),
        new NoClassDefFoundError("driver"),
        new StackOverflowError());
  }

  @ParameterizedTest
  @MethodSource("failures")
  void storeDown_isAMiss_andTheOthersServe(Throwable failure) {
    near.breakWith(failure);
    one.put("k", "v");
    assertThat(one.get("k")).hasValue("v");
    assertThat(two.get("k")).hasValue("v");
    assertThat(two.getOrCompute("new", key -> "loaded")).isEqualTo("loaded");
    two.invalidate("k");
    two.invalidateAll();
    one.close();
    two.close();
    assertThat(two.stats().levels().get(1).failureCount()).isEqualTo(2); // get, close
    assertThat(two.stats().levels().get(2).failureCount()).isZero();
    assertThat(far.closed()).isTrue();
  }

  @Test
  void storeReturnsNull_isAMiss() {
    CacheStore broken =
        new CacheStore() {
          @Override
          public java.util.Optional<byte[]> get(String key) {
            return null;
          }

          @Override
          public void put(String key, byte[] value, Duration timeToLive, Set<String> tags) {}

          @Override
          public void delete(String key) {}

          @Override
          public void deleteByPrefix(String prefix) {}

          @Override
          public void deleteByTag(String tag) {}

          @Override
          public void clear() {}

          @Override
          public void check() {}
        };
    MultiLevelCache<String> cache = node(broken);
    assertThat(cache.get("k")).isEmpty();
    assertThat(cache.stats().levels().get(1).failureCount()).isEqualTo(1);
  }

  static List<byte[]> foreignBytes() {
    byte[] damaged = sealed(new byte[] {'v'});
    damaged[12] ^= 1;
    return List.of(
        new byte[0],
        new byte[] {1},
        "some other program's text, longer than a header".getBytes(StandardCharsets.UTF_8),
        sealed(new byte[] {(byte) 0xC3, 0x28}),
        damaged);
  }

  @ParameterizedTest
  @MethodSource("foreignBytes")
  void bytesThatDoNotDecode_areAMissAndDeleted(byte[] bytes) {
    near.put("cache:k", bytes, HOUR, Set.of());
    assertThat(one.get("k")).isEmpty();
    assertThat(near.get("cache:k")).isEmpty();
    assertThat(one.stats().levels().get(1).undecodableCount()).isEqualTo(1);
    assertThat(one.stats().levels().get(1).missCount()).isEqualTo(1);
    assertThat(one.getOrCompute("k", key -> "good")).isEqualTo("good");
    assertThat(two.get("k")).hasValue("good");
  }

  @Test
  void valueTooLarge_localOnly_andTheOldOneIsGone() {
    MultiLevelCache<String> small =
        MultiLevelCache.builder(Codec.utf8())
            .remote(near)
            .maximumRemoteValueBytes(5)
            .clock(clock)
            .build();
    small.put("k", "12345");
    assertThat(near.get("cache:k")).isPresent();
    small.put("k", "123456");
    assertThat(small.get("k")).hasValue("123456");
    assertThat(near.get("cache:k")).isEmpty();
    assertThat(small.stats().levels().get(1).tooLargeCount()).isEqualTo(1);
  }

  @Test
  void valueThatDoesNotEncode_localOnly_andTheOldOneIsGone() {
    one.put("k", "old");
    one.put("k", "half \uD83D");
    assertThat(one.get("k")).hasValue("half \uD83D");
    assertThat(two.get("k")).isEmpty();
  }

  @Test
  void close_closesStores() {
    one.close();
    two.close();
    assertThat(near.closed()).isTrue();
    assertThat(far.closed()).isTrue();
    assertThat(near.get("cache:k")).isEmpty();
  }

  /** As if it were text. */
  private static byte[] sealed(byte[] payload) {
    Codec<byte[]> codec =
        new Codec<>() {
          @Override
          public String id() {
            return Codec.utf8().id();
          }

          @Override
          public byte[] encode(byte[] value) {
            return value;
          }

          @Override
          public byte[] decode(byte[] bytes) {
            return bytes;
          }
        };
    try {
      return new EntryFormat<>(codec, 1000, 1000, TestClock.create())
          .seal(payload, Set.of(), HOUR, Duration.ZERO)
          .bytes();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private MultiLevelCache<String> node(CacheStore... stores) {
    MultiLevelCacheBuilder<String> builder =
        MultiLevelCache.builder(Codec.utf8()).timeToLive(HOUR).clock(clock);
    for (CacheStore store : stores) {
      builder.remote(store);
    }
    return builder.build();
  }
}

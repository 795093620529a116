package dev.agentops.cache.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.agentops.cache.CacheStoreException;
import dev.agentops.testing.TestRedis;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What others do to the server, and what callers should not do. */
class RedisBadInputTest {

  private static final Duration HOUR = Duration.ofHours(1);

  private static TestRedis redis;

  private RedisCacheStore store;

  @BeforeAll
  static void start() {
    redis = TestRedis.start();
  }

  @AfterAll
  static void stop() {
    if (redis != null) {
      redis.close();
    }
  }

  @BeforeEach
  void open() {
    redis.commands().flushall();
    store = newStore(RedisCacheStore.DEFAULT_NAMESPACE);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private static RedisCacheStore newStore(String namespace) {
    return RedisCacheStore.builder(redis.uri())
        .namespace(namespace)
        .timeout(Duration.ofSeconds(10))
        .build();
  }

  @Test
  void scriptForgotten_isSentAgain() {
    redis.commands().scriptFlush();
    store.put("k", utf8("v"), HOUR, Set.of());
    redis.commands().scriptFlush();
    assertThat(store.claim("k", HOUR).value()).hasValue(utf8("v"));
  }

  @Test
  void namesOfOtherTypes_areInNobodysWay() {
    for (String name : List.of("d:k", "l:k", "g:k", "t:tag", "e:")) {
      redis.commands().lpush("{agentops:cache}:" + name, "of somebody else");
    }

    assertThat(store.get("k")).hasValue(new byte[0]);
    assertThat(store.getAll(List.of("k"))).isEmpty();
    String token = store.claim("k", HOUR).token().orElseThrow();
    assertThat(store.putAndRelease("k", token, utf8("v"), HOUR, Set.of("tag"))).isTrue();
    assertThat(store.get("k")).hasValue(utf8("v"));
    store.deleteByTag("tag");
    assertThat(store.get("k")).isEmpty();

    redis.commands().lpush("{agentops:cache}:d:k", "of somebody else");
    redis.commands().lpush("{agentops:cache}:t:tag", "of somebody else");
    store.deleteByTag("tag");
    store.delete("k");
    assertThat(redis.commands().keys("*")).containsExactly("{agentops:cache}:e:");
  }

  @Test
  void foreignTagsOfAValue_areInNobodysWay() {
    redis.commands().set("{agentops:cache}:g:k", "no message pack");
    store.put("k", utf8("v"), HOUR, Set.of("tag"));
    store.deleteByTag("tag");
    assertThat(store.get("k")).isEmpty();
  }

  @Test
  void memoryFull_putIsRefusedAndForgetsTheOldValue() {
    store.put("k", utf8("old"), HOUR, Set.of());
    store.put("other", utf8("v"), HOUR, Set.of("tag"));
    redis.commands().configSet("maxmemory", "1");
    try {
      assertThatExceptionOfType(CacheStoreException.class)
          .isThrownBy(() -> store.put("k", utf8("new"), HOUR, Set.of("tag")))
          .satisfies(e -> assertThat(e.refused()).isTrue());
      assertThat(store.get("k")).isEmpty();
      assertThat(store.get("other")).isPresent();

      String token = store.claim("k", HOUR).token().orElseThrow();
      assertThatExceptionOfType(CacheStoreException.class)
          .isThrownBy(() -> store.putAndRelease("k", token, utf8("v"), HOUR, Set.of()))
          .satisfies(e -> assertThat(e.refused()).isTrue());
      assertThat(store.claim("k", HOUR).token()).isPresent();

      store.check();
      store.deleteByTag("tag");
      assertThat(store.get("other")).isEmpty();
      store.delete("k");
      store.clear();
    } finally {
      redis.commands().configSet("maxmemory", "0");
    }
    store.put("k", utf8("new"), HOUR, Set.of());
    assertThat(store.get("k")).hasValue(utf8("new"));
  }

  @Test
  void readOnlyReplica_isAwayUntilItIsAMaster() {
    store.put("k", utf8("v"), HOUR, Set.of());
    redis.commands().replicaof("127.0.0.1", 1);
    try {
      assertThatExceptionOfType(CacheStoreException.class)
          .isThrownBy(() -> store.put("k", utf8("new"), HOUR, Set.of()))
          .satisfies(e -> assertThat(e.refused()).isFalse());
      assertThatExceptionOfType(CacheStoreException.class).isThrownBy(store::check);
    } finally {
      redis.commands().replicaofNoOne();
    }
    store.check();
    store.put("k", utf8("new"), HOUR, Set.of());
    assertThat(store.get("k")).hasValue(utf8("new"));
  }

  @Test
  void hugeValue_isRefusedWithoutBeingSentAndForgetsTheOldValue() {
    store.put("k", utf8("old"), HOUR, Set.of());
    assertThatExceptionOfType(CacheStoreException.class)
        .isThrownBy(() -> store.put("k", new byte[100 * 1024 * 1024], HOUR, Set.of()))
        .withMessageContaining("104857600")
        .satisfies(e -> assertThat(e.refused()).isTrue());
    assertThat(store.get("k")).isEmpty();
  }

  @Test
  void largestValue_comesBack() {
    byte[] largest = new byte[RedisCacheStore.MAXIMUM_VALUE_BYTES];
    new Random(3).nextBytes(largest);
    store.put("k", largest, HOUR, Set.of());
    assertThat(store.get("k")).hasValue(largest);
  }

  @Test
  void timesToLive_ofAnyLength() {
    store.put("for ever", utf8("v"), ChronoUnit.FOREVER.getDuration(), Set.of("tag"));
    store.put("too short", utf8("v"), Duration.ofNanos(1), Set.of("tag"));
    assertThat(store.get("for ever")).isPresent();
    assertThat(store.claim("x", ChronoUnit.FOREVER.getDuration()).token()).isPresent();
  }

  @Test
  void everything_endsSomeTime() {
    Random random = new Random(11);
    for (int i = 0; i < 300; i++) {
      String key = "k" + random.nextInt(20);
      String tag = "t" + random.nextInt(3);
      switch (random.nextInt(6)) {
        case 0 -> store.put(key, utf8("v"), HOUR, Set.of(tag, "every"));
        case 1 -> store.put(key, utf8("v"), Duration.ofMillis(1), Set.of(tag));
        case 2 -> store.claim(key, Duration.ofMinutes(1));
        case 3 ->
            store
                .claim(key, HOUR)
                .token()
                .ifPresent(token -> store.putAndRelease(key, token, utf8("v"), HOUR, Set.of(tag)));
        case 4 -> store.delete(key);
        default -> store.deleteByTag(tag);
      }
    }
    assertThat(redis.commands().keys("*"))
        .isNotEmpty()
        .allSatisfy(name -> assertThat(redis.commands().pttl(name)).isNotEqualTo(-1));
  }

  @Test
  void tagsOfAnOverwrittenValue_saveTheNewOne() {
    store.put("k", utf8("old"), HOUR, Set.of("a", "b"));
    store.put("k", utf8("new"), HOUR, Set.of("b"));
    store.deleteByTag("a");
    assertThat(store.get("k")).hasValue(utf8("new"));

    store.deleteByTag("b");
    store.put("k", utf8("newest"), HOUR, Set.of());
    store.deleteByTag("b");
    assertThat(store.get("k")).hasValue(utf8("newest"));
  }

  @Test
  void tagOfManyKeys_forgetsAllOfThem() {
    List<String> keys = IntStream.range(0, 1_001).mapToObj(i -> "k" + i).toList();
    keys.forEach(key -> store.put(key, utf8("v"), HOUR, Set.of("many", "t" + key)));
    store.put("other", utf8("v"), HOUR, Set.of("few"));
    store.deleteByTag("many");
    assertThat(store.getAll(keys)).isEmpty();
    assertThat(store.get("other")).isPresent();
  }

  @Test
  void prefixAndClear_takeManyKeysOfTheirOwnOnly() {
    List<String> keys = IntStream.range(0, 1_001).mapToObj(i -> "p" + i).toList();
    keys.forEach(key -> store.put(key, utf8("v"), HOUR, Set.of("tag")));
    store.put("other", utf8("v"), HOUR, Set.of());
    redis.commands().set("of somebody else", "v");
    store.deleteByPrefix("p");
    assertThat(store.getAll(keys)).isEmpty();
    assertThat(store.get("other")).isPresent();
    store.clear();
    assertThat(redis.commands().keys("*"))
        .containsExactlyInAnyOrder("of somebody else", "{agentops:cache}:e:");
  }

  @ParameterizedTest
  @ValueSource(strings = {"*", "?", "[ab]", "\\", "a\r\nFLUSHALL\r\n", "键\uD83D\uDE00", " x ", "^"})
  void patternsAreText_inNamespacesAndPrefixesAndTags(String text) {
    try (RedisCacheStore own = newStore(text);
        RedisCacheStore neighbour = newStore("a")) {
      neighbour.put("a", utf8("v"), HOUR, Set.of());
      own.put(text + "1", utf8("v"), HOUR, Set.of(text));
      own.put("a", utf8("v"), HOUR, Set.of("a"));
      assertThat(own.keys(text, "").keys()).containsExactly(text + "1");

      own.deleteByTag(text);
      assertThat(own.get(text + "1")).isEmpty();
      own.put(text + "2", utf8("v"), HOUR, Set.of());
      own.deleteByPrefix(text);
      assertThat(own.get(text + "2")).isEmpty();
      assertThat(own.get("a")).isPresent();
      own.clear();
      assertThat(own.get("a")).isEmpty();
      assertThat(neighbour.get("a")).isPresent();
    }
  }

  @Test
  void manyKeysAtOnce_inAFewRequests() {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      keys.add("k" + i);
    }
    store.put("k7", utf8("7"), HOUR, Set.of());
    store.put("k999", utf8("999"), HOUR, Set.of());
    long before = redis.count("mget");
    assertThat(store.getAll(keys)).containsOnlyKeys("k7", "k999");
    assertThat(redis.count("mget") - before).isEqualTo(5);
    assertThat(store.getAll(List.of())).isEmpty();
  }

  @Test
  void eachOperation_isOneRoundTrip() {
    long evals = redis.count("evalsha");
    long gets = redis.count("get");
    store.put("k", utf8("v"), HOUR, Set.of("a", "b"));
    store.claim("k", HOUR);
    store.delete("k");
    String token = store.claim("k", HOUR).token().orElseThrow();
    store.renew("k", token, HOUR);
    store.putAndRelease("k", token, utf8("v"), HOUR, Set.of("a"));
    store.release("k", token);
    store.deleteByTag("a");
    assertThat(redis.count("evalsha") - evals).isEqualTo(8);
    assertThat(redis.count("eval")).isZero();
    assertThat(redis.count("get")).isGreaterThan(gets); // of the scripts
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a{b", "a}b"})
  void namespace_blankOrWithBraces_isRejected(String namespace) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisCacheStore.builder(redis.uri()).namespace(namespace))
        .withMessageContaining("'" + namespace + "'");
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }
}

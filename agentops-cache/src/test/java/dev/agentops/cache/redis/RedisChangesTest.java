package dev.agentops.cache.redis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.agentops.cache.CacheStore;
import dev.agentops.testing.TestRedis;
import io.lettuce.core.KillArgs;
import io.lettuce.core.SetArgs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a store hears of changes, and what not. */
class RedisChangesTest {

  private static final Duration HOUR = Duration.ofHours(1);
  private static final String VALUES = "{agentops:cache}:d:";

  private static TestRedis redis;

  private final RecordingListener heard = new RecordingListener();
  private RedisCacheStore store;
  private RedisCacheStore other;

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
    store = newStore();
    store.listen(heard);
    other = newStore();
  }

  @AfterEach
  void close() {
    store.close();
    other.close();
  }

  private static RedisCacheStore newStore() {
    return RedisCacheStore.builder(redis.uri()).timeout(Duration.ofSeconds(10)).build();
  }

  @Test
  void othersChanges_areHeard() {
    other.put("put", utf8("v"), HOUR, Set.of());
    await().until(() -> heard.keys.contains("put"));

    String token = other.claim("loaded", HOUR).token().orElseThrow();
    other.putAndRelease("loaded", token, utf8("v"), HOUR, Set.of());
    await().until(() -> heard.keys.contains("loaded"));

    other.delete("键 \uD83D\uDE00 never there");
    await().until(() -> heard.keys.contains("键 \uD83D\uDE00 never there"));

    store.put("tagged", utf8("v"), HOUR, Set.of("tag"));
    other.deleteByTag("tag");
    await().until(() -> heard.keys.contains("tagged"));

    store.put("prefixed", utf8("v"), HOUR, Set.of());
    other.deleteByPrefix("prefix");
    await().until(() -> heard.keys.contains("prefixed"));
  }

  @Test
  void othersForgetByTagOrPrefix_whatIsNotThere_isHeard() {
    other.deleteByTag("标签 never there");
    await().until(() -> heard.tags.equals(List.of("标签 never there")));
    other.deleteByPrefix("*键[");
    await().until(() -> heard.prefixes.equals(List.of("*键[")));

    store.deleteByTag("own");
    store.deleteByPrefix("own");
    other.delete("the last");
    await().until(() -> heard.keys.contains("the last"));
    assertThat(heard.tags).hasSize(1);
    assertThat(heard.prefixes).hasSize(1);
  }

  @Test
  void changesByOtherMeans_areHeard() {
    redis.commands().set(VALUES + "set", "v");
    await().until(() -> heard.keys.contains("set"));

    store.put("deleted", utf8("v"), HOUR, Set.of());
    redis.commands().del(VALUES + "deleted");
    await().until(() -> heard.keys.contains("deleted"));

    redis.commands().set(VALUES + "over", "v", SetArgs.Builder.px(1));
    await().until(() -> heard.keys.stream().filter("over"::equals).count() == 2);
  }

  @Test
  void everythingDeleted_isHeardAsAWhole() {
    other.clear();
    await().until(() -> heard.all.get() == 1);
    redis.commands().flushall();
    await().until(() -> heard.all.get() == 2);
  }

  @Test
  void ownWrites_areNotHeard() {
    store.put("own", utf8("v"), HOUR, Set.of("tag"));
    store.delete("own");
    store.delete("own");
    String token = store.claim("own", HOUR).token().orElseThrow();
    store.putAndRelease("own", token, utf8("v"), HOUR, Set.of());
    store.clear();
    other.put("the last", utf8("v"), HOUR, Set.of());

    await().until(() -> heard.keys.contains("the last"));
    assertThat(heard.all).hasValue(0);
    // what is cleared is told to everybody
    assertThat(heard.keys.stream().filter("own"::equals).count()).isEqualTo(1);
  }

  @Test
  void namesOfNobody_areIgnored() {
    redis.commands().set("{agentops:cache}:c:", "v");
    redis.commands().set("{agentops:cache}:c:0123456789abcdef", "v");
    redis.commands().set("{agentops:cache}:c:0123456789abcdef?", "v");
    redis.commands().set("{agentops:cache}:d", "v");
    redis.commands().set("{agentops:cache2}:d:x", "v");
    other.put("the last", utf8("v"), HOUR, Set.of());

    await().until(() -> heard.keys.contains("the last"));
    assertThat(heard.keys).containsExactly("the last", "the last");
  }

  @Test
  void connectionLost_tellsThatAnythingMayHaveChangedAndHearsAgain() {
    store.put("k", utf8("old"), HOUR, Set.of());
    for (int round = 1; round <= 5; round++) {
      redis.commands().clientKill(KillArgs.Builder.typeNormal().skipme());
      redis.commands().set(VALUES + "k", "new " + round);
      int told = round;
      await().until(() -> heard.all.get() >= told);
      await().until(() -> succeeds(store::check));
      assertThat(store.get("k")).hasValue(utf8("new " + round));

      heard.keys.clear();
      redis.commands().set(VALUES + "k", "after");
      await().until(() -> heard.keys.contains("k"));
    }
  }

  /**
   * Two stores write and read the same few keys at once, and keep what they wrote or read unless
   * they heard of a change meanwhile: in the end none may keep what is not there any more.
   */
  @Test
  void manyWritersAtOnce_nobodyKeepsWhatIsNotThere() throws Exception {
    Map<String, Node> nodes = Map.of("one", new Node(store), "two", new Node(other));
    ExecutorService pool = Executors.newFixedThreadPool(8);
    try {
      List<Callable<Void>> work = new ArrayList<>();
      for (int i = 0; i < 8; i++) {
        Node node = i % 2 == 0 ? nodes.get("one") : nodes.get("two");
        Random random = new Random(i);
        work.add(
            () -> {
              for (int j = 0; j < 500; j++) {
                node.step("k" + random.nextInt(3), random);
              }
              return null;
            });
      }
      for (Future<Void> done : pool.invokeAll(work)) {
        done.get();
      }
    } finally {
      pool.shutdownNow();
    }
    awaitThatNobodyKeepsWhatIsNotThere(nodes.values());
    assertThat(nodes.get("one").kept.size() + nodes.get("two").kept.size()).isPositive();
  }

  /** Redis tells once what was changed in a turn of its loop, by whomever. */
  @Test
  void twoWritersInTheSameTurnOfTheServer_theFirstDoesNotKeepItsValue() throws Exception {
    List<Node> nodes = List.of(new Node(store), new Node(other));
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      for (int round = 0; round < 5; round++) {
        String value = "round " + round + " of ";
        redis.hang();
        List<Future<?>> puts = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
          Node node = nodes.get((round + i) % 2);
          String own = value + i;
          puts.add(pool.submit(() -> node.put("k", own)));
        }
        Duration untilBothAreSent = Duration.ofMillis(100);
        await().pollDelay(untilBothAreSent).until(() -> true);
        redis.goOn();
        for (Future<?> put : puts) {
          put.get();
        }
        awaitThatNobodyKeepsWhatIsNotThere(nodes);
      }
    } finally {
      redis.goOn();
      pool.shutdownNow();
    }
  }

  private void awaitThatNobodyKeepsWhatIsNotThere(Collection<Node> nodes) {
    await()
        .untilAsserted(
            () ->
                nodes.forEach(
                    node ->
                        node.kept.forEach(
                            (key, value) ->
                                assertThat(store.get(key).map(bytes -> new String(bytes, UTF_8)))
                                    .as("the value of %s", key)
                                    .hasValue(value))));
  }

  static boolean succeeds(Runnable action) {
    try {
      action.run();
      return true;
    } catch (RuntimeException e) {
      return false;
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }

  /** A local level of the simplest kind. */
  private static final class Node implements CacheStore.Listener {

    private final RedisCacheStore store;
    private final Map<String, String> kept = new ConcurrentHashMap<>();
    private final Map<String, Integer> stamps = new ConcurrentHashMap<>();

    Node(RedisCacheStore store) {
      this.store = store;
      store.listen(this);
    }

    void step(String key, Random random) {
      int what = random.nextInt(10);
      if (what < 5) {
        read(key);
      } else if (what < 9) {
        put(key, "value " + random.nextInt());
      } else {
        delete(key);
      }
    }

    private void read(String key) {
      int before = stamps.getOrDefault(key, 0);
      store.get(key).ifPresent(bytes -> keepIfUnchanged(key, before, new String(bytes, UTF_8)));
    }

    /** One at a time, since no store can order what one process writes at once. */
    private synchronized void put(String key, String value) {
      changed(key);
      int before = stamps.get(key);
      store.put(key, utf8(value), HOUR, Set.of());
      keepIfUnchanged(key, before, value);
      stamps.merge(key, 1, Integer::sum); // whoever reads the older value now is not to keep it
    }

    private synchronized void delete(String key) {
      changed(key);
      store.delete(key);
      changed(key);
    }

    private void keepIfUnchanged(String key, int before, String value) {
      stamps.compute(
          key,
          (k, stamp) -> {
            if ((stamp == null ? 0 : stamp) == before) {
              kept.put(key, value);
            }
            return stamp;
          });
    }

    @Override
    public void changed(String key) {
      stamps.compute(
          key,
          (k, stamp) -> {
            kept.remove(key);
            return stamp == null ? 1 : stamp + 1;
          });
    }

    @Override
    public void changedAll() {
      stamps.keySet().forEach(this::changed);
    }
  }
}

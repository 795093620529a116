package dev.agentops.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What every {@link CacheStore} does; each back end extends it. */
public abstract class CacheStoreSuite {

  protected static final Duration HOUR = Duration.ofHours(1);

  private CacheStore store;

  /** An empty store. */
  protected abstract CacheStore newStore();

  /** Lets this much time pass for the store. */
  protected abstract void pass(Duration time);

  /** The store of the running test. */
  protected final CacheStore store() {
    return store;
  }

  @BeforeEach
  void open() {
    store = newStore();
  }

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void get_unknownKey_empty() {
    assertThat(store.get("nothing")).isEmpty();
  }

  @Test
  void get_afterPut_equalBytes() {
    byte[] bytes = new byte[100_000];
    new Random(7).nextBytes(bytes);
    store.put("k", bytes, HOUR, Set.of());
    assertThat(store.get("k")).hasValue(bytes);
  }

  @Test
  void get_emptyValue_presentAndEmpty() {
    store.put("k", new byte[0], HOUR, Set.of());
    assertThat(store.get("k")).hasValue(new byte[0]);
  }

  @Test
  void put_twice_lastWins() {
    store.put("k", utf8("old"), HOUR, Set.of());
    store.put("k", utf8("new"), HOUR, Set.of());
    assertThat(store.get("k")).hasValue(utf8("new"));
  }

  @Test
  void put_arrayChangedAfterwards_keepsCopy() {
    byte[] bytes = utf8("value");
    store.put("k", bytes, HOUR, Set.of());
    bytes[0] = 'X';
    assertThat(store.get("k")).hasValue(utf8("value"));
  }

  @Test
  void get_timeOver_empty() {
    store.put("short", utf8("v"), Duration.ofSeconds(1), Set.of());
    store.put("long", utf8("v"), HOUR, Set.of());
    pass(Duration.ofSeconds(1).plusMillis(1));
    assertThat(store.get("short")).isEmpty();
    assertThat(store.get("long")).isPresent();
  }

  @Test
  void put_again_newTimeToLive() {
    store.put("k", utf8("v"), HOUR, Set.of());
    store.put("k", utf8("v"), Duration.ofSeconds(1), Set.of());
    pass(Duration.ofSeconds(1).plusMillis(1));
    assertThat(store.get("k")).isEmpty();
  }

  @Test
  void delete_onlyThatKey() {
    store.put("a", utf8("1"), HOUR, Set.of());
    store.put("b", utf8("2"), HOUR, Set.of());
    store.delete("a");
    store.delete("never there");
    assertThat(store.get("a")).isEmpty();
    assertThat(store.get("b")).hasValue(utf8("2"));
  }

  @Test
  void clear_everyKey() {
    store.put("a", utf8("1"), HOUR, Set.of());
    store.put("b", utf8("2"), HOUR, Set.of());
    store.clear();
    assertThat(store.get("a")).isEmpty();
    assertThat(store.get("b")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "a b", "a\r\nDEL b", "*", "{x}", "\u0000", "键", "\uD83D\uDE00", "a:b:c"})
  void anyKey_isAKeyOfItsOwn(String key) {
    store.put(key, utf8("it"), HOUR, Set.of());
    store.put(key + "x", utf8("another"), HOUR, Set.of());
    assertThat(store.get(key)).hasValue(utf8("it"));
    store.delete(key);
    assertThat(store.get(key)).isEmpty();
    assertThat(store.get(key + "x")).hasValue(utf8("another"));
  }

  @Test
  void keys_ofAPrefix_eachAtLeastOnce() {
    Set<String> put = new TreeSet<>();
    for (int i = 0; i < 1_000; i++) {
      put.add("it:%_*?[" + i);
      store.put("it:%_*?[" + i, utf8("v"), HOUR, Set.of());
    }
    store.put("it", utf8("v"), HOUR, Set.of());
    store.put("it:xyz[1", utf8("v"), HOUR, Set.of());
    assertThat(keys("it:%_*?[")).isEqualTo(put);
    assertThat(keys("")).hasSize(1_002);
    assertThat(keys("nothing")).isEmpty();
  }

  @Test
  void keys_deletedOrTimeOver_notAmongThem() {
    store.put("a", utf8("v"), Duration.ofSeconds(1), Set.of());
    store.put("b", utf8("v"), HOUR, Set.of());
    store.put("c", utf8("v"), HOUR, Set.of());
    store.delete("c");
    pass(Duration.ofSeconds(1).plusMillis(1));
    assertThat(keys("")).containsExactly("b");
  }

  @Test
  void getAll_thoseThatThereAre() {
    store.put("a", utf8("1"), HOUR, Set.of());
    store.put("b", utf8("2"), Duration.ofSeconds(1), Set.of());
    store.put("", utf8("3"), HOUR, Set.of());
    pass(Duration.ofSeconds(1).plusMillis(1));

    Map<String, byte[]> found = store.getAll(List.of("a", "b", "", "never there", "a"));

    assertThat(found).containsOnlyKeys("a", "");
    assertThat(found.get("a")).isEqualTo(utf8("1"));
    assertThat(found.get("")).isEqualTo(utf8("3"));
    assertThat(store.getAll(List.of())).isEmpty();
  }

  @Test
  void getAll_thousandsOfKeys_all() {
    List<String> keys = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      keys.add("key-" + i);
    }
    keys.forEach(key -> store.put(key, utf8(key), HOUR, Set.of()));

    Map<String, byte[]> found = store.getAll(keys);

    assertThat(found).hasSize(3_000);
    assertThat(found.get("key-2999")).isEqualTo(utf8("key-2999"));
  }

  @Test
  void get_aMegabyte_equalBytes() {
    byte[] bytes = new byte[1 << 20];
    new Random(8).nextBytes(bytes);
    store.put("k", bytes, HOUR, Set.of("large"));
    assertThat(store.get("k")).hasValue(bytes);
    assertThat(store.getAll(List.of("k")).get("k")).isEqualTo(bytes);
    store.deleteByTag("large");
    assertThat(store.get("k")).isEmpty();
  }

  @Test
  void put_forTheAges_present() {
    store.put("k", utf8("v"), ChronoUnit.FOREVER.getDuration(), Set.of("t"));
    pass(Duration.ofSeconds(2)); // real ones, for some
    assertThat(store.get("k")).hasValue(utf8("v"));
  }

  @Test
  void longestKeyAndTag_taken() {
    String longest = "键".repeat(CacheKeys.LONGEST);
    store.put(longest, utf8("v"), HOUR, Set.of(longest));
    assertThat(store.get(longest)).hasValue(utf8("v"));
    store.deleteByTag(longest);
    assertThat(store.get(longest)).isEmpty();
  }

  @Test
  void deleteByTag_everyKeyThatHasIt() {
    store.put("a", utf8("1"), HOUR, Set.of("user:1", "doc"));
    store.put("b", utf8("2"), HOUR, Set.of("doc"));
    store.put("c", utf8("3"), HOUR, Set.of("user:1"));
    store.put("user:1", utf8("4"), HOUR, Set.of());

    store.deleteByTag("doc");
    store.deleteByTag("never there");

    assertThat(store.get("a")).isEmpty();
    assertThat(store.get("b")).isEmpty();
    assertThat(store.get("c")).hasValue(utf8("3"));
    assertThat(store.get("user:1")).hasValue(utf8("4"));
    store.deleteByTag("user:1");
    assertThat(store.get("c")).isEmpty();
    assertThat(store.get("user:1")).isPresent();
  }

  @Test
  void deleteByTag_putAgainWithoutIt_stays() {
    store.put("overwritten", utf8("old"), HOUR, Set.of("t"));
    store.put("overwritten", utf8("new"), HOUR, Set.of("u"));
    store.put("deleted", utf8("old"), HOUR, Set.of("t"));
    store.delete("deleted");
    store.put("deleted", utf8("new"), HOUR, Set.of());
    store.put("over", utf8("old"), Duration.ofSeconds(1), Set.of("t"));
    pass(Duration.ofSeconds(1).plusMillis(1));
    store.put("over", utf8("new"), HOUR, Set.of());

    store.deleteByTag("t");

    assertThat(store.get("overwritten")).hasValue(utf8("new"));
    assertThat(store.get("deleted")).hasValue(utf8("new"));
    assertThat(store.get("over")).hasValue(utf8("new"));
    store.deleteByTag("u");
    assertThat(store.get("overwritten")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "a\r\nDEL b", "*", "{x}", "\u0000", "键", "\uD83D\uDE00", "%", "_", "'"})
  void anyTag_isATagOfItsOwn(String tag) {
    store.put("it", utf8("v"), HOUR, Set.of(tag));
    store.put("another", utf8("v"), HOUR, Set.of(tag + "x"));
    store.deleteByTag(tag);
    assertThat(store.get("it")).isEmpty();
    assertThat(store.get("another")).isPresent();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {" ", "*", "a*", "?", "[a", "{x}", "\\", "\u0000", "键", "\uD83D\uDE00", "%", "_"})
  void deleteByPrefix_isTakenAsItIs(String prefix) {
    store.put(prefix, utf8("v"), HOUR, Set.of());
    store.put(prefix + "1", utf8("v"), HOUR, Set.of());
    store.put(prefix + "\uFFFF", utf8("v"), HOUR, Set.of());
    store.put(prefix + "\uDBFF\uDFFF", utf8("v"), HOUR, Set.of());
    store.put("b" + prefix, utf8("v"), HOUR, Set.of());
    store.put("aa1", utf8("v"), HOUR, Set.of());

    store.deleteByPrefix(prefix);

    assertThat(keys("")).containsExactlyInAnyOrder("b" + prefix, "aa1");
  }

  @Test
  void deleteByPrefix_manyKeys_everyOneAndNoOther() {
    for (int i = 0; i < 2_000; i++) {
      store.put((i % 2 == 0 ? "even:" : "odd:") + i, utf8("v"), HOUR, Set.of("t" + i % 3));
    }

    store.deleteByPrefix("even:");

    assertThat(store.get("even:0")).isEmpty();
    assertThat(store.get("even:1998")).isEmpty();
    assertThat(store.get("odd:1")).isPresent();
    assertThat(keys("")).hasSize(1_000).allMatch(key -> key.startsWith("odd:"));
    store.deleteByTag("t0");
    assertThat(keys("").size()).isBetween(666, 667);
    store.deleteByPrefix("");
    assertThat(keys("")).isEmpty();
  }

  @Test
  void randomOperations_likeAMap() {
    Random random = new Random(17);
    Map<String, String> expected = new HashMap<>();
    Map<String, Set<String>> tags = new HashMap<>();
    for (int i = 0; i < 1_500; i++) {
      String key = "k" + random.nextInt(4) + ":" + random.nextInt(10);
      String tag = "t" + random.nextInt(4);
      switch (random.nextInt(12)) {
        case 0 -> {
          store.delete(key);
          expected.remove(key);
        }
        case 1 -> {
          store.deleteByTag(tag);
          expected.keySet().removeIf(each -> tags.get(each).contains(tag));
        }
        case 2 -> {
          String prefix = key.substring(0, 2 + random.nextInt(3));
          store.deleteByPrefix(prefix);
          expected.keySet().removeIf(each -> each.startsWith(prefix));
        }
        case 3, 4, 5, 6, 7 -> {
          Set<String> own = random.nextBoolean() ? Set.of() : Set.of(tag, "all");
          store.put(key, utf8("v" + i), HOUR, own);
          expected.put(key, "v" + i);
          tags.put(key, own);
        }
        default ->
            assertThat(store.get(key).map(CacheStoreSuite::text))
                .isEqualTo(Optional.ofNullable(expected.get(key)));
      }
    }
    assertThat(keys("")).isEqualTo(expected.keySet());
  }

  @Test
  void manyThreads_neverAValueOfAnotherKey_andTheLastOneStays() throws Exception {
    int threads = 6;
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> runs = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        int thread = t;
        runs.add(pool.submit(() -> hammer(thread)));
      }
      for (Future<?> run : runs) {
        run.get();
      }
    } finally {
      pool.shutdownNow();
    }
    for (int t = 0; t < threads; t++) {
      assertThat(store.get("own-" + t).map(CacheStoreSuite::text)).hasValue("own-" + t + "=last");
    }
  }

  private void hammer(int thread) {
    Random random = new Random(thread);
    for (int i = 0; i < 150; i++) {
      String shared = "shared-" + random.nextInt(5);
      store.put(shared, utf8(shared + "=" + i), HOUR, Set.of("shared"));
      store.get(shared).ifPresent(found -> assertThat(text(found)).startsWith(shared + "="));
      store
          .getAll(List.of("shared-0", "shared-1"))
          .forEach((key, found) -> assertThat(text(found)).startsWith(key + "="));
      if (random.nextInt(10) == 0) {
        store.deleteByTag("shared");
      }
      store.put("own-" + thread, utf8("own-" + thread + "=" + i), HOUR, Set.of("own"));
    }
    store.put("own-" + thread, utf8("own-" + thread + "=last"), HOUR, Set.of("own"));
  }

  private Set<String> keys(String prefix) {
    Set<String> keys = new TreeSet<>();
    CacheStore.KeyPage page = store.keys(prefix, CacheStore.KeyPage.FIRST);
    keys.addAll(page.keys());
    while (page.next().isPresent()) {
      page = store.keys(prefix, page.next().get());
      keys.addAll(page.keys());
    }
    return keys;
  }

  private static String text(byte[] bytes) {
    return new String(bytes, UTF_8);
  }

  protected static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }
}

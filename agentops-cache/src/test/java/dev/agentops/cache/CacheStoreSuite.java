package dev.agentops.cache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
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

  @BeforeEach
  void open() {
    store = newStore();
  }

  @AfterEach
  void close() {
    store.close();
  }

  /** The store of the running test. */
  protected final CacheStore store() {
    return store;
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

  protected static byte[] utf8(String text) {
    return text.getBytes(UTF_8);
  }
}

package dev.agentops;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class WeakIdentityMapTest {

  private final WeakIdentityMap<Object, String> map = new WeakIdentityMap<>(100);

  @Test
  void equalKeys_areTwo() {
    String one = new String("key");
    String other = new String("key");
    map.put(one, "1");
    map.put(other, "2");
    assertThat(map.get(one)).isEqualTo("1");
    assertThat(map.get(other)).isEqualTo("2");
    assertThat(map.get(new String("key"))).isNull();
    assertThat(map.size()).isEqualTo(2);
  }

  @Test
  void put_again_replaces() {
    Object key = new Object();
    map.put(key, "1");
    map.put(key, "2");
    assertThat(map.get(key)).isEqualTo("2");
    assertThat(map.size()).isEqualTo(1);
  }

  @Test
  void remove_onlyWithTheValue() {
    Object key = new Object();
    map.put(key, "1");
    assertThat(map.remove(key, "2")).isFalse();
    assertThat(map.remove(key, "1")).isTrue();
    assertThat(map.get(key)).isNull();
  }

  @Test
  void compute_toNull_forgets() {
    Object key = new Object();
    map.compute(key, earlier -> earlier == null ? "1" : "2");
    map.compute(key, earlier -> earlier == null ? "1" : "2");
    assertThat(map.get(key)).isEqualTo("2");
    map.compute(key, earlier -> null);
    assertThat(map.size()).isZero();
  }

  @Test
  void full_takesNoOtherKey_andChangesThoseItHas() {
    List<Object> keys = new ArrayList<>();
    for (int i = 0; i < 101; i++) {
      keys.add(new Object());
      map.put(keys.get(i), "1");
    }
    assertThat(map.size()).isEqualTo(100);
    assertThat(map.get(keys.get(100))).isNull();
    map.put(keys.get(0), "2");
    assertThat(map.get(keys.get(0))).isEqualTo("2");
  }

  @Test
  void keyThatNobodyHolds_isForgotten_withItsPlace() {
    for (int i = 0; i < 100; i++) {
      map.put(new Object(), "1");
    }
    Object key = new Object();
    await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> {
              System.gc();
              map.put(key, "2");
              return "2".equals(map.get(key));
            });
  }

  @Test
  void manyThreads_eachKeyHasItsValue() {
    WeakIdentityMap<Object, Integer> shared = new WeakIdentityMap<>(100_000);
    List<Object> keys = IntStream.range(0, 10_000).mapToObj(i -> new Object()).toList();
    IntStream.range(0, keys.size()).parallel().forEach(i -> shared.put(keys.get(i), i));
    for (int i = 0; i < keys.size(); i++) {
      assertThat(shared.get(keys.get(i))).isEqualTo(i);
    }
  }

  @Test
  void noRoom_isRefused() {
    assertThatThrownBy(() -> new WeakIdentityMap<>(0)).hasMessageContaining("0");
  }
}

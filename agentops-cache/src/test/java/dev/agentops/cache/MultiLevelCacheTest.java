package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Context;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MultiLevelCacheTest {

  private final TestClock clock = TestClock.create();
  private final MultiLevelCache<String> cache =
      MultiLevelCache.builder(Codec.utf8())
          .maximumSize(100)
          .timeToLive(Duration.ofMinutes(10))
          .clock(clock)
          .build();

  @Test
  void get_untilDeadline() {
    cache.put("k", "v");
    cache.put("short", "v", Duration.ofSeconds(30));
    clock.advance(Duration.ofSeconds(30).minusNanos(1));
    assertThat(cache.get("short")).hasValue("v");
    clock.advance(Duration.ofNanos(1));
    assertThat(cache.get("short")).isEmpty();
    assertThat(cache.get("k")).hasValue("v");
    clock.advance(Duration.ofMinutes(10));
    assertThat(cache.get("k")).isEmpty();
    assertThat(cache.stats().evictionCount()).isEqualTo(2);
  }

  @Test
  void put_longestDuration_neverExpires() {
    cache.put("k", "v", Duration.ofSeconds(Long.MAX_VALUE));
    clock.advance(Duration.ofDays(365 * 50));
    assertThat(cache.get("k")).hasValue("v");
  }

  @Test
  void put_wallClockJumps_deadlineStays() {
    cache.put("k", "v");
    clock.setWallTime(clock.now().plus(Duration.ofDays(1)));
    assertThat(cache.get("k")).hasValue("v");
  }

  @Test
  void put_moreThanMaximum_boundedAndCounted() {
    for (int i = 0; i < 1_000; i++) {
      cache.put("k" + i, "v");
    }
    CacheStats stats = cache.stats();
    assertThat(stats.size()).isEqualTo(100);
    assertThat(stats.evictionCount()).isEqualTo(900);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PT0S", "PT-1S"})
  void timeToLive_notPositive_quoted(String text) {
    Duration duration = Duration.parse(text);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> cache.put("k", "v", duration))
        .withMessage("timeToLive must be positive: " + text);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MultiLevelCache.builder(Codec.utf8()).timeToLive(duration))
        .withMessage("timeToLive must be positive: " + text);
  }

  @Test
  void builder_badSizes_quoted() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MultiLevelCache.builder(Codec.utf8()).maximumSize(0))
        .withMessageEndingWith(": 0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MultiLevelCache.builder(Codec.utf8()).maximumRemoteValueBytes(-1))
        .withMessageEndingWith(": -1");
  }

  @Test
  void nulls_refusedAtOnce() {
    assertThatNullPointerException().isThrownBy(() -> cache.get(null));
    assertThatNullPointerException().isThrownBy(() -> cache.put(null, "v"));
    assertThatNullPointerException().isThrownBy(() -> cache.put("k", null));
    assertThatNullPointerException().isThrownBy(() -> cache.invalidate(null));
    assertThatNullPointerException().isThrownBy(() -> cache.getOrCompute("k", null));
  }

  @Test
  void getOrCompute_loadsOnceUntilInvalidated() {
    AtomicInteger loads = new AtomicInteger();
    for (int i = 0; i < 3; i++) {
      assertThat(cache.getOrCompute("q", key -> key + loads.incrementAndGet())).isEqualTo("q1");
    }
    cache.invalidate("q");
    assertThat(cache.getOrCompute("q", key -> key + loads.incrementAndGet())).isEqualTo("q2");
    cache.invalidateAll();
    assertThat(cache.getOrCompute("q", key -> key + loads.incrementAndGet())).isEqualTo("q3");
  }

  @Test
  void getOrCompute_loaderThrowsChecked_unwrappedAndNotKept() {
    IOException failure = new IOException("down");
    assertThatThrownBy(() -> cache.getOrCompute("k", key -> sneak(failure))).isSameAs(failure);
    assertThat(cache.get("k")).isEmpty();
    assertThat(cache.getOrCompute("k", key -> "up")).isEqualTo("up");
    assertThat(cache.stats().loadCount()).isEqualTo(2);
    assertThat(cache.stats().loadFailureCount()).isEqualTo(1);
  }

  @Test
  void getOrCompute_loaderReturnsNull_namesTheKey() {
    assertThatNullPointerException()
        .isThrownBy(() -> cache.getOrCompute("k", key -> null))
        .withMessageContaining("'k'");
    assertThat(cache.get("k")).isEmpty();
  }

  @Test
  void getOrCompute_loaderAsksForItsOwnKey_doesNotWaitForItself() {
    String value =
        cache.getOrCompute("k", outer -> "outer " + cache.getOrCompute("k", inner -> "inner"));
    assertThat(value).isEqualTo("outer inner");
    assertThat(cache.get("k")).hasValue("outer inner");
  }

  @Test
  @Timeout(20)
  void getOrCompute_loaderAsksForItsOwnKeyInAnotherContext_doesNotWaitForItself() {
    String value =
        cache.getOrCompute(
            "k",
            outer -> {
              try (Scope ignored = Context.root().makeCurrent()) {
                return "outer " + cache.getOrCompute("k", inner -> "inner");
              }
            });
    assertThat(value).isEqualTo("outer inner");
  }

  @Test
  void stats_countLookups() {
    assertThat(cache.stats().hitRate()).isEqualTo(1);
    cache.get("k");
    cache.put("k", "v");
    cache.get("k");
    cache.getOrCompute("k", key -> "other");
    cache.getOrCompute("new", key -> "loaded");
    CacheStats stats = cache.stats();
    assertThat(stats.hitCount()).isEqualTo(2);
    assertThat(stats.missCount()).isEqualTo(2);
    assertThat(stats.requestCount()).isEqualTo(4);
    assertThat(stats.loadCount()).isEqualTo(1);
    assertThat(stats.hitRate()).isEqualTo(0.5);
    assertThat(stats.levels()).hasSize(1);
    assertThat(stats.levels().get(0).name()).isEqualTo("local");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void randomOperations_agreeWithAMap(long seed) {
    Random random = new Random(seed);
    Map<String, String> values = new HashMap<>();
    Map<String, Long> deadlines = new HashMap<>();
    for (int i = 0; i < 5_000; i++) {
      String key = "k" + random.nextInt(20);
      if (deadlines.getOrDefault(key, 0L) <= clock.nanoTime()) {
        values.remove(key);
      }
      Duration life = Duration.ofSeconds(1 + random.nextInt(20));
      String value = "v" + i;
      switch (random.nextInt(6)) {
        case 0 -> {
          cache.put(key, value, life);
          values.put(key, value);
          deadlines.put(key, clock.nanoTime() + life.toNanos());
        }
        case 1 -> {
          cache.invalidate(key);
          values.remove(key);
        }
        case 2 -> {
          String expected = values.getOrDefault(key, value);
          assertThat(cache.getOrCompute(key, k -> value)).isEqualTo(expected);
          if (values.putIfAbsent(key, value) == null) {
            deadlines.put(key, clock.nanoTime() + Duration.ofMinutes(10).toNanos());
          }
        }
        case 3 -> clock.advance(Duration.ofSeconds(random.nextInt(5)));
        default -> assertThat(cache.get(key)).isEqualTo(Optional.ofNullable(values.get(key)));
      }
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> String sneak(Throwable failure) throws X {
    throw (X) failure;
  }
}

package dev.agentops.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.cache.LeasingCacheStore.Claim;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What every {@link LeasingCacheStore} does beyond a {@link CacheStore}; each back end extends it.
 */
public abstract class LeasingCacheStoreSuite extends CacheStoreSuite {

  private LeasingCacheStore one;
  private LeasingCacheStore two;

  @Override
  protected abstract LeasingCacheStore newStore();

  /** What another process has of the same. */
  protected abstract LeasingCacheStore another();

  @BeforeEach
  void openTwo() {
    one = (LeasingCacheStore) store();
    two = another();
  }

  @AfterEach
  void closeTwo() {
    two.close();
  }

  @Test
  void claim_valueThere_found() {
    two.put("k", utf8("v"), HOUR, Set.of());
    Claim claim = one.claim("k", HOUR);
    assertThat(claim.value()).hasValue(utf8("v"));
    assertThat(claim.token()).isEmpty();
  }

  @Test
  void claim_nothingThere_oneIsGrantedAndTheOtherWaits() {
    Claim granted = one.claim("k", Duration.ofMinutes(1));
    Claim held = two.claim("k", Duration.ofMinutes(1));

    assertThat(granted.token()).isPresent();
    assertThat(held.token()).isEmpty();
    assertThat(held.value()).isEmpty();
    assertThat(held.retryAfter()).isPositive().isLessThanOrEqualTo(Duration.ofMinutes(1));
    assertThat(two.claim("another key", HOUR).token()).isPresent();
  }

  @Test
  void claim_byManyAtOnce_isGrantedToOne() throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(16);
    try {
      for (int round = 0; round < 20; round++) {
        String key = "k" + round;
        List<Callable<Claim>> claims = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
          LeasingCacheStore store = i % 2 == 0 ? one : two;
          claims.add(() -> store.claim(key, HOUR));
        }
        int granted = 0;
        for (Future<Claim> claim : pool.invokeAll(claims)) {
          granted += claim.get().token().isPresent() ? 1 : 0;
        }
        assertThat(granted).isEqualTo(1);
      }
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void putAndRelease_holder_everybodyFindsTheValue() {
    String token = one.claim("k", HOUR).token().orElseThrow();
    assertThat(one.putAndRelease("k", token, utf8("v"), HOUR, Set.of("tag"))).isTrue();

    assertThat(two.claim("k", HOUR).value()).hasValue(utf8("v"));
    two.deleteByTag("tag");
    assertThat(one.claim("k", HOUR).token()).isPresent();
  }

  @Test
  void putAndRelease_twice_secondIsNotKept() {
    String token = one.claim("k", HOUR).token().orElseThrow();
    assertThat(one.putAndRelease("k", token, utf8("first"), HOUR, Set.of())).isTrue();
    assertThat(one.putAndRelease("k", token, utf8("second"), HOUR, Set.of())).isFalse();
    assertThat(one.get("k")).hasValue(utf8("first"));
  }

  @Test
  void putAndRelease_tokenOfNobody_isNotKept() {
    String token = one.claim("k", HOUR).token().orElseThrow();
    assertThat(two.putAndRelease("k", "x" + token, utf8("v"), HOUR, Set.of())).isFalse();
    assertThat(two.putAndRelease("k", "", utf8("v"), HOUR, Set.of())).isFalse();
    assertThat(two.putAndRelease("nobody has it", token, utf8("v"), HOUR, Set.of())).isFalse();
    assertThat(one.putAndRelease("k", token, utf8("v"), HOUR, Set.of())).isTrue();
  }

  @Test
  void putAndRelease_leaseOver_isNotKeptAndTheNextLoads() {
    String late = one.claim("k", Duration.ofMillis(100)).token().orElseThrow();
    pass(Duration.ofMillis(101));
    String next = two.claim("k", HOUR).token().orElseThrow();

    assertThat(one.putAndRelease("k", late, utf8("late"), HOUR, Set.of())).isFalse();
    assertThat(two.putAndRelease("k", next, utf8("next"), HOUR, Set.of())).isTrue();
    assertThat(one.get("k")).hasValue(utf8("next"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void putAndRelease_changedMeanwhile_isNotKept(String name, Consumer<CacheStore> change) {
    String late = one.claim("key", HOUR).token().orElseThrow();
    change.accept(two);

    assertThat(one.renew("key", late, HOUR)).isFalse();
    assertThat(one.putAndRelease("key", late, utf8("late"), HOUR, Set.of())).isFalse();
    two.delete("key");
    String next = two.claim("key", HOUR).token().orElseThrow();
    one.release("key", late);
    assertThat(two.putAndRelease("key", next, utf8("next"), HOUR, Set.of())).isTrue();
  }

  static Stream<Arguments> changes() {
    return Stream.of(
        change("put", store -> store.put("key", utf8("newer"), HOUR, Set.of())),
        change("delete", store -> store.delete("key")),
        change("deleteByPrefix", store -> store.deleteByPrefix("ke")),
        change("deleteByTag", store -> store.deleteByTag("any")),
        change("clear", CacheStore::clear));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("changes")
  void claim_leaseBrokenByAChange_theNextIsGranted(String name, Consumer<CacheStore> change) {
    assertThat(one.claim("key", HOUR).token()).isPresent();
    change.accept(two);

    Claim next = one.claim("key", HOUR);
    assertThat(next.token().isPresent() || next.value().isPresent()).isTrue();
  }

  @Test
  void renew_holder_leaseLasts() {
    String token = one.claim("k", Duration.ofMillis(200)).token().orElseThrow();
    assertThat(one.renew("k", token, HOUR)).isTrue();
    pass(Duration.ofMillis(201));
    assertThat(two.claim("k", HOUR).token()).isEmpty();
    assertThat(one.putAndRelease("k", token, utf8("v"), HOUR, Set.of())).isTrue();
    assertThat(one.renew("k", token, HOUR)).isFalse();
  }

  @Test
  void release_holder_theNextIsGranted() {
    String token = one.claim("k", HOUR).token().orElseThrow();
    two.release("k", "x" + token);
    assertThat(two.claim("k", HOUR).token()).isEmpty();
    one.release("k", token);
    assertThat(two.claim("k", HOUR).token()).isPresent();
  }

  private static Arguments change(String name, Consumer<CacheStore> change) {
    return Arguments.of(name, change);
  }
}

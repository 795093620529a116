package dev.agentops.cost.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.agentops.cost.BudgetEntry;
import dev.agentops.cost.BudgetStore;
import dev.agentops.cost.BudgetStoreContract;
import dev.agentops.cost.BudgetStoreException;
import dev.agentops.cost.BudgetWindow;
import dev.agentops.testing.TestRedis;
import dev.agentops.testing.WithoutJars;
import io.lettuce.core.cluster.RedisClusterClient;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RedisBudgetStoreTest extends BudgetStoreContract {

  private static final Duration LEASE = Duration.ofMinutes(10);

  /** The machine that runs the tests may be busy. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static @Nullable TestRedis redis;
  private static @Nullable RedisBudgetStore store;
  private static @Nullable RedisBudgetStore other;

  @BeforeAll
  static void start() {
    redis = TestRedis.start();
    store = open();
    other = open();
  }

  private static RedisBudgetStore open() {
    return RedisBudgetStore.builder(redis.uri()).timeout(PATIENCE).build();
  }

  @AfterAll
  static void stop() {
    if (redis != null) {
      store.close();
      other.close();
      redis.close();
    }
  }

  @Override
  protected BudgetStore store() {
    return Objects.requireNonNull(store);
  }

  @Override
  protected BudgetStore ofAnotherProcess() {
    return Objects.requireNonNull(other);
  }

  @Test
  void reserveAndSettle_threeBudgets_areOneRoundTripEach() {
    List<BudgetEntry> three =
        List.of(lifetime("tenant").build(), lifetime("agent").build(), lifetime("run").build());
    long before = redis.count("evalsha");
    long whole = redis.count("eval");

    for (int i = 0; i < 50; i++) {
      store().reserve("trip" + i, three, LEASE);
      store().settle("trip" + i, three);
    }

    assertThat(redis.count("evalsha") - before).isEqualTo(100);
    assertThat(redis.count("eval") - whole).isZero();
  }

  @Test
  void reserve_serverForgotTheScript_sendsItAgain() {
    redis.commands().scriptFlush();

    assertThat(store().reserve("flushed", List.of(lifetime("flushed").build()), LEASE).granted())
        .isTrue();
  }

  @Test
  void keys_ofANamespace_shareAHashTagAndEndSomeTime() {
    long now = System.currentTimeMillis();
    BudgetEntry today =
        BudgetEntry.builder("da{i}ly:1", "acme")
            .window(BudgetWindow.of(now, now + 1_000, now, now - 3_600_000))
            .amount(5)
            .build();
    try (RedisBudgetStore own =
        RedisBudgetStore.builder(redis.uri()).namespace("own").timeout(PATIENCE).build()) {
      own.reserve("r", List.of(today, lifetime("a").build()), LEASE);
      assertThat(redis.commands().hlen("{own}:held")).isEqualTo(1);
      own.settle("r", List.of(today, lifetime("a").build()));
      own.increase("fresh", "b", 1, Instant.now());
      assertThat(own.balance(today).spent()).isEqualTo(5);
    }

    List<String> names = new ArrayList<>(redis.commands().keys("{own}:*"));
    assertThat(names)
        .hasSize(7) // three accounts, their indexes, the ended; neither held nor leases
        .contains("{own}:account:da%7Bi%7Dly%3A1:acme", "{own}:account:life:a");
    names.removeIf(name -> name.endsWith(":account:life:a") || name.endsWith(":accounts:life"));
    assertThat(names)
        .hasSize(5)
        .allSatisfy(name -> assertThat(redis.commands().ttl(name)).isBetween(3_600L, 2 * 86_400L));
    assertThat(redis.commands().ttl("{own}:account:life:a")).isEqualTo(-1);
    assertThat(redis.commands().ttl("{own}:accounts:life")).isEqualTo(-1);
  }

  @Test
  void increase_beyondTheWindow_isKeptUntilItsEnd() {
    long now = System.currentTimeMillis();
    BudgetEntry hour =
        BudgetEntry.builder("hourly", "acme")
            .window(BudgetWindow.of(now, now + 3_600_000, now, now - 32 * 3_600_000))
            .amount(1)
            .limit(10)
            .build();
    store().increase("hourly", "acme", 5, Instant.now().plus(Duration.ofDays(10)));

    store().settle("hour", List.of(hour));

    assertThat(redis.commands().ttl("{agentops:budgets}:account:hourly:acme"))
        .isGreaterThan(10 * 86_400L);
    assertThat(redis.commands().ttl("{agentops:budgets}:accounts:hourly"))
        .isGreaterThan(10 * 86_400L);
    assertThat(store().keys("hourly", 10)).containsExactly("acme");
  }

  @Test
  void key_ofAnotherType_isRefusedWithoutAnOutage() {
    redis.commands().set("{agentops:budgets}:account:life:text", "of somebody else");
    for (int i = 0; i < 5; i++) {
      assertThatExceptionOfType(BudgetStoreException.class)
          .isThrownBy(() -> store().settle("text", List.of(lifetime("text").build())))
          .satisfies(e -> assertThat(e.refused()).isTrue());
    }

    assertThat(store.available()).isTrue();
    assertThat(store.pendingSettlements()).isZero();
    assertThat(store().settle("fine", List.of(lifetime("fine").build()))).hasSize(1);
  }

  @Test
  void windows_olderThanWhatIsKept_areForgotten() {
    for (int day = 0; day < 20; day++) {
      long start = day * 86_400_000L;
      BudgetWindow window =
          BudgetWindow.of(start, start + 86_400_000, start, start - 2 * 86_400_000L);
      store()
          .settle(
              "d" + day, List.of(BudgetEntry.builder("old", "").window(window).amount(1).build()));
    }

    assertThat(store().history("old", "", 100))
        .containsOnlyKeys(
            Instant.parse("1970-01-18T00:00:00Z"),
            Instant.parse("1970-01-19T00:00:00Z"),
            Instant.parse("1970-01-20T00:00:00Z"));
  }

  @Test
  void amounts_beyondALong_areTheLargestOneAndStillExactInside() {
    BudgetEntry most = lifetime("most").amount(Long.MAX_VALUE).build();
    for (int i = 0; i < 3; i++) {
      store().settle("most" + i, List.of(most));
    }

    assertThat(store().balance(most).spent()).isEqualTo(Long.MAX_VALUE);
    store().settle("less", List.of(most.withAmount(Long.MIN_VALUE + 1)));
    store().settle("lessAgain", List.of(most.withAmount(Long.MIN_VALUE + 8)));
    assertThat(store().balance(most).spent()).isEqualTo(Long.MAX_VALUE - 7 + 7);
    store().settle("evenLess", List.of(most.withAmount(Long.MIN_VALUE + 8)));
    assertThat(store().balance(most).spent()).isEqualTo(14);
  }

  @Test
  void cluster_givenConnection_works() {
    try (TestRedis node = TestRedis.startCluster();
        RedisClusterClient client = RedisClusterClient.create(node.uri());
        RedisBudgetStore shared =
            RedisBudgetStore.builder(client.connect().async()).timeout(PATIENCE).build()) {
      List<BudgetEntry> two = List.of(lifetime("a").build(), lifetime("b").build());

      assertThat(shared.reserve("r", two, LEASE).granted()).isTrue();
      assertThat(shared.settle("r", two)).hasSize(2);

      assertThat(shared.balance(two.get(1)).spent()).isEqualTo(10);
      assertThat(shared.keys("life", 10)).containsExactly("a", "b");
    }
  }

  @Test
  void builder_badValues_areQuoted() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisBudgetStore.of("http://me:secret@host"))
        .withMessage("not a URI of Redis: 'http://***@host'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RedisBudgetStore.of("redis://me:sec/r@et@host:no"))
        .withMessage("not a URI of Redis: 'redis://***@host:no'")
        .withNoCause();
    RedisBudgetStore.Builder builder = RedisBudgetStore.builder("redis://host");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.namespace("a{b"))
        .withMessageContaining("'a{b'");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.timeout(Duration.ZERO))
        .withMessageContaining("PT0S");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.maximumPending(0))
        .withMessageContaining("0");
  }

  @Test
  void of_withoutLettuce_namesTheArtifact() throws Exception {
    assertThat(WithoutJars.call(Opening.class, "lettuce-core"))
        .isEqualTo("RedisBudgetStore needs io.lettuce:lettuce-core on the class path");
  }

  /** Opens a store, and says why that failed. */
  public static final class Opening implements Callable<String> {

    @Override
    public String call() {
      try {
        RedisBudgetStore.of("redis://127.0.0.1:1").close();
        return "opened";
      } catch (IllegalStateException e) {
        return String.valueOf(e.getMessage());
      }
    }
  }

  private static BudgetEntry.Builder lifetime(String key) {
    return BudgetEntry.builder("life", key)
        .window(BudgetWindow.of(0, BudgetWindow.NEVER, 0, 0))
        .amount(10);
  }
}

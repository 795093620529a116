package dev.agentops.cost.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.agentops.cost.BudgetBalance;
import dev.agentops.cost.BudgetEntry;
import dev.agentops.cost.BudgetStoreException;
import dev.agentops.cost.BudgetWindow;
import dev.agentops.testing.TestRedis;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What happens while Redis hangs, is gone, or comes back without what it knew. */
class RedisOutageTest {

  private static final Duration LEASE = Duration.ofMinutes(10);
  private static final BudgetEntry TEN =
      BudgetEntry.builder("daily", "acme")
          .window(BudgetWindow.of(0, BudgetWindow.NEVER, 0, 0))
          .amount(10)
          .limit(100)
          .rejecting(true)
          .build();

  private final TestRedis redis = TestRedis.start();
  private RedisBudgetStore store;

  @BeforeEach
  void open() {
    store = RedisBudgetStore.of(redis.uri());
  }

  @AfterEach
  void close() {
    store.close();
    redis.close();
  }

  @Test
  void reserve_serverHangs_failsThriceAfterTheTimeoutAndThenAtOnce() {
    redis.hang();

    for (int i = 0; i < 3; i++) {
      assertThat(store.available()).isTrue();
      assertThatExceptionOfType(BudgetStoreException.class)
          .isThrownBy(this::reserve)
          .withMessageContaining("127.0.0.1")
          .withMessageEndingWith("did not answer within 100 ms");
    }
    for (int i = 0; i < 10_000; i++) { // would take a quarter of an hour if each waited
      assertThatExceptionOfType(BudgetStoreException.class)
          .isThrownBy(this::reserve)
          .withMessageEndingWith("is away");
    }

    redis.goOn();
    awaitRecovery();
    assertThat(store.reserve("after", List.of(TEN), LEASE).granted()).isTrue();
  }

  @Test
  void settle_serverHangs_isDeliveredOnceThoughTheServerGotItTwice() {
    assertThat(store.reserve("a", List.of(TEN), LEASE).granted()).isTrue();
    redis.hang();

    assertThat(store.settle("a", List.of(TEN.withAmount(7)))).isEmpty(); // sent, not answered
    redisIsAway();
    assertThat(store.settle("b", List.of(TEN.withAmount(5)))).isEmpty(); // not even sent
    assertThat(store.pendingSettlements()).isEqualTo(2);

    redis.goOn();
    awaitRecovery();
    assertBalance(12, 0);
    assertThat(redis.count("sadd")).isGreaterThanOrEqualTo(3); // "a" came twice, "b" once
    assertThat(store.lostSettlements()).isZero();
  }

  @Test
  void settle_afterAReservationWithoutAnswer_givesItBack() {
    redis.hang();
    assertThatExceptionOfType(BudgetStoreException.class).isThrownBy(this::reserve);
    assertThat(store.settle("id", List.of(TEN.withAmount(0)))).isEmpty();

    redis.goOn();
    awaitRecovery();
    await().untilAsserted(() -> assertThat(redis.count("zadd")).isPositive()); // it was made
    assertBalance(0, 0);
  }

  @Test
  void settle_serverKilledAndEmpty_stillCountsOnce() throws IOException {
    store.reserve("a", List.of(TEN), LEASE);
    redis.kill();

    assertThat(store.settle("a", List.of(TEN.withAmount(7)))).isEmpty();
    assertThatExceptionOfType(BudgetStoreException.class).isThrownBy(this::reserve);

    redis.restart();
    awaitRecovery();
    assertThat(store.settle("a", List.of(TEN.withAmount(7)))).hasSize(1);
    assertBalance(7, 0);
  }

  @Test
  void settle_tooManyWait_areLostAndCounted() throws IOException {
    try (RedisBudgetStore small = RedisBudgetStore.builder(redis.uri()).maximumPending(2).build()) {
      redis.kill();
      for (int i = 0; i < 5; i++) {
        assertThat(small.settle("s" + i, List.of(TEN))).isEmpty();
      }
      assertThat(small.pendingSettlements()).isEqualTo(2);
      assertThat(small.lostSettlements()).isEqualTo(3);

      redis.restart();
      await().untilAsserted(() -> assertThat(small.pendingSettlements()).isZero());
      await().untilAsserted(() -> assertThat(small.balance(TEN).spent()).isEqualTo(20));
    }
  }

  @Test
  void settle_interruptedThread_isDeliveredAndSaysNothingOfTheServer() {
    Thread.currentThread().interrupt();

    // with a balance only where the answer was there before anyone could wait for it
    List<BudgetBalance> unused = store.settle("a", List.of(TEN));

    assertThat(Thread.interrupted()).isTrue();
    assertThat(store.available()).isTrue();
    await().untilAsserted(() -> assertThat(store.pendingSettlements()).isZero());
    assertBalance(10, 0);
    assertThat(store.failures()).isZero();
  }

  @Test
  void build_serverIsGone_isAwayUntilItComes() throws IOException {
    redis.kill();
    try (RedisBudgetStore early = RedisBudgetStore.of(redis.uri())) {
      assertThat(early.available()).isFalse();
      assertThat(early.settle("a", List.of(TEN))).isEmpty();

      redis.restart();
      await().untilAsserted(() -> assertThat(early.available()).isTrue());
      await().untilAsserted(() -> assertThat(early.balance(TEN).spent()).isEqualTo(10));
    }
  }

  @Test
  void close_serverIsGone_countsWhatIsLost() {
    redis.kill();
    store.settle("a", List.of(TEN));
    store.settle("b", List.of(TEN));

    store.close();
    store.close();

    assertThat(store.lostSettlements()).isEqualTo(2);
    assertThat(store.settle("c", List.of(TEN))).isEmpty();
    assertThat(store.lostSettlements()).isEqualTo(3);
  }

  @Test
  void close_serverIsBack_deliversFirst() throws IOException {
    redis.kill();
    store.settle("a", List.of(TEN));
    redis.restart();

    store.close();

    assertThat(store.lostSettlements()).isZero();
    try (RedisBudgetStore next = RedisBudgetStore.of(redis.uri())) {
      assertThat(next.balance(TEN).spent()).isEqualTo(10);
    }
  }

  @Test
  void connection_deadWithoutAWord_isReplaced() {
    redis.hang();
    assertThatExceptionOfType(BudgetStoreException.class).isThrownBy(this::reserve);
    // longer than a silent connection is kept
    redisIsAway();
    await().atMost(Duration.ofSeconds(15)).until(() -> store.failures() >= 10);

    redis.goOn();

    awaitRecovery();
    assertThat(redis.commands().info("stats"))
        .containsPattern("total_connections_received:([3-9]|\\d\\d)"); // two from the start
    assertThat(store.reserve("after", List.of(TEN), LEASE).granted()).isTrue();
  }

  private void reserve() {
    store.reserve("id", List.of(TEN), LEASE);
  }

  private void redisIsAway() {
    while (store.available()) {
      assertThatExceptionOfType(BudgetStoreException.class).isThrownBy(() -> store.balance(TEN));
    }
  }

  private void awaitRecovery() {
    await()
        .untilAsserted(
            () -> {
              assertThat(store.available()).isTrue();
              assertThat(store.pendingSettlements()).isZero();
            });
  }

  private void assertBalance(long spent, long reserved) {
    BudgetBalance balance = store.balance(TEN);
    assertThat(List.of(balance.spent(), balance.reserved())).containsExactly(spent, reserved);
  }
}

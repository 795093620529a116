package dev.agentops.cost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Cost;
import dev.agentops.event.BudgetEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of requests while a server is away, and of those that it will never take. */
class RemoteBudgetStoreTest {

  private static final BudgetEntry TEN = lifetime("good").withAmount(10);
  private static final BudgetEntry POISON = lifetime("poison").withAmount(10);
  private static final BudgetEntry BROKEN = lifetime("broken").withAmount(10);

  private final Server server = new Server();
  private final RemoteBudgetStore store = new RemoteBudgetStore("the server", server, 2) {};

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void settle_refused_isLostAndNoOutage() {
    for (int i = 0; i < 10; i++) {
      String id = "p" + i;
      assertThatExceptionOfType(BudgetStoreException.class)
          .isThrownBy(() -> store.settle(id, List.of(POISON)))
          .satisfies(e -> assertThat(e.refused()).isTrue());
    }

    assertThat(store.available()).isTrue();
    assertThat(store.pendingSettlements()).isZero();
    assertThat(store.lostSettlements()).isEqualTo(10);
    assertThat(store.failures()).isEqualTo(10);
  }

  @Test
  void settle_refusedWhenDeliveredLate_keepsNoOtherFromTheServer() {
    server.away = true;
    store.settle("p", List.of(POISON));
    store.settle("a", List.of(TEN));
    server.away = false;

    await().untilAsserted(() -> assertThat(store.balance(TEN).spent()).isEqualTo(10));
    assertThat(store.available()).isTrue();
    assertThat(store.lostSettlements()).isEqualTo(1);
  }

  @Test
  void settle_serverBreaksWhenDeliveredLate_keepsNoOtherFromTheServer() {
    server.away = true;
    store.settle("p", List.of(BROKEN));
    store.settle("a", List.of(TEN));
    server.away = false;

    await().untilAsserted(() -> assertThat(store.balance(TEN).spent()).isEqualTo(10));
    assertThat(store.lostSettlements()).isEqualTo(1);
  }

  @Test
  void settle_tooManyWait_losesThoseThatOnlyGiveBackFirst() {
    server.away = true;
    for (int i = 0; i < 3; i++) {
      store.settle("release" + i, List.of(TEN.withAmount(0)));
    }
    store.settle("a", List.of(TEN));
    store.settle("b", List.of(TEN));
    assertThat(store.lostSettlements()).isZero();
    store.settle("c", List.of(TEN));
    assertThat(store.lostSettlements()).isEqualTo(1);
    server.away = false;

    await()
        .ignoreExceptions() // of the server that is still taken to be away
        .untilAsserted(() -> assertThat(store.balance(TEN).spent()).isEqualTo(20));
  }

  @Test
  void settle_deliveredLate_tellsItsMarks() {
    List<BudgetEvent> events = new CopyOnWriteArrayList<>();
    CostMonitor costs =
        CostMonitor.builder()
            .catalog(TestPrices.catalog())
            .budget(Budget.lifetime(Cost.usd("1")).warnAt(0.5))
            .budgetStore(store)
            .listener(event -> events.add((BudgetEvent) event))
            .build();
    server.away = true;
    spend(costs, "0.6");
    server.away = false;
    await()
        .untilAsserted(
            () ->
                assertThat(events)
                    .extracting(BudgetEvent::type)
                    .contains(BudgetEvent.Type.WARNING));

    server.answersLost = true; // it has taken it, and will be told again
    spend(costs, "0.6");
    server.answersLost = false;
    await()
        .untilAsserted(
            () ->
                assertThat(events)
                    .extracting(BudgetEvent::type)
                    .contains(BudgetEvent.Type.EXCEEDED));
    assertThat(events).filteredOn(event -> event.type() == BudgetEvent.Type.WARNING).hasSize(1);
    costs.close();
  }

  private static void spend(CostMonitor costs, String amount) {
    costs
        .budgets()
        .spend(
            Reservation.NONE,
            Cost.usd(amount),
            Attributes.empty(),
            Clock.system().now(),
            event -> {});
  }

  private static BudgetEntry lifetime(String key) {
    return BudgetEntry.builder("life", key)
        .window(BudgetWindow.of(0, BudgetWindow.NEVER, 0, 0))
        .build();
  }

  /** A server that is away, or loses its answers, when a test says so. */
  private static final class Server implements BudgetStore {

    private final BudgetStore accounts = new NaiveBudgetStore(Clock.system());
    private volatile boolean away;
    private volatile boolean answersLost;

    @Override
    public BudgetDecision reserve(String id, List<BudgetEntry> entries, Duration lease) {
      check();
      return accounts.reserve(id, entries, lease);
    }

    @Override
    public List<BudgetBalance> settle(String id, List<BudgetEntry> entries) {
      check();
      if (entries.contains(POISON)) {
        throw BudgetStoreException.refusing("never", null);
      }
      if (entries.contains(BROKEN)) {
        throw new IllegalStateException("broken");
      }
      List<BudgetBalance> balances = accounts.settle(id, entries);
      if (answersLost) {
        throw new BudgetStoreException("too late", null);
      }
      return balances;
    }

    @Override
    public BudgetBalance balance(BudgetEntry entry) {
      check();
      return accounts.balance(entry);
    }

    @Override
    public List<String> keys(String budget, int most) {
      check();
      return accounts.keys(budget, most);
    }

    @Override
    public SortedMap<Instant, Long> history(String budget, String key, int most) {
      return accounts.history(budget, key, most);
    }

    @Override
    public void increase(String budget, String key, long amount, Instant until) {
      accounts.increase(budget, key, amount, until);
    }

    @Override
    public void reset(String budget, String key, BudgetWindow window) {
      accounts.reset(budget, key, window);
    }

    @Override
    public void close() {}

    private void check() {
      if (away) {
        throw new BudgetStoreException("nobody answers", null);
      }
    }
  }
}

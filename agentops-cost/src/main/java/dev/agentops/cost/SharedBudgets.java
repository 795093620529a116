package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Cost;
import dev.agentops.FaultLog;
import dev.agentops.event.BudgetEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The budgets whose accounts are in a store that several processes share: one call of the store
 * reserves in all of them, and one settles. Thread-safe.
 *
 * <p>The accounts of this process only say which keys there are.
 */
final class SharedBudgets {

  private final List<BudgetKeeper> keepers;
  private final BudgetStore store;
  private final Duration lease;
  private final FaultLog faults;
  private final Clock clock;
  private final String process = UUID.randomUUID() + "-";
  private final AtomicLong reservations = new AtomicLong();
  private final AtomicBoolean away = new AtomicBoolean();

  /**
   * Budgets in a store.
   *
   * @throws IllegalArgumentException if a budget rejects and does not say what to do without it
   */
  SharedBudgets(
      List<BudgetKeeper> keepers, BudgetStore store, Duration lease, FaultLog faults, Clock clock) {
    this.keepers = keepers;
    this.store = store;
    this.lease = lease;
    this.faults = faults;
    this.clock = clock;
    for (BudgetKeeper keeper : keepers) {
      if (keeper.rejecting() && keeper.budget().outage().isEmpty()) {
        throw new IllegalArgumentException(
            "budget '"
                + keeper.budget().name()
                + "' rejects and is shared: say whenUnavailable(...), what to do without the store");
      }
    }
  }

  /**
   * Takes an amount from every budget.
   *
   * @throws BudgetExceededException if it does not fit in one of them; then nothing is taken
   * @throws BudgetUnavailableException if the store is away and one of them rejects then
   */
  void reserve(
      Reservation reservation,
      Cost amount,
      Attributes attributes,
      long nowMillis,
      Consumer<BudgetEvent> events) {
    List<BudgetAccount> accounts = accounts(attributes);
    List<BudgetEntry> entries = new ArrayList<>(accounts.size());
    for (BudgetAccount account : accounts) {
      BudgetKeeper keeper = account.keeper();
      entries.add(keeper.entry(account.key(), nowMillis).withAmount(keeper.reserved(amount)));
    }
    Hold hold = new Hold(nextId(), accounts);
    reservation.shared(hold);
    BudgetDecision decision;
    try {
      decision = store.reserve(hold.id, entries, lease);
    } catch (RuntimeException e) {
      faults.report("the store of budgets", e);
      tellAway(true, events);
      letThrough(accounts, e);
      return;
    }
    tellAway(false, events);
    List<BudgetBalance> balances = decision.balances();
    if (!decision.granted()) {
      int refused = decision.refused();
      BudgetAccount account = accounts.get(refused);
      throw account
          .keeper()
          .refusal(account.key(), balances.get(refused), amount, nowMillis, attributes, events);
    }
    for (int i = 0; i < accounts.size(); i++) {
      Marks marks = accounts.get(i).keeper().marks();
      BudgetBalance balance = balances.get(i);
      reservation.downgradeBy(marks.downgrade(balance.spent(), balance.limit()));
    }
  }

  /** Ends a reservation, or where there is none spends what was never reserved. */
  void settle(
      @Nullable Hold reserved,
      Cost cost,
      Attributes attributes,
      long nowMillis,
      Consumer<BudgetEvent> events) {
    Hold hold = reserved == null ? new Hold(nextId(), accounts(attributes)) : reserved;
    List<BudgetEntry> entries = new ArrayList<>(hold.accounts.size());
    for (BudgetAccount account : hold.accounts) {
      BudgetKeeper keeper = account.keeper();
      entries.add(keeper.entry(account.key(), nowMillis).withAmount(keeper.unit().count(cost)));
    }
    List<BudgetBalance> balances;
    try {
      balances = store.settle(hold.id, entries);
    } catch (RuntimeException e) {
      faults.report("the store of budgets", e);
      balances = List.of();
    }
    tellAway(balances.isEmpty(), events);
    for (int i = 0; i < balances.size(); i++) {
      BudgetAccount account = hold.accounts.get(i);
      account.keeper().tellMarks(account, balances.get(i), nowMillis, attributes, events);
    }
  }

  BudgetStore store() {
    return store;
  }

  private List<BudgetAccount> accounts(Attributes attributes) {
    List<BudgetAccount> accounts = new ArrayList<>(keepers.size());
    for (BudgetKeeper keeper : keepers) {
      BudgetAccount account = keeper.accounts().of(attributes);
      if (account != null) {
        accounts.add(account);
      }
    }
    return accounts;
  }

  private String nextId() {
    return process + Long.toString(reservations.incrementAndGet(), Character.MAX_RADIX);
  }

  private static void letThrough(List<BudgetAccount> accounts, RuntimeException away) {
    for (BudgetAccount account : accounts) {
      Budget budget = account.keeper().budget();
      if (budget.rejecting() && budget.outage().orElseThrow() == StoreOutage.REJECT) {
        throw new BudgetUnavailableException(budget.name(), away);
      }
    }
  }

  /** Tells once that the store is away, and once that it is back. */
  private void tellAway(boolean isAway, Consumer<BudgetEvent> events) {
    if (away.get() == isAway || !away.compareAndSet(!isAway, isAway)) {
      return;
    }
    for (BudgetKeeper keeper : keepers) {
      events.accept(
          BudgetEvent.builder()
              .timestamp(clock.now())
              .budget(keeper.budget().name())
              .type(isAway ? BudgetEvent.Type.STORE_UNAVAILABLE : BudgetEvent.Type.STORE_RECOVERED)
              .limit(keeper.budget().limit())
              .build());
    }
  }

  /** A reservation in the store: it may have it, even where that could not be told. */
  static final class Hold {

    private final String id;
    private final List<BudgetAccount> accounts;

    private Hold(String id, List<BudgetAccount> accounts) {
      this.id = id;
      this.accounts = accounts;
    }
  }
}

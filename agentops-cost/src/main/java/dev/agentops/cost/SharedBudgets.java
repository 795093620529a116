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
   * @param late is told of marks that are passed by settlements delivered late
   * @throws IllegalArgumentException if a budget rejects and does not say what to do without it
   */
  SharedBudgets(
      List<BudgetKeeper> keepers,
      BudgetStore store,
      Duration lease,
      FaultLog faults,
      Clock clock,
      Consumer<BudgetEvent> late) {
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
    store.onLateSettlement(
        (id, entries, balances) -> {
          if (id.startsWith(process)) {
            tellLate(entries, balances, late);
          }
        });
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
      failed(e, events);
      hold.mayBeHeld = !(e instanceof BudgetStoreException failure) || failure.mayBeDone();
      letThrough(hold, e, nowMillis, events);
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
    if (!hold.mayBeHeld && cost.isZero()) {
      return;
    }
    List<BudgetEntry> entries = new ArrayList<>(hold.accounts.size());
    for (BudgetAccount account : hold.accounts) {
      BudgetKeeper keeper = account.keeper();
      entries.add(keeper.entry(account.key(), nowMillis).withAmount(keeper.unit().count(cost)));
    }
    List<BudgetBalance> balances;
    try {
      balances = store.settle(hold.id, entries);
    } catch (RuntimeException e) {
      failed(e, events);
      return;
    }
    if (!balances.isEmpty()) {
      tellAway(false, events);
    } else if (!Thread.currentThread().isInterrupted()) { // that is no fault of the store
      tellAway(true, events);
    }
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

  private void failed(RuntimeException failure, Consumer<BudgetEvent> events) {
    boolean interrupted = failure instanceof BudgetStoreException e && e.interrupted();
    if (interrupted) {
      return; // the caller was cancelled
    }
    faults.report("the store of budgets", failure);
    if (!(failure instanceof BudgetStoreException e && e.refused())) {
      tellAway(true, events);
    }
  }

  /**
   * Lets a call through that could not be reserved, or gives back what may be held all the same.
   */
  private void letThrough(
      Hold hold, RuntimeException failure, long nowMillis, Consumer<BudgetEvent> events) {
    for (BudgetAccount account : hold.accounts) {
      Budget budget = account.keeper().budget();
      if (budget.rejecting() && budget.outage().orElseThrow() == StoreOutage.REJECT) {
        settle(hold, Cost.ZERO, Attributes.empty(), nowMillis, events);
        throw new BudgetUnavailableException(budget.name(), failure);
      }
    }
  }

  /**
   * Tells the marks that a settlement passed when it was delivered late. Where the store had taken
   * it before without an answer, what was spent before is not known: it is taken for the latest, so
   * that its marks are told, if need be once more. Marks of windows that are over are not.
   */
  private void tellLate(
      List<BudgetEntry> entries, List<BudgetBalance> balances, Consumer<BudgetEvent> events) {
    long nowMillis = clock.now().toEpochMilli();
    for (int i = 0; i < balances.size(); i++) {
      BudgetEntry entry = entries.get(i);
      BudgetBalance balance = balances.get(i);
      for (BudgetKeeper keeper : keepers) {
        if (keeper.budget().name().equals(entry.budget())
            && entry.window().startMillis() >= keeper.window(nowMillis).countsFromMillis()) {
          BudgetBalance told =
              BudgetBalance.settled(
                  Math.min(balance.spentBefore(), balance.spent() - entry.amount()),
                  balance.spent(),
                  balance.reserved(),
                  balance.limit());
          BudgetAccount account = keeper.accounts().open(entry.key());
          keeper.tellMarks(account, told, nowMillis, Attributes.empty(), events);
        }
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
    private boolean mayBeHeld = true;

    private Hold(String id, List<BudgetAccount> accounts) {
      this.id = id;
      this.accounts = accounts;
    }
  }
}

package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Cost;
import dev.agentops.FaultLog;
import dev.agentops.event.BudgetEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * All budgets of a monitor: how they stand, and what an operator can do to them. Thread-safe.
 *
 * <p>A key is the value of the budget's attribute, {@code (none)} for calls without it, and {@code
 * (other)} for those of the keys beyond the {@value #MAXIMUM_KEYS} that a budget of this process
 * keeps apart; a store keeps all of them. It is empty where all share the budget. A value that
 * itself begins with a parenthesis or a backslash has a backslash before. The values of several
 * attributes are joined with commas, commas and backslashes within them with a backslash before. A
 * key of {@value BudgetAccounts#MAXIMUM_KEY_LENGTH} characters or more is its beginning and a hash
 * of it, as long as that.
 *
 * <p>Methods that ask the store of shared budgets throw {@link BudgetStoreException} when it is
 * away.
 */
public final class Budgets {

  static final int MAXIMUM_KEYS = 10_000;

  private final List<BudgetKeeper> keepers;
  private final LocalBudgets local;
  private final @Nullable BudgetStore store;

  /** Null where no budget is in the store. */
  private final @Nullable SharedBudgets shared;

  private final boolean downgrading;
  private final boolean ofRuns;
  private final Clock clock;
  private final FaultLog faults;
  private final Consumer<BudgetEvent> listeners;

  /**
   * Budgets in this process, and in a store.
   *
   * @param store null to keep all in this process
   * @param listeners are told what an operator does
   */
  Budgets(
      List<Budget> budgets,
      ZoneId zone,
      Clock clock,
      @Nullable BudgetStore store,
      Duration lease,
      FaultLog faults,
      Consumer<BudgetEvent> listeners) {
    this.clock = clock;
    this.faults = faults;
    this.listeners = listeners;
    this.store = store;
    keepers =
        budgets.stream()
            .map(
                budget ->
                    new BudgetKeeper(
                        budget, zone, clock, MAXIMUM_KEYS, store != null && !budget.ofRuns()))
            .toList();
    List<BudgetKeeper> sharedKeepers = keepers.stream().filter(BudgetKeeper::shared).toList();
    ofRuns = budgets.stream().anyMatch(Budget::ofRuns);
    downgrading =
        keepers.stream().anyMatch(keeper -> !keeper.shared() && keeper.marks().downgrading());
    local = new LocalBudgets(keepers.stream().filter(keeper -> !keeper.shared()).toList());
    shared =
        store == null || sharedKeepers.isEmpty()
            ? null
            : new SharedBudgets(sharedKeepers, store, lease, faults, clock, listeners);
  }

  /** The budgets, in the order in which they were added. */
  public List<Budget> budgets() {
    return keepers.stream().map(BudgetKeeper::budget).toList();
  }

  /**
   * How a budget stands for a key; as untouched where the key is not known.
   *
   * @throws IllegalArgumentException if there is no such budget
   */
  public BudgetStatus status(String budget, String key) {
    return status(keeper(budget), BudgetAccounts.cut(key), clock.now().toEpochMilli());
  }

  /**
   * How a budget that all share stands.
   *
   * @throws IllegalArgumentException if there is no such budget, or it has keys
   */
  public BudgetStatus status(String budget) {
    List<String> attributes = keeper(budget).budget().attributes();
    if (!attributes.isEmpty()) {
      throw new IllegalArgumentException(
          "budget '" + budget + "' is per " + String.join(", ", attributes) + ": say which key");
    }
    return status(budget, BudgetAccounts.ALL);
  }

  /**
   * How a budget stands for each of its keys, ascending by key.
   *
   * @param most how many at most
   * @throws IllegalArgumentException if there is no such budget
   */
  public List<BudgetStatus> statuses(String budget, int most) {
    BudgetKeeper keeper = keeper(budget);
    long now = clock.now().toEpochMilli();
    BudgetStore store = storeOf(keeper);
    List<String> keys = store == null ? keeper.accounts().keys() : store.keys(budget, most);
    return keys.stream().limit(most).map(key -> status(keeper, key, now)).toList();
  }

  /**
   * As {@link #statuses(String, int)}, or what that said not longer than a while ago: for those
   * that look often, since a store is asked once for each key.
   *
   * @param age of the answer at most, by the clock of the budgets
   * @throws IllegalArgumentException if there is no such budget
   */
  public List<BudgetStatus> statuses(String budget, int most, Duration age) {
    return keeper(budget).latest(most, age, () -> statuses(budget, most));
  }

  /**
   * What was spent in the latest windows, by their start; in the slices of a rolling one. Windows
   * in which nothing was spent may be missing; the current one is included, and at least the 32
   * before it are kept, except where a budget had more keys at once than it keeps.
   *
   * @throws IllegalArgumentException if there is no such budget
   */
  public SortedMap<Instant, Cost> history(String budget, String key) {
    BudgetKeeper keeper = keeper(budget);
    String name = BudgetAccounts.cut(key);
    BudgetWindow window = keeper.window(clock.now().toEpochMilli());
    BudgetStore store = storeOf(keeper);
    SortedMap<Instant, Cost> history = new TreeMap<>();
    if (store != null) {
      store
          .history(budget, name, RollingPeriod.SLICES + 1)
          .forEach((start, spent) -> history.put(start, keeper.unit().cost(spent)));
      return history;
    }
    BudgetAccount account = keeper.accounts().get(name);
    if (account != null) {
      account
          .history(window)
          .forEach((start, spent) -> history.put(start, keeper.unit().cost(spent)));
    }
    return history;
  }

  /**
   * Raises the limit of a budget for a key for a while, beyond the end of the window if need be.
   * Replaces an earlier increase; zero ends it. Marks are shares of the raised limit meanwhile.
   *
   * @throws IllegalArgumentException if the amount is negative, or there is no such budget
   * @throws IllegalStateException if the budget is kept in this process, which keeps so many other
   *     keys that it has no room for this one
   */
  public void increase(String budget, String key, Cost by, Instant until) {
    if (by.signum() < 0) {
      throw new IllegalArgumentException("an increase must not be negative: " + by);
    }
    BudgetKeeper keeper = keeper(budget);
    String name = BudgetAccounts.cut(key);
    long amount = keeper.unit().count(by);
    BudgetStore store = storeOf(keeper);
    if (store == null) {
      keeper.accounts().increase(name, amount, until);
    } else {
      store.increase(budget, name, amount, until);
    }
    tell(BudgetEvent.Type.INCREASED, keeper, name);
  }

  /**
   * Forgets what is spent for a key in the current window. What running calls have reserved stays,
   * and so do increases.
   *
   * @throws IllegalArgumentException if there is no such budget
   */
  public void reset(String budget, String key) {
    BudgetKeeper keeper = keeper(budget);
    BudgetWindow window = keeper.window(clock.now().toEpochMilli());
    BudgetStore store = storeOf(keeper);
    String name = BudgetAccounts.cut(key);
    BudgetAccount account = keeper.accounts().get(name);
    if (account != null) {
      account.reset();
    }
    if (store != null) {
      store.reset(budget, name, window);
    }
    tell(BudgetEvent.Type.RESET, keeper, name);
  }

  /**
   * The cheaper model that a budget of this process asks for before anything is reserved, so that
   * its own price is; null where none does. Those in a store tell with a {@linkplain
   * Reservation#downgrade reservation} only.
   */
  @Nullable String downgrade(String model, Attributes attributes) {
    if (!downgrading) {
      return null; // without a look at the clock
    }
    Budget.Downgrade downgrade = local.downgrade(attributes, clock.now().toEpochMilli());
    return downgrade == null ? null : downgraded(downgrade, model);
  }

  /**
   * Charges the budgets of this process with what a ledger says was spent in their windows.
   *
   * @throws LedgerException if it cannot be read
   */
  void seed(UsageLedger ledger, ZoneId zone) {
    new BudgetSeed(ledger, zone, clock.now())
        .sow(keepers.stream().filter(keeper -> storeOf(keeper) == null).toList());
  }

  /** Whether a budget counts the runs of agents. */
  boolean countRuns() {
    return ofRuns;
  }

  /**
   * Takes an amount from every budget.
   *
   * @throws BudgetExceededException if it does not fit in one of them; then nothing is taken from
   *     any
   * @throws BudgetUnavailableException if the store is away and a budget rejects then
   */
  Reservation reserve(Cost amount, Attributes attributes, Consumer<BudgetEvent> events) {
    if (keepers.isEmpty()) {
      return Reservation.NONE;
    }
    long now = clock.now().toEpochMilli();
    Reservation reservation = local.reserve(this, amount, attributes, now, events);
    if (shared != null) {
      try {
        shared.reserve(reservation, amount, attributes, now, events);
      } catch (Throwable t) {
        local.release(reservation);
        throw t;
      }
    }
    return reservation;
  }

  /**
   * Ends a reservation with what the call has cost; spends that too where it has ended before.
   *
   * @param at the time now, which callers know: to read the clock costs more than all the rest
   */
  void spend(
      Reservation reservation,
      Cost cost,
      Attributes attributes,
      Instant at,
      Consumer<BudgetEvent> events) {
    if (keepers.isEmpty()) {
      return;
    }
    long now = at.toEpochMilli();
    boolean held = reservation.end();
    if (held) {
      local.settle(reservation, cost, attributes, now, events);
    } else {
      local.spend(cost, attributes, now, events);
    }
    if (shared != null) {
      shared.settle(held ? reservation.shared() : null, cost, attributes, now, events);
    }
  }

  /** Gives back what a reservation that has ended holds. */
  void release(Reservation reservation) {
    local.release(reservation);
    if (shared != null && reservation.shared() != null) {
      shared.settle(
          reservation.shared(),
          Cost.ZERO,
          Attributes.empty(),
          clock.now().toEpochMilli(),
          listeners);
    }
  }

  @Nullable String downgraded(Budget.Downgrade downgrade, String model) {
    try {
      String cheaper = downgrade.cheaper().apply(model);
      return cheaper == null || cheaper.isBlank() || cheaper.equals(model) ? null : cheaper;
    } catch (RuntimeException e) {
      faults.report("the choice of a cheaper model", e);
      return null;
    }
  }

  long overflow() {
    return keepers.stream().mapToLong(keeper -> keeper.accounts().overflow()).sum();
  }

  void close() {
    if (store != null) {
      store.close();
    }
  }

  private BudgetStatus status(BudgetKeeper keeper, String key, long now) {
    BudgetStore store = storeOf(keeper);
    BudgetAccount account = keeper.accounts().get(key);
    BudgetBalance balance =
        store != null
            ? store.balance(keeper.entry(key, now))
            : account == null
                ? BudgetBalance.of(0, 0, keeper.limit())
                : account.balance(keeper.window(now), keeper.limit(), now);
    return keeper.status(key, balance, now);
  }

  private BudgetKeeper keeper(String budget) {
    return keepers.stream()
        .filter(keeper -> keeper.budget().name().equals(budget))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no budget is named '" + budget + "'"));
  }

  private @Nullable BudgetStore storeOf(BudgetKeeper keeper) {
    return keeper.shared() ? store : null;
  }

  private void tell(BudgetEvent.Type type, BudgetKeeper keeper, String key) {
    BudgetStatus status = status(keeper.budget().name(), key);
    listeners.accept(
        BudgetEvent.builder()
            .timestamp(clock.now())
            .budget(keeper.budget().name())
            .key(key)
            .type(type)
            .spent(status.spent())
            .limit(status.limit())
            .resetsAt(status.resetsAt())
            .build());
  }
}

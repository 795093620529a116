package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.event.BudgetEvent;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The budgets that are kept in this process: a call passes each of them or none. Thread-safe,
 * without locks.
 */
final class LocalBudgets {

  private final BudgetKeeper[] keepers;

  LocalBudgets(List<BudgetKeeper> keepers) {
    this.keepers = keepers.toArray(new BudgetKeeper[0]);
  }

  /**
   * Takes an amount from every budget.
   *
   * @throws BudgetExceededException if it does not fit in one of them; then nothing is taken
   */
  Reservation reserve(
      Budgets budgets,
      Cost amount,
      Attributes attributes,
      long nowMillis,
      Consumer<BudgetEvent> events) {
    @Nullable BudgetAccount[] accounts = new BudgetAccount[keepers.length];
    lookFirst(accounts, amount, attributes, nowMillis, events);
    Reservation reservation = new Reservation(budgets, accounts, new long[keepers.length]);
    for (int i = 0; i < keepers.length; i++) {
      BudgetAccount account = accounts[i];
      if (account != null && !take(reservation, i, account, amount, attributes, nowMillis)) {
        release(reservation, i);
        throw refusal(keepers[i], account, amount, nowMillis, attributes, events);
      }
    }
    return reservation;
  }

  /** The downgrade of the highest share that is reached, of two the first; null for none. */
  Budget.@Nullable Downgrade downgrade(Attributes attributes, long nowMillis) {
    Budget.Downgrade highest = null;
    for (BudgetKeeper keeper : keepers) {
      BudgetAccount account =
          keeper.marks().downgrading() ? keeper.accounts().of(attributes) : null;
      if (account != null) {
        BudgetBalance balance =
            account.balance(keeper.window(nowMillis), keeper.limit(), nowMillis);
        Budget.Downgrade one = keeper.marks().downgrade(balance.spent(), balance.limit());
        if (one != null && (highest == null || one.share() > highest.share())) {
          highest = one;
        }
      }
    }
    return highest;
  }

  /** Gives back what is held. */
  void release(Reservation reservation) {
    release(reservation, keepers.length);
  }

  /** Gives back what is held, and spends the real cost. */
  void settle(
      Reservation reservation,
      Cost cost,
      Attributes attributes,
      long nowMillis,
      Consumer<BudgetEvent> events) {
    @Nullable BudgetAccount[] accounts = reservation.accounts();
    for (int i = 0; i < keepers.length; i++) {
      BudgetAccount account = accounts[i];
      if (account != null) {
        settle(account, reservation.held()[i], cost, attributes, nowMillis, events);
      }
    }
  }

  /** Spends what was never reserved. */
  void spend(Cost cost, Attributes attributes, long nowMillis, Consumer<BudgetEvent> events) {
    for (BudgetKeeper keeper : keepers) {
      BudgetAccount account = keeper.accounts().of(attributes);
      if (account != null) {
        settle(account, 0, cost, attributes, nowMillis, events);
      }
    }
  }

  /**
   * Finds the accounts, and refuses where there is no room, before anything is taken: so a call
   * that a later budget refuses hardly ever takes room from others in the budgets before.
   */
  private void lookFirst(
      @Nullable BudgetAccount[] accounts,
      Cost amount,
      Attributes attributes,
      long nowMillis,
      Consumer<BudgetEvent> events) {
    for (int i = 0; i < keepers.length; i++) {
      BudgetKeeper keeper = keepers[i];
      BudgetWindow window = keeper.window(nowMillis);
      BudgetAccount account = keeper.accounts().of(attributes);
      accounts[i] = account;
      if (account != null
          && keeper.rejecting()
          && !account.fits(window, keeper.reserved(amount), keeper.limit(), nowMillis)) {
        throw refusal(keeper, account, amount, nowMillis, attributes, events);
      }
    }
  }

  private boolean take(
      Reservation reservation,
      int i,
      BudgetAccount found,
      Cost amount,
      Attributes attributes,
      long nowMillis) {
    BudgetKeeper keeper = keepers[i];
    BudgetWindow window = keeper.window(nowMillis);
    BudgetAccount account = found;
    long wanted = keeper.reserved(amount);
    long held = account.reserve(window, wanted, keeper.limit(), keeper.rejecting(), nowMillis);
    while (held == BudgetAccount.GONE && account != null) {
      account = keeper.accounts().of(attributes);
      reservation.accounts()[i] = account;
      held =
          account == null
              ? 0
              : account.reserve(window, wanted, keeper.limit(), keeper.rejecting(), nowMillis);
    }
    if (held == BudgetAccount.REFUSED) {
      return false;
    }
    reservation.held()[i] = held;
    if (keeper.marks().downgrading() && account != null) {
      BudgetBalance balance = account.balance(window, keeper.limit(), nowMillis);
      reservation.downgradeBy(keeper.marks().downgrade(balance.spent(), balance.limit()));
    }
    return true;
  }

  private static void settle(
      BudgetAccount found,
      long held,
      Cost cost,
      Attributes attributes,
      long nowMillis,
      Consumer<BudgetEvent> events) {
    BudgetKeeper keeper = found.keeper();
    BudgetWindow window = keeper.window(nowMillis);
    BudgetAccount account = found;
    long amount = keeper.unit().count(cost);
    long spent = account.settle(window, held, amount);
    while (spent == Long.MIN_VALUE) { // closed, so that nothing of it is held
      account = keeper.accounts().open(account.key());
      spent = account.settle(window, 0, amount);
    }
    long limit = account.limit(keeper.limit(), nowMillis);
    if (keeper.marks().reached(spent, limit) || limit != keeper.limit()) {
      long reserved = account.balance(window, limit, nowMillis).reserved();
      BudgetBalance balance = BudgetBalance.settled(spent - amount, spent, reserved, limit);
      keeper.tellMarks(account, balance, nowMillis, attributes, events);
    }
  }

  /** Gives back what is held of the first budgets. */
  private static void release(Reservation reservation, int count) {
    @Nullable BudgetAccount[] accounts = reservation.accounts();
    for (int i = 0; i < count; i++) {
      BudgetAccount account = accounts[i];
      if (account != null) {
        account.release(reservation.held()[i]);
      }
    }
  }

  private static BudgetExceededException refusal(
      BudgetKeeper keeper,
      BudgetAccount account,
      Cost amount,
      long nowMillis,
      Attributes attributes,
      Consumer<BudgetEvent> events) {
    BudgetBalance balance = account.balance(keeper.window(nowMillis), keeper.limit(), nowMillis);
    return keeper.refusal(account.key(), balance, amount, nowMillis, attributes, events);
  }
}

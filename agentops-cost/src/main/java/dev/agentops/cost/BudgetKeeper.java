package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import dev.agentops.event.BudgetEvent;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one budget: an account a key, the marks that were passed, and the refusals. Thread-safe,
 * without locks.
 */
final class BudgetKeeper {

  /** The key of calls without the attribute. */
  static final String NO_VALUE = "(none)";

  private final Budget budget;
  private final ZoneId zone;
  private final int maximumKeys;
  private final List<Mark> marks = new ArrayList<>();
  private final ConcurrentHashMap<String, BudgetAccount> accounts = new ConcurrentHashMap<>();

  /** The accounts that no value of the attribute names, apart so that none can mean them. */
  private final ConcurrentHashMap<String, BudgetAccount> shared = new ConcurrentHashMap<>();

  /** The end of the period in which the accounts of earlier ones were removed. */
  private final AtomicReference<Instant> purgedUntil = new AtomicReference<>(Instant.MIN);

  private final LongAdder overflow = new LongAdder();

  BudgetKeeper(Budget budget, ZoneId zone, int maximumKeys) {
    this.budget = budget;
    this.zone = zone;
    this.maximumKeys = maximumKeys;
    for (double share : budget.warningMarks()) {
      BigDecimal amount = budget.limit().usd().multiply(BigDecimal.valueOf(share));
      marks.add(new Mark(BudgetEvent.Type.WARNING, share, Cost.usd(amount)));
    }
    marks.add(new Mark(BudgetEvent.Type.EXCEEDED, 1, budget.limit()));
  }

  /**
   * Takes an amount from what is left. A budget that does not reject lets everything pass, and
   * still counts it.
   *
   * @throws BudgetExceededException if it does not fit
   */
  Hold reserve(Cost amount, Attributes attributes, Instant now, Consumer<BudgetEvent> events) {
    BudgetAccount account = account(attributes, now);
    while (true) {
      Balance before = account.balance();
      if (budget.rejecting() && !before.fits(amount, budget.limit())) {
        events.accept(event(BudgetEvent.Type.REJECTED, 1, account, before, now, attributes));
        Duration left = Duration.between(now, account.resetsAt());
        throw new BudgetExceededException(
            budget,
            account.key(),
            before,
            amount,
            account.resetsAt(),
            left.isNegative() ? Duration.ZERO : left);
      }
      Cost held = budget.rejecting() ? before.atMostLeft(amount, budget.limit()) : amount;
      if (account.compareAndSet(before, before.reserve(held))) {
        return new Hold(this, account, held);
      }
    }
  }

  /**
   * Counts what a call has cost and gives back what was held for it, if anything was. Passing the
   * limit is told, not refused.
   */
  void spend(
      @Nullable Hold hold,
      Cost cost,
      Attributes attributes,
      Instant now,
      Consumer<BudgetEvent> events) {
    BudgetAccount account = account(attributes, now);
    boolean held = hold != null && hold.account.sameBalance(account);
    if (hold != null && !held) {
      hold.release();
    }
    Cost back = hold != null && held ? hold.amount : Cost.ZERO;
    account.update(balance -> balance.settle(back, cost));
    tellMarks(account, attributes, now, events);
  }

  /** How many calls were counted together because the map of keys was full. */
  long overflow() {
    return overflow.sum();
  }

  private void tellMarks(
      BudgetAccount account, Attributes attributes, Instant now, Consumer<BudgetEvent> events) {
    while (true) {
      Balance balance = account.balance();
      int next = balance.told();
      if (next == marks.size() || balance.spent().compareTo(marks.get(next).amount) < 0) {
        return;
      }
      if (account.compareAndSet(balance, balance.told(next + 1))) { // whoever wins tells it, once
        Mark mark = marks.get(next);
        events.accept(event(mark.type, mark.share, account, balance, now, attributes));
      }
    }
  }

  private BudgetEvent event(
      BudgetEvent.Type type,
      double share,
      BudgetAccount account,
      Balance balance,
      Instant now,
      Attributes attributes) {
    return new BudgetEvent(
        now,
        budget.name(),
        account.key(),
        type,
        share,
        balance.spent(),
        budget.limit(),
        account.resetsAt(),
        attributes);
  }

  private BudgetAccount account(Attributes attributes, Instant now) {
    String attribute = budget.attribute().orElse(null);
    if (attribute == null) {
      return account(shared, "", now);
    }
    String value = attributes.text(attribute);
    if (value == null) {
      return account(shared, NO_VALUE, now);
    }
    if (!accounts.containsKey(value) && full(now)) {
      overflow.increment();
      return account(shared, UsageLedger.OVERFLOW, now);
    }
    return account(accounts, value, now);
  }

  /** Looks for accounts of past periods once a period: until it ends, none becomes free. */
  private boolean full(Instant now) {
    if (accounts.size() < maximumKeys) {
      return false;
    }
    Instant end = budget.period().end(now, zone);
    if (!end.equals(purgedUntil.getAndSet(end))) {
      accounts.values().removeIf(old -> old.over(now));
    }
    return accounts.size() >= maximumKeys;
  }

  private BudgetAccount account(
      ConcurrentHashMap<String, BudgetAccount> of, String key, Instant now) {
    BudgetAccount account = of.get(key);
    return account == null || account.over(now) || account.ahead(now)
        ? Objects.requireNonNull(of.compute(key, (ignored, old) -> current(key, old, now)))
        : account;
  }

  /**
   * The account of the current period. Where the clock was ahead and came back, what was spent
   * meanwhile stays spent, but only until this period ends.
   */
  private BudgetAccount current(String key, @Nullable BudgetAccount old, Instant now) {
    Instant end = budget.period().end(now, zone);
    if (old == null || old.over(now)) {
      return new BudgetAccount(key, now, end);
    }
    return old.resetsAt().isAfter(end) ? old.movedTo(now, end) : old;
  }

  /** An amount of the limit that is told when it is reached. */
  private record Mark(BudgetEvent.Type type, double share, Cost amount) {}

  /** A part of a budget that is held for a running call. */
  static final class Hold {

    private final BudgetKeeper keeper;
    private final BudgetAccount account;
    private final Cost amount;

    private Hold(BudgetKeeper keeper, BudgetAccount account, Cost amount) {
      this.keeper = keeper;
      this.account = account;
      this.amount = amount;
    }

    BudgetKeeper keeper() {
      return keeper;
    }

    void release() {
      account.update(balance -> balance.settle(amount, Cost.ZERO));
    }
  }
}

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
import java.util.concurrent.ConcurrentHashMap;
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
    String key = key(attributes);
    BudgetAccount account = account(key, now);
    while (true) {
      Balance before = account.balance();
      if (budget.rejecting() && !before.fits(amount, budget.limit())) {
        events.accept(event(BudgetEvent.Type.REJECTED, 1, key, account, before, now, attributes));
        Duration left = Duration.between(now, account.resetsAt());
        throw new BudgetExceededException(
            budget,
            key,
            before,
            amount,
            account.resetsAt(),
            left.isNegative() ? Duration.ZERO : left);
      }
      if (account.compareAndSet(before, before.reserve(amount))) {
        return new Hold(this, account, amount);
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
    String key = key(attributes);
    BudgetAccount account = account(key, now);
    boolean held = hold != null && hold.account == account;
    if (hold != null && !held) {
      hold.release();
    }
    Cost back = hold != null && held ? hold.amount : Cost.ZERO;
    account.update(balance -> balance.settle(back, cost));
    tellMarks(account, key, attributes, now, events);
  }

  /** How many calls were counted together because the map of keys was full. */
  long overflow() {
    return overflow.sum();
  }

  private void tellMarks(
      BudgetAccount account,
      String key,
      Attributes attributes,
      Instant now,
      Consumer<BudgetEvent> events) {
    while (true) {
      Balance balance = account.balance();
      int next = balance.told();
      if (next == marks.size() || balance.spent().compareTo(marks.get(next).amount) < 0) {
        return;
      }
      if (account.compareAndSet(balance, balance.told(next + 1))) { // whoever wins tells it, once
        Mark mark = marks.get(next);
        events.accept(event(mark.type, mark.share, key, account, balance, now, attributes));
      }
    }
  }

  private BudgetEvent event(
      BudgetEvent.Type type,
      double share,
      String key,
      BudgetAccount account,
      Balance balance,
      Instant now,
      Attributes attributes) {
    return new BudgetEvent(
        now,
        budget.name(),
        key,
        type,
        share,
        balance.spent(),
        budget.limit(),
        account.resetsAt(),
        attributes);
  }

  private String key(Attributes attributes) {
    String attribute = budget.attribute().orElse(null);
    if (attribute == null) {
      return "";
    }
    String value = attributes.text(attribute);
    return value == null ? NO_VALUE : value;
  }

  private BudgetAccount account(String key, Instant now) {
    BudgetAccount account = accounts.get(key);
    if (account != null && !account.over(now)) {
      return account;
    }
    if (account == null && accounts.size() >= maximumKeys) {
      accounts.values().removeIf(old -> old.over(now));
      if (accounts.size() >= maximumKeys && !key.equals(UsageLedger.OVERFLOW)) {
        overflow.increment();
        return account(UsageLedger.OVERFLOW, now);
      }
    }
    return accounts.compute(
        key,
        (ignored, old) ->
            old == null || old.over(now) ? new BudgetAccount(budget.period().end(now, zone)) : old);
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

package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Cost;
import dev.agentops.event.BudgetEvent;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What does not change from call to call of one budget: its limit and marks as numbers, its current
 * window, its accounts. Thread-safe, without locks for calls.
 */
final class BudgetKeeper {

  private final Budget budget;
  private final BudgetUnit unit;
  private final long limit;
  private final boolean rejecting;
  private final Marks marks;
  private final CurrentWindow windows;
  private final boolean shared;
  private final Clock clock;
  private final BudgetAccounts accounts;

  /** What was told last to those that look often; guarded by this. */
  private @Nullable Snapshot snapshot;

  /**
   * A keeper of a budget.
   *
   * @param shared whether its accounts are in a store
   */
  BudgetKeeper(Budget budget, ZoneId zone, Clock clock, int maximumKeys, boolean shared) {
    this.budget = budget;
    this.shared = shared;
    this.clock = clock;
    this.unit = BudgetUnit.of(budget.limit());
    this.limit = unit.count(budget.limit());
    this.rejecting = budget.rejecting();
    this.marks = new Marks(budget, unit);
    this.windows = new CurrentWindow(budget.period(), budget.zone().orElse(zone), nowMillis());
    this.accounts = new BudgetAccounts(this, maximumKeys);
  }

  Budget budget() {
    return budget;
  }

  /** Whether the accounts are in a store, so that those here only say which keys there are. */
  boolean shared() {
    return shared;
  }

  /** The time, for what is done seldom: callers that know it say so. */
  long nowMillis() {
    return clock.now().toEpochMilli();
  }

  BudgetUnit unit() {
    return unit;
  }

  long limit() {
    return limit;
  }

  boolean rejecting() {
    return rejecting;
  }

  Marks marks() {
    return marks;
  }

  BudgetAccounts accounts() {
    return accounts;
  }

  /** The window at this moment. */
  BudgetWindow window(long nowMillis) {
    return windows.at(nowMillis);
  }

  BudgetAccount newAccount(String key) {
    return new BudgetAccount(this, key, windows);
  }

  /** What of an estimate is to be reserved. */
  long reserved(Cost amount) {
    return Math.max(0, unit.count(amount));
  }

  /** An entry for a store, of no amount. */
  BudgetEntry entry(String key, long nowMillis) {
    return BudgetEntry.builder(budget.name(), key)
        .window(window(nowMillis))
        .limit(limit)
        .rejecting(rejecting)
        .build();
  }

  /** What was told not longer than a while ago, asked for again if need be. */
  synchronized List<BudgetStatus> latest(
      int most, Duration age, Supplier<List<BudgetStatus>> statuses) {
    long now = nowMillis();
    Snapshot last = snapshot;
    if (last == null
        || last.most != most
        || now < last.atMillis
        || now - last.atMillis > age.toMillis()) {
      last = new Snapshot(now, most, statuses.get());
      snapshot = last;
    }
    return last.statuses;
  }

  /** Tells the marks that a settlement passed. */
  void tellMarks(
      BudgetAccount account,
      BudgetBalance balance,
      long nowMillis,
      Attributes attributes,
      Consumer<BudgetEvent> events) {
    long limitBefore = account.limitBefore(balance.limit());
    for (int i = 0; i < marks.size(); i++) {
      if (marks.passed(i, balance, limitBefore) && firstTime(account, i, nowMillis)) {
        Marks.Mark mark = marks.get(i);
        events.accept(
            event(mark.type(), account.key(), balance, nowMillis)
                .share(mark.share())
                .attributes(attributes)
                .build());
      }
    }
  }

  /** Tells of a refusal, and returns the exception to throw. */
  BudgetExceededException refusal(
      String key,
      BudgetBalance balance,
      Cost amount,
      long nowMillis,
      Attributes attributes,
      Consumer<BudgetEvent> events) {
    events.accept(
        event(BudgetEvent.Type.REJECTED, key, balance, nowMillis).attributes(attributes).build());
    return new BudgetExceededException(status(key, balance, nowMillis), amount, nowMillis);
  }

  BudgetEvent.Builder event(
      BudgetEvent.Type type, String key, BudgetBalance balance, long nowMillis) {
    return BudgetEvent.builder()
        .timestamp(Instant.ofEpochMilli(nowMillis))
        .budget(budget.name())
        .key(key)
        .type(type)
        .spent(unit.cost(balance.spent()))
        .limit(unit.cost(balance.limit()))
        .resetsAt(window(nowMillis).end());
  }

  BudgetStatus status(String key, BudgetBalance balance, long nowMillis) {
    return new BudgetStatus(
        budget,
        key,
        unit.cost(balance.spent()),
        unit.cost(balance.reserved()),
        unit.cost(balance.limit()),
        window(nowMillis).end());
  }

  /**
   * Whether a mark was not told in the time that a rolling window spans, in which spending passes
   * it again and again; in others it passes it once.
   */
  private boolean firstTime(BudgetAccount account, int mark, long nowMillis) {
    BudgetWindow window = window(nowMillis);
    long rolling = window.startMillis() - window.countsFromMillis();
    return rolling == 0 || account.tells(mark, marks.size(), nowMillis, nowMillis + rolling);
  }

  private record Snapshot(long atMillis, int most, List<BudgetStatus> statuses) {}
}

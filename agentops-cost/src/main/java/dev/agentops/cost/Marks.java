package dev.agentops.cost;

import dev.agentops.Cost;
import dev.agentops.event.BudgetEvent;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The shares of a budget's limit that mean something when spending reaches them. Immutable. */
final class Marks {

  private final BudgetUnit unit;
  private final long limit;
  private final boolean downgrading;
  private final List<Mark> marks = new ArrayList<>();

  /** In the order of the marks, for the limit without an increase. */
  private final long[] amounts;

  Marks(Budget budget, BudgetUnit unit) {
    this.unit = unit;
    this.limit = unit.count(budget.limit());
    this.downgrading = !budget.downgrades().isEmpty();
    budget
        .warningMarks()
        .forEach(share -> marks.add(new Mark(BudgetEvent.Type.WARNING, share, null)));
    budget
        .downgrades()
        .forEach(to -> marks.add(new Mark(BudgetEvent.Type.DOWNGRADED, to.share(), to)));
    marks.add(new Mark(BudgetEvent.Type.EXCEEDED, 1, null));
    marks.sort(Comparator.comparingDouble(Mark::share)); // stable: the limit comes last
    amounts = marks.stream().mapToLong(mark -> amount(mark.share, limit)).toArray();
  }

  int size() {
    return amounts.length;
  }

  Mark get(int mark) {
    return marks.get(mark);
  }

  /** Whether spending this much reaches any. */
  boolean reached(long spent, long limit) {
    return spent >= amount(0, limit);
  }

  /**
   * Whether spending went from below a mark to it or beyond, which it also does where an increase
   * has ended.
   *
   * @param limitBefore the limit before the settlement, not less than now
   */
  boolean passed(int mark, BudgetBalance balance, long limitBefore) {
    return balance.spentBefore() < amount(mark, limitBefore)
        && amount(mark, balance.limit()) <= balance.spent();
  }

  boolean downgrading() {
    return downgrading;
  }

  /** The downgrade that holds after this much is spent; null for none. */
  Budget.@Nullable Downgrade downgrade(long spent, long limit) {
    for (int mark = amounts.length - 1; mark >= 0; mark--) {
      Budget.Downgrade downgrade = marks.get(mark).downgrade;
      if (downgrade != null && spent >= amount(mark, limit)) {
        return downgrade;
      }
    }
    return null;
  }

  private long amount(int mark, long limit) {
    return limit == this.limit ? amounts[mark] : amount(marks.get(mark).share, limit);
  }

  private long amount(double share, long limit) {
    return share == 1
        ? limit
        : unit.count(Cost.usd(unit.cost(limit).usd().multiply(BigDecimal.valueOf(share))));
  }

  /** A share of the limit that is told when it is reached. */
  record Mark(BudgetEvent.Type type, double share, Budget.@Nullable Downgrade downgrade) {}
}

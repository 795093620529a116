package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Cost;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Brings the budgets of this process to what a ledger says was spent in their windows, so that a
 * restart does not begin them anew. Runs before the budgets are used.
 *
 * <p>Days, weeks, months and lifetimes are read from totals, where one attribute at most is asked
 * for and the ledger's days are the budget's; hours and rolling windows, other zones and several
 * attributes from the records of the window.
 */
final class BudgetSeed {

  private final UsageLedger ledger;
  private final ZoneId zone;
  private final Instant now;

  /**
   * A seed.
   *
   * @param zone of budgets that have none of their own
   */
  BudgetSeed(UsageLedger ledger, ZoneId zone, Instant now) {
    this.ledger = ledger;
    this.zone = zone;
    this.now = now;
  }

  /**
   * Charges the budgets.
   *
   * @throws LedgerException if the ledger cannot be read; some budgets may be charged then
   */
  void sow(List<BudgetKeeper> keepers) {
    List<BudgetKeeper> byRecord = new ArrayList<>();
    for (BudgetKeeper keeper : keepers) {
      if (keeper.budget().ofRuns()) {
        continue; // no run outlives its process
      }
      if (isOfWholeDays(keeper)) {
        sowTotals(keeper);
      } else {
        byRecord.add(keeper);
      }
    }
    if (!byRecord.isEmpty()) {
      sowRecords(byRecord);
    }
  }

  private boolean isOfWholeDays(BudgetKeeper keeper) {
    Budget budget = keeper.budget();
    boolean calendar =
        budget.period() instanceof CalendarPeriod
            && budget.zone().orElse(zone).getRules().equals(ledger.zone().getRules());
    return budget.attributes().size() <= 1
        && (calendar || budget.period() == BudgetPeriod.LIFETIME);
  }

  private void sowTotals(BudgetKeeper keeper) {
    UsageQuery query = UsageQuery.all();
    if (keeper.budget().period() != BudgetPeriod.LIFETIME) {
      long start = window(keeper).startMillis();
      query =
          UsageQuery.between(
              LocalDate.ofInstant(Instant.ofEpochMilli(start), ledger.zone()),
              LocalDate.ofInstant(now, ledger.zone()).plusDays(1));
    }
    Cost rest = ledger.totals(query).totalCost();
    String attribute = keeper.budget().attribute().orElse(null);
    if (attribute != null) {
      for (Map.Entry<String, CostStatistics> of : ledger.totalsBy(attribute, query).entrySet()) {
        Cost cost = of.getValue().totalCost();
        charge(keeper, Attributes.of(attribute, of.getKey()), cost, window(keeper));
        rest = rest.minus(cost);
      }
    }
    charge(keeper, Attributes.empty(), rest, window(keeper)); // those without the attribute
  }

  private void sowRecords(List<BudgetKeeper> keepers) {
    long from = Long.MAX_VALUE;
    for (BudgetKeeper keeper : keepers) {
      from = Math.min(from, window(keeper).countsFromMillis());
    }
    long[] countsFrom =
        keepers.stream().mapToLong(keeper -> window(keeper).countsFromMillis()).toArray();
    ledger.records(
        Instant.ofEpochMilli(from),
        now.plusMillis(1),
        record -> {
          long at = record.timestamp().toEpochMilli();
          for (int i = 0; i < countsFrom.length; i++) {
            if (at >= countsFrom[i]) {
              BudgetKeeper keeper = keepers.get(i);
              Cost cost = record.cost().or(record::lowestCost).orElse(Cost.ZERO);
              charge(keeper, record.attributes(), cost, keeper.window(at)); // oldest first
            }
          }
        });
  }

  private BudgetWindow window(BudgetKeeper keeper) {
    return keeper.window(now.toEpochMilli());
  }

  private static void charge(
      BudgetKeeper keeper, Attributes attributes, Cost cost, BudgetWindow window) {
    BudgetAccount account = cost.signum() > 0 ? keeper.accounts().of(attributes) : null;
    if (account != null) {
      account.settle(window, 0, keeper.unit().count(cost));
    }
  }
}

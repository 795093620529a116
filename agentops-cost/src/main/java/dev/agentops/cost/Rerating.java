package dev.agentops.cost;

import dev.agentops.Cost;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;

/**
 * What a ledger's records would cost at other prices: a difference to look at, and to {@link
 * #apply()} if wanted. Nothing else ever changes what a record has cost.
 *
 * <p>Covers the records that the ledger still keeps; what was removed keeps its price. A cost that
 * the provider reported stays; only what was calculated beside it changes. Budgets are not
 * reopened. Thread-safe.
 */
public final class Rerating {

  /** {@value} of the changes are kept to look at. */
  public static final int MAXIMUM_CHANGES = 100;

  private static final Comparator<Change> SMALLEST_FIRST =
      Comparator.comparing(change -> abs(change.difference()));

  private final UsageLedger ledger;
  private final Rater rater;
  private final Instant from;
  private final Instant until;
  private final String version;
  private final PriorityQueue<Change> largest = new PriorityQueue<>(SMALLEST_FIRST);
  private final Map<String, Cost> byModel = new TreeMap<>();
  private long records;
  private long changed;
  private long newlyPriced;
  private long noLongerPriced;
  private Cost before = Cost.ZERO;
  private Cost after = Cost.ZERO;

  private Rerating(UsageLedger ledger, PriceCatalog catalog, Instant from, Instant until) {
    this.ledger = ledger;
    this.rater = new Rater(catalog);
    this.from = from;
    this.until = until;
    this.version = catalog.version();
  }

  /** Compares without changing anything. */
  static Rerating of(UsageLedger ledger, PriceCatalog catalog, Instant from, Instant until) {
    Rerating rerating = new Rerating(ledger, catalog, from, until);
    ledger.records(from, until, rerating::compare);
    return rerating;
  }

  /** The version of the prices that were asked. */
  public String version() {
    return version;
  }

  /** How many records were compared. */
  public long records() {
    return records;
  }

  /** How many of them would cost something else, or would be priced only then or only now. */
  public long changed() {
    return changed;
  }

  /** How many have no price now and would have one. */
  public long newlyPriced() {
    return newlyPriced;
  }

  /** How many have a price now and would have none; {@link #apply()} leaves those alone. */
  public long noLongerPriced() {
    return noLongerPriced;
  }

  /** What the compared records cost now. */
  public Cost before() {
    return before;
  }

  /** What they would cost. */
  public Cost after() {
    return after;
  }

  /** What they would cost more; negative where less. */
  public Cost difference() {
    return after.minus(before);
  }

  /** The difference of each model that has one, ordered by name; unmodifiable. */
  public Map<String, Cost> differenceByModel() {
    return Collections.unmodifiableMap(byModel);
  }

  /** The changes with the largest difference, those first; at most {@value #MAXIMUM_CHANGES}. */
  public List<Change> largestChanges() {
    List<Change> changes = new ArrayList<>(largest);
    changes.sort(SMALLEST_FIRST.reversed());
    return changes;
  }

  /**
   * Gives the records their new cost and price version, and moves all totals by the difference. May
   * be repeated: a record that has the cost already is left alone.
   *
   * @return how many records were changed
   * @throws LedgerException if the ledger fails; what was changed until then stays changed
   */
  public long apply() {
    long[] applied = {0};
    ledger.records(
        from,
        until,
        record -> {
          UsageRecord rerated = rerated(record);
          if (differs(record, rerated) && !losesItsPrice(record, rerated)) {
            applied[0] += ledger.replace(rerated) ? 1 : 0;
          }
        });
    return applied[0];
  }

  @Override
  public String toString() {
    return "Rerating{"
        + version
        + ": "
        + changed
        + " of "
        + records
        + " records, "
        + before
        + " to "
        + after
        + ", "
        + byModel
        + '}';
  }

  private void compare(UsageRecord record) {
    if (record.isTask() || record.isCacheHit()) {
      return;
    }
    records++;
    UsageRecord rerated = rerated(record);
    Cost old = record.cost().orElse(Cost.ZERO);
    Cost now = rerated.cost().orElse(Cost.ZERO);
    before = before.plus(old);
    after = after.plus(losesItsPrice(record, rerated) ? old : now);
    noLongerPriced += losesItsPrice(record, rerated) ? 1 : 0;
    newlyPriced += record.cost().isEmpty() && rerated.cost().isPresent() ? 1 : 0;
    if (!differs(record, rerated)) {
      return;
    }
    changed++;
    if (!losesItsPrice(record, rerated)) {
      Change change = new Change(record, rerated);
      if (!change.difference().isZero()) {
        byModel.merge(record.model(), change.difference(), Cost::plus);
      }
      largest.add(change);
      if (largest.size() > MAXIMUM_CHANGES) {
        largest.remove();
      }
    }
  }

  private UsageRecord rerated(UsageRecord record) {
    return record.isTask() || record.isCacheHit() ? record : rater.rerate(record);
  }

  private static boolean losesItsPrice(UsageRecord record, UsageRecord rerated) {
    return record.cost().isPresent() && rerated.cost().isEmpty();
  }

  private static boolean differs(UsageRecord record, UsageRecord rerated) {
    return !record.cost().equals(rerated.cost())
        || !record.calculatedCost().equals(rerated.calculatedCost())
        || !record.lowestCost().equals(rerated.lowestCost())
        || !record.highestCost().equals(rerated.highestCost());
  }

  private static Cost abs(Cost cost) {
    return cost.signum() < 0 ? Cost.ZERO.minus(cost) : cost;
  }

  /** One record and what would become of it. Immutable. */
  public static final class Change {

    private final UsageRecord before;
    private final UsageRecord after;

    private Change(UsageRecord before, UsageRecord after) {
      this.before = before;
      this.after = after;
    }

    /** The record as it is. */
    public UsageRecord before() {
      return before;
    }

    /** The record as it would be. */
    public UsageRecord after() {
      return after;
    }

    /** What it would cost more; negative where less. An unknown cost counts as none. */
    public Cost difference() {
      return after.cost().orElse(Cost.ZERO).minus(before.cost().orElse(Cost.ZERO));
    }

    @Override
    public String toString() {
      return "Change{" + before.model() + ", " + before.cost() + " to " + after.cost() + '}';
    }
  }
}

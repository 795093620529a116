package dev.agentops.cost;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The settlements that a store could not take yet, oldest first. Those that only give something
 * back go last, and first where there is no room: their lease does the same. Bounded; thread-safe.
 */
final class PendingSettlements {

  private final int maximum;
  private final ArrayDeque<Settlement> charges = new ArrayDeque<>();
  private final ArrayDeque<Settlement> releases = new ArrayDeque<>();
  private int taken;
  private long lost;

  PendingSettlements(int maximum) {
    this.maximum = maximum;
  }

  /** Keeps a settlement; where there is no room for a charge, one is lost, and counted as such. */
  synchronized void add(Settlement settlement) {
    if (size() < maximum) {
      queue(settlement).addLast(settlement);
    } else if (settlement.charges()) {
      if (releases.pollFirst() == null) {
        lost++;
      } else {
        charges.addLast(settlement);
      }
    }
  }

  /** The one to be delivered next, or null; waits on until it is delivered, lost or put back. */
  synchronized @Nullable Settlement take() {
    Settlement charge = charges.pollFirst();
    Settlement next = charge == null ? releases.pollFirst() : charge;
    taken += next == null ? 0 : 1;
    return next;
  }

  synchronized void delivered() {
    taken--;
  }

  /** Keeps one again that was taken. */
  synchronized void putBack(Settlement settlement) {
    taken--;
    queue(settlement).addFirst(settlement);
  }

  /** Gives up one that was taken. */
  synchronized void loseTaken(Settlement settlement) {
    taken--;
    lose(settlement);
  }

  synchronized int size() {
    return charges.size() + releases.size() + taken;
  }

  synchronized long lost() {
    return lost;
  }

  /** Gives up one that never waited. */
  synchronized void lose(Settlement settlement) {
    lost += settlement.charges() ? 1 : 0;
  }

  /** Gives up what is left, and says how many charges that are. */
  synchronized int loseAll() {
    int left = charges.size();
    lost += left;
    charges.clear();
    releases.clear();
    return left;
  }

  private ArrayDeque<Settlement> queue(Settlement settlement) {
    return settlement.charges() ? charges : releases;
  }

  record Settlement(String id, List<BudgetEntry> entries) {

    /** Whether it does more than to give back what is held. */
    boolean charges() {
      return entries.stream().anyMatch(entry -> entry.amount() != 0);
    }
  }
}

package dev.agentops.cost;

import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The settlements that a store could not take yet, oldest first. Bounded; thread-safe. */
final class PendingSettlements {

  private final int maximum;
  private final ArrayDeque<Settlement> queue = new ArrayDeque<>();
  private long lost;

  PendingSettlements(int maximum) {
    this.maximum = maximum;
  }

  /** Keeps a settlement; where there is no room for it, it is lost, and counted as such. */
  synchronized void add(Settlement settlement) {
    if (queue.size() >= maximum) {
      lost++;
    } else {
      queue.add(settlement);
    }
  }

  /** Keeps one again that was taken. */
  synchronized void putBack(Settlement settlement) {
    queue.addFirst(settlement);
  }

  synchronized @Nullable Settlement take() {
    return queue.poll();
  }

  synchronized int size() {
    return queue.size();
  }

  synchronized long lost() {
    return lost;
  }

  /** Gives up what is left, and says how many that are. */
  synchronized int loseAll() {
    int left = queue.size();
    lost += left;
    queue.clear();
    return left;
  }

  record Settlement(String id, List<BudgetEntry> entries) {}
}

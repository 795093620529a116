package dev.agentops.cost;

import java.util.List;

/** Whether a store has reserved what was asked for. Immutable. */
public final class BudgetDecision {

  private static final int NONE = -1;

  private final int refused;
  private final List<BudgetBalance> balances;

  private BudgetDecision(int refused, List<BudgetBalance> balances) {
    this.refused = refused;
    this.balances = List.copyOf(balances);
  }

  /**
   * Everything is reserved.
   *
   * @param balances one for each entry, in their order
   */
  public static BudgetDecision granted(List<BudgetBalance> balances) {
    return new BudgetDecision(NONE, balances);
  }

  /**
   * Nothing is reserved.
   *
   * @param entry the index of the first entry that has no room
   * @param balances one for each entry, in their order
   * @throws IllegalArgumentException if there is no such entry
   */
  public static BudgetDecision refused(int entry, List<BudgetBalance> balances) {
    if (entry < 0 || entry >= balances.size()) {
      throw new IllegalArgumentException("no entry " + entry + " of " + balances.size());
    }
    return new BudgetDecision(entry, balances);
  }

  public boolean granted() {
    return refused == NONE;
  }

  /**
   * The index of the first entry that has no room.
   *
   * @throws IllegalStateException if everything is reserved
   */
  public int refused() {
    if (granted()) {
      throw new IllegalStateException("nothing was refused");
    }
    return refused;
  }

  /** The balances, one for each entry, in their order. */
  public List<BudgetBalance> balances() {
    return balances;
  }
}

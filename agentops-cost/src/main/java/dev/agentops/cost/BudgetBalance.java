package dev.agentops.cost;

/**
 * What has become of an account in a window so far, in the unit of its budget. Immutable.
 *
 * <p>Whoever settles learns what was spent before and after, so that each mark between the two is
 * told by exactly one of all processes.
 */
public final class BudgetBalance {

  private final long spentBefore;
  private final long spent;
  private final long reserved;
  private final long limit;

  private BudgetBalance(long spentBefore, long spent, long reserved, long limit) {
    this.spentBefore = spentBefore;
    this.spent = spent;
    this.reserved = reserved;
    this.limit = limit;
  }

  /** A balance that the request did not change. */
  public static BudgetBalance of(long spent, long reserved, long limit) {
    return new BudgetBalance(spent, spent, reserved, limit);
  }

  /** A balance after a settlement. */
  public static BudgetBalance settled(long spentBefore, long spent, long reserved, long limit) {
    return new BudgetBalance(spentBefore, spent, reserved, limit);
  }

  /** What was spent in the window before the settlement. */
  public long spentBefore() {
    return spentBefore;
  }

  /** What ended calls have cost in the window. */
  public long spent() {
    return spent;
  }

  /** What running calls may cost, in whichever window they began. */
  public long reserved() {
    return reserved;
  }

  /** What may be spent in the window: the limit of the entry and the increase that holds now. */
  public long limit() {
    return limit;
  }

  @Override
  public String toString() {
    return "BudgetBalance{spent " + spent + " and reserved " + reserved + " of " + limit + '}';
  }
}

package dev.agentops.cost;

import dev.agentops.Cost;

/**
 * What has become of a budget so far. Immutable.
 *
 * @param spent what ended calls have cost
 * @param reserved what running calls may cost
 * @param told how many of the marks have been told
 */
record Balance(Cost spent, Cost reserved, int told) {

  static final Balance NOTHING = new Balance(Cost.ZERO, Cost.ZERO, 0);

  /**
   * Whether an amount fits. Once all is spent or reserved nothing does, not even nothing; where
   * nothing is, anything does, so that an estimate above the limit does not close a budget for
   * good.
   */
  boolean fits(Cost amount, Cost limit) {
    Cost taken = spent.plus(reserved);
    return taken.isZero()
        || (taken.compareTo(limit) < 0 && taken.plus(amount).compareTo(limit) <= 0);
  }

  /** The amount, or what is left of the limit where that is less. */
  Cost atMostLeft(Cost amount, Cost limit) {
    Cost left = limit.minus(spent).minus(reserved);
    return amount.compareTo(left) > 0 ? left : amount;
  }

  Balance reserve(Cost amount) {
    return new Balance(spent, reserved.plus(amount), told);
  }

  /** Gives back a reservation and spends the real cost in one step. */
  Balance settle(Cost amount, Cost cost) {
    return new Balance(spent.plus(cost), reserved.minus(amount), told);
  }

  Balance told(int marks) {
    return new Balance(spent, reserved, marks);
  }
}

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

  /** Whether an amount fits. Once all is spent or reserved nothing does, not even nothing. */
  boolean fits(Cost amount, Cost limit) {
    Cost taken = spent.plus(reserved);
    return taken.compareTo(limit) < 0 && taken.plus(amount).compareTo(limit) <= 0;
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

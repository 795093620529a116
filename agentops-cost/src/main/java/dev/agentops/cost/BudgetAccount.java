package dev.agentops.cost;

import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;

/**
 * The balance of one key in one period. Compare-and-set only: no caller waits for another.
 *
 * <p>A call that ends after its period gives its reservation back here, where it no longer matters,
 * and spends in the new period.
 */
final class BudgetAccount {

  private final Instant resetsAt;
  private final AtomicReference<Balance> balance = new AtomicReference<>(Balance.NOTHING);

  BudgetAccount(Instant resetsAt) {
    this.resetsAt = resetsAt;
  }

  Instant resetsAt() {
    return resetsAt;
  }

  /**
   * Whether the period is over. A clock that goes back does not bring an old one back: what is
   * spent stays spent.
   */
  boolean over(Instant now) {
    return !now.isBefore(resetsAt);
  }

  Balance balance() {
    return Objects.requireNonNull(balance.get()); // set from the start
  }

  Balance update(UnaryOperator<Balance> change) {
    return balance.updateAndGet(change);
  }

  boolean compareAndSet(Balance expected, Balance next) {
    return balance.compareAndSet(expected, next);
  }
}

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

  private final String key;
  private final Instant openedAt;
  private final Instant resetsAt;
  private final AtomicReference<Balance> balance;

  /** An account without any movement. */
  BudgetAccount(String key, Instant openedAt, Instant resetsAt) {
    this(key, openedAt, resetsAt, new AtomicReference<>(Balance.NOTHING));
  }

  private BudgetAccount(
      String key, Instant openedAt, Instant resetsAt, AtomicReference<Balance> balance) {
    this.key = key;
    this.openedAt = openedAt;
    this.resetsAt = resetsAt;
    this.balance = balance;
  }

  /** This account in an earlier period: the balance is the same one, whoever changes it. */
  BudgetAccount movedTo(Instant openedAt, Instant resetsAt) {
    return new BudgetAccount(key, openedAt, resetsAt, balance);
  }

  /** What messages and events call it. */
  String key() {
    return key;
  }

  Instant resetsAt() {
    return resetsAt;
  }

  /** Whether the period is over. */
  boolean over(Instant now) {
    return !now.isBefore(resetsAt);
  }

  /** Whether the clock has gone back since the account was opened. */
  boolean ahead(Instant now) {
    return now.isBefore(openedAt);
  }

  boolean sameBalance(BudgetAccount other) {
    return balance == other.balance;
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

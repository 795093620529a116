package dev.agentops.resilience;

import java.util.concurrent.atomic.AtomicLong;

/**
 * Bounds how many attempts are made beyond the first ones, as a share of all calls, so that a
 * provider in trouble does not get more work than it had before: a bucket into which each call puts
 * a share of an attempt, and out of which each further attempt takes a whole one. As gRPC's retry
 * throttling and Finagle's retry budget.
 */
final class AttemptBudget {

  private static final long ONE = 1_000_000;

  private final long share;
  private final long most;
  private final AtomicLong left;

  /**
   * A full bucket.
   *
   * @param share of the calls that may be tried again, from 0 to 1
   * @param most how many attempts can be saved up
   */
  AttemptBudget(double share, int most) {
    this.share = Math.round(share * ONE);
    this.most = most * ONE;
    this.left = new AtomicLong(this.most);
  }

  /** A call begins. */
  void call() {
    if (left.get() < most) {
      left.accumulateAndGet(share, (now, more) -> Math.min(most, now + more));
    }
  }

  /** Takes a further attempt, if there is one. */
  boolean take() {
    return left.getAndUpdate(now -> now < ONE ? now : now - ONE) >= ONE;
  }
}

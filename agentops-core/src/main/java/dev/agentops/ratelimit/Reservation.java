package dev.agentops.ratelimit;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request and an estimate of its tokens that a {@link RateLimiter} has set aside. Ends once;
 * later calls do nothing. Thread-safe.
 */
public final class Reservation {

  private final RateLimiter limiter;
  private final RateLimiter.Taken taken;
  private final AtomicBoolean ended = new AtomicBoolean();

  Reservation(RateLimiter limiter, RateLimiter.Taken taken) {
    this.limiter = limiter;
    this.taken = taken;
  }

  /**
   * Replaces the estimate by the tokens that were used: gives the rest back, as far as it has not
   * become free by itself since, or takes on the difference as a debt.
   */
  public void settle(long actualTokens) {
    if (actualTokens < 0) {
      throw new IllegalArgumentException("tokens must not be negative: " + actualTokens);
    }
    if (!ended.compareAndSet(false, true)) {
      return;
    }
    if (actualTokens > taken.tokens()) {
      limiter.charge(taken.key(), actualTokens - taken.tokens());
    } else if (actualTokens < taken.tokens()) {
      limiter.giveBack(taken, 0, taken.tokens() - actualTokens);
    }
  }

  /** Gives everything back: the call was not made. */
  public void cancel() {
    if (ended.compareAndSet(false, true)) {
      limiter.giveBack(taken, 1, taken.tokens());
    }
  }
}

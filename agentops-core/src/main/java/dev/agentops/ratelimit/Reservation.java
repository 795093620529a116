package dev.agentops.ratelimit;

import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A request and an estimate of its tokens that a {@link RateLimiter} has set aside. Ends once;
 * later calls do nothing. Thread-safe.
 */
public final class Reservation {

  private final RateLimiter limiter;
  private final String key;
  private final long estimatedTokens;
  private final AtomicBoolean ended = new AtomicBoolean();

  Reservation(RateLimiter limiter, String key, long estimatedTokens) {
    this.limiter = limiter;
    this.key = key;
    this.estimatedTokens = estimatedTokens;
  }

  /**
   * Replaces the estimate by the tokens that were used: gives the rest back, or takes on the
   * difference as a debt.
   */
  public void settle(long actualTokens) {
    if (actualTokens < 0) {
      throw new IllegalArgumentException("tokens must not be negative: " + actualTokens);
    }
    if (ended.compareAndSet(false, true) && actualTokens != estimatedTokens) {
      limiter.correct(key, 0, actualTokens - estimatedTokens);
    }
  }

  /** Gives everything back: the call was not made. */
  public void cancel() {
    if (ended.compareAndSet(false, true)) {
      limiter.correct(key, -1, -estimatedTokens);
    }
  }
}

package dev.agentops.ratelimit;

import dev.agentops.CallRejectedException;
import java.time.Duration;

/** A call was refused because too many run at once. */
public final class ConcurrencyLimitExceededException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final String limiter;
  private final int limit;

  ConcurrencyLimitExceededException(String limiter, int limit, Duration waited) {
    super("concurrency limit '" + limiter + "' of " + limit + " was used up for " + waited);
    this.limiter = limiter;
    this.limit = limit;
  }

  /** The name of the limiter. */
  public String limiter() {
    return limiter;
  }

  /** The most that may run at once. */
  public int limit() {
    return limit;
  }
}

package dev.agentops.ratelimit;

import dev.agentops.CallRejectedException;
import java.time.Duration;

/** A call was refused because too many run at once. */
public final class ConcurrencyLimitExceededException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final int limit;

  ConcurrencyLimitExceededException(int limit, Duration waited) {
    super(limit + " calls run already, the most that may; waited " + waited);
    this.limit = limit;
  }

  /** The most that may run at once. */
  public int limit() {
    return limit;
  }
}

package dev.agentops.ratelimit;

import dev.agentops.CallRejectedException;
import java.time.Duration;

/**
 * A call was refused because too many run at once. How long until one of them ends is not known, so
 * that {@link #retryAfter()} is null.
 */
public final class ConcurrencyLimitExceededException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final String limiter;
  private final String key;
  private final int limit;

  ConcurrencyLimitExceededException(
      String limiter, String key, int limit, Duration waited, int waiting) {
    super(
        "concurrency limit '"
            + limiter
            + "' of "
            + limit
            + (key.isEmpty() ? "" : " for '" + key + "'")
            + " was used up for "
            + waited
            + (waiting == 0 ? "" : ", and " + waiting + " wait"));
    this.limiter = limiter;
    this.key = key;
    this.limit = limit;
  }

  /** The name of the limiter. */
  public String limiter() {
    return limiter;
  }

  /** Whose limit it is; empty for that of all calls without a key. */
  public String key() {
    return key;
  }

  /** The most that might run at once when the call was refused. */
  public int limit() {
    return limit;
  }
}

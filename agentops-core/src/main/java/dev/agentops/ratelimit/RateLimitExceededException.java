package dev.agentops.ratelimit;

import dev.agentops.CallRejectedException;
import java.time.Duration;

/** A call was refused because its rate limit is used up. */
public final class RateLimitExceededException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final String limiter;
  private final String key;
  private final Duration retryAfter;

  RateLimitExceededException(String limiter, String key, Duration retryAfter) {
    super("rate limit '" + limiter + "' of '" + key + "' is used up; retry after " + retryAfter);
    this.limiter = limiter;
    this.key = key;
    this.retryAfter = retryAfter;
  }

  /** The name of the limiter. */
  public String limiter() {
    return limiter;
  }

  /** Whose limit it is. */
  public String key() {
    return key;
  }

  /** How long until the same call fits; never zero. */
  @Override
  public Duration retryAfter() {
    return retryAfter;
  }
}

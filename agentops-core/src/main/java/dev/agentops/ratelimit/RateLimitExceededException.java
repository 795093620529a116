package dev.agentops.ratelimit;

import dev.agentops.CallRejectedException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A call was refused because its rate limit is used up. */
public final class RateLimitExceededException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final String limiter;
  private final String key;
  private final @Nullable String limit;
  private final Duration retryAfter;

  RateLimitExceededException(
      String limiter, String key, @Nullable String limit, Duration retryAfter) {
    super(
        "rate limit '"
            + limiter
            + "' of '"
            + key
            + "' is used up"
            + (limit == null ? "" : " (" + limit + ")")
            + "; retry after "
            + retryAfter);
    this.limiter = limiter;
    this.key = key;
    this.limit = limit;
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

  /**
   * The limit that takes longest, such as {@code 60 requests per minute}, {@code 8 at once} or
   * {@code penalty}; null where it is not known.
   */
  public @Nullable String limit() {
    return limit;
  }

  /**
   * How long until the same call fits; never zero. Where too many run at once nobody knows when one
   * of them ends: then it is 100 ms, or longer for another limit.
   */
  @Override
  public Duration retryAfter() {
    return retryAfter;
  }
}

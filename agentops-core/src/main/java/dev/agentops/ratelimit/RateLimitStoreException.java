package dev.agentops.ratelimit;

import dev.agentops.AgentOpsException;
import org.jspecify.annotations.Nullable;

/**
 * A store of rate limits cannot be reached, did not answer in time, or {@linkplain #refused()
 * refused} a request.
 */
public class RateLimitStoreException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  private final boolean refused;

  /** An outage: the request may have been done, and may succeed later. */
  public RateLimitStoreException(String message, @Nullable Throwable cause) {
    this(false, message, cause);
  }

  private RateLimitStoreException(boolean refused, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.refused = refused;
  }

  /** A request that changed nothing and would fail again, such as one for a key of another's. */
  public static RateLimitStoreException refusing(String message, @Nullable Throwable cause) {
    return new RateLimitStoreException(true, message, cause);
  }

  /** Whether the store answered, that it will not take this request. It is no outage then. */
  public boolean refused() {
    return refused;
  }
}

package dev.agentops.resilience;

import dev.agentops.CallRejectedException;
import java.time.Duration;

/** All models behind a {@link LoadBalancer} are set aside for a while. */
public final class NoTargetAvailableException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final Duration retryAfter;

  NoTargetAvailableException(int targets, Duration retryAfter) {
    super("all " + targets + " models are set aside; retry after " + retryAfter);
    this.retryAfter = retryAfter;
  }

  /** When the first of them is back. */
  @Override
  public Duration retryAfter() {
    return retryAfter;
  }
}

package dev.agentops;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A refusal: an interceptor decided that a call must not happen.
 *
 * <p>This is the only exception that an interceptor may let through to the caller. Every other
 * exception of an interceptor is a fault of ours, is swallowed and counted, and the call goes on.
 */
public class CallRejectedException extends AgentOpsException {

  private static final long serialVersionUID = 1L;

  public CallRejectedException(String message) {
    super(message);
  }

  /** How long to wait before the same call may succeed; null when waiting does not help. */
  public @Nullable Duration retryAfter() {
    return null;
  }

  /**
   * Whether it is meant to end the work that the call is a part of: such a refusal is not retried,
   * waited for or made up for by another model. False unless a class says otherwise.
   */
  public boolean isFinal() {
    return false;
  }
}

package dev.agentops.resilience;

import dev.agentops.CallRejectedException;
import java.time.Duration;

/** A model was not asked, because it has failed too often lately; see {@link CircuitBreaker}. */
public final class CircuitOpenException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final String model;
  private final Duration retryAfter;

  CircuitOpenException(String model, Duration retryAfter) {
    super("the circuit of " + model + " is open; retry after " + retryAfter);
    this.model = model;
    this.retryAfter = retryAfter;
  }

  /** The provider and model, such as {@code openai/gpt-4o}. */
  public String model() {
    return model;
  }

  /**
   * How long until calls are let through again for a trial; zero where those of the trial are under
   * way.
   */
  @Override
  public Duration retryAfter() {
    return retryAfter;
  }
}

package dev.agentops.resilience;

import dev.agentops.CallRejectedException;
import java.time.Duration;

/** A model was not asked, because it has failed too often lately; see {@link CircuitBreaker}. */
public final class CircuitOpenException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final String model;
  private final Duration retryAfter;

  private CircuitOpenException(String message, String model, Duration retryAfter) {
    super(message);
    this.model = model;
    this.retryAfter = retryAfter;
  }

  static CircuitOpenException open(String model, Duration retryAfter) {
    return new CircuitOpenException(
        "the circuit of " + model + " is open; retry after " + retryAfter, model, retryAfter);
  }

  static CircuitOpenException onTrial(String model, Duration retryAfter) {
    return new CircuitOpenException(
        "the circuit of "
            + model
            + " waits for the calls of its trial; retry after "
            + retryAfter
            + " at the latest",
        model,
        retryAfter);
  }

  /**
   * The provider and model, such as {@code openai/gpt-4o}, or the name that the circuit was given.
   */
  public String model() {
    return model;
  }

  /**
   * How long until a call is let through again for a trial; while those of a trial are under way,
   * how long until one more is if they do not end before. Never zero.
   */
  @Override
  public Duration retryAfter() {
    return retryAfter;
  }
}

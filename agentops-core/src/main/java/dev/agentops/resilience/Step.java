package dev.agentops.resilience;

import dev.agentops.Attributes;
import java.time.Duration;

/**
 * An attempt to make.
 *
 * @param target the number of the model to ask, from zero
 * @param delay to wait before
 * @param attributes that the call of the attempt has besides those of its caller
 */
record Step(int target, Duration delay, Attributes attributes) {

  /** At once, at this model. */
  static Step to(int target) {
    return new Step(target, Duration.ZERO, Attributes.empty());
  }
}

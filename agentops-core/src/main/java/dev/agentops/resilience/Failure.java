package dev.agentops.resilience;

import dev.agentops.Attempt;
import dev.agentops.CallRejectedException;
import dev.agentops.http.ProviderLimits;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * An attempt that failed.
 *
 * @param took from its start to its end
 * @param delivered whether the caller has seen a part of the answer
 */
record Failure(Attempt attempt, Throwable error, ErrorKind kind, Duration took, boolean delivered) {

  /**
   * Whether another attempt would neither repeat what the caller has seen nor be paid twice, and
   * nobody has forbidden it.
   */
  boolean mayRepeat() {
    return !delivered
        && !attempt.isBilled()
        && !isFinal(error)
        && attempt.exchange().reason() == null;
  }

  /** Whether an error is a refusal that is meant to end the work. */
  static boolean isFinal(Throwable error) {
    return error instanceof CallRejectedException refusal && refusal.isFinal();
  }

  /** What the provider says of its limits. */
  ProviderLimits limits() {
    return ProviderSignals.limits(attempt, error);
  }

  /** What the refusal or the provider says of how long to wait; null where neither does. */
  @Nullable Duration retryAfter() {
    if (error instanceof CallRejectedException refusal) {
      return refusal.retryAfter();
    }
    return limits().retryAfter().orElse(null);
  }
}

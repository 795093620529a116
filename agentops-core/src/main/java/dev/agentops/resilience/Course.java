package dev.agentops.resilience;

import dev.agentops.Context;
import org.jspecify.annotations.Nullable;

/**
 * One call's way through a policy, attempt by attempt. For each attempt exactly one of {@link
 * #next} with its failure, {@link #answered} and {@link #cancelled} is called. Used by one thread
 * at a time.
 */
interface Course {

  /**
   * The next attempt.
   *
   * @param failure of the attempt before; null at the start, where null is no answer
   * @return null to give up, with the error of the last attempt
   * @throws dev.agentops.CallRejectedException in place of an attempt
   */
  @Nullable Step next(@Nullable Failure failure);

  /** An attempt has brought the answer. */
  default void answered(Answered answer) {}

  /** The caller wants no answer any more, or threw at a part of it itself. */
  default void cancelled() {}

  /** The context to make attempts in. */
  default Context context(Context caller) {
    return caller;
  }
}

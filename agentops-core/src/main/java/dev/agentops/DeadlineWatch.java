package dev.agentops;

import org.jspecify.annotations.Nullable;

/** Waits for the deadline of a call while the provider is asked. */
final class DeadlineWatch implements AutoCloseable {

  private final Clock.Timer timer;

  private DeadlineWatch(Clock.Timer timer) {
    this.timer = timer;
  }

  /**
   * Watches a call that has a deadline.
   *
   * @param whenPassed runs on a thread of its own, since it may block
   * @return null where the call has none
   */
  static @Nullable DeadlineWatch of(ProviderCall call, Runnable whenPassed) {
    Deadline deadline = Deadline.of(call.callerContext());
    return deadline == null
        ? null
        : new DeadlineWatch(deadline.schedule(() -> OwnThread.run("deadline", whenPassed)));
  }

  @Override
  public void close() {
    timer.cancel();
  }
}

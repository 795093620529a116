package dev.agentops.guard;

import dev.agentops.Scope;

/**
 * A run of an agent whose loop is written by hand; ends with {@link #close()}.
 *
 * <p>Open it in a try-with-resources statement with {@link RunGuard#run}. All that happens inside,
 * on this thread and wherever the context is carried to, belongs to the run: {@code
 * Scope.wrap(executor)} carries it to other threads. Of workers that do the same side by side, open
 * a run inside of this one for each, on its thread: else the guard takes them for one that goes in
 * circles.
 */
public final class Run implements AutoCloseable {

  private final RunGuard guard;
  private final Opening opening;
  private final Scope scope;
  private volatile boolean failed;

  Run(RunGuard guard, Opening opening, Scope scope) {
    this.guard = guard;
    this.opening = opening;
    this.scope = scope;
  }

  /** The id, also for {@link KillTarget#run}; that of the run around it where there is one. */
  public String runId() {
    return opening.place().account().runId();
  }

  /** What the run has spent so far. */
  public RunSpending spent() {
    return opening.place().account().spending();
  }

  /**
   * Says that the run does not end well, so that no other is measured by it: {@link
   * RunLimits.Builder#maxTokenVelocity} learns from those that do. Without effect after the end.
   */
  public void failed() {
    failed = true;
  }

  /**
   * Ends the run; to be called on the thread that opened it. Called on another one it ends the run
   * as well, but the deadline of the run stays in the context of the thread that opened it, until a
   * scope around it is closed there.
   */
  @Override
  public void close() {
    if (!scope.isOpen() && !opening.ended().get()) {
      opening.place().leave(scope);
      guard.closedElsewhere(opening.place());
    }
    scope.close();
    guard.end(opening, !failed, event -> {});
  }
}

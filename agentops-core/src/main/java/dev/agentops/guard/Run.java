package dev.agentops.guard;

import dev.agentops.Scope;

/**
 * A run of an agent whose loop is written by hand; ends with {@link #close()}.
 *
 * <p>Open it in a try-with-resources statement with {@link RunGuard#run}. All that happens inside,
 * on this thread and wherever the context is carried to, belongs to the run.
 */
public final class Run implements AutoCloseable {

  private final RunGuard guard;
  private final Opening opening;
  private final Scope scope;

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

  /** Ends the run; on the thread that opened it. */
  @Override
  public void close() {
    scope.close();
    guard.end(opening, true, event -> {});
  }
}

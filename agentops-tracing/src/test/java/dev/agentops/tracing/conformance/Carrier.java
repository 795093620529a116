package dev.agentops.tracing.conformance;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;

/** How a step comes from the thread of its parent to the thread on which it runs. */
enum Carrier {
  /** Not at all. */
  INLINE,
  /** Through a pool, and the parent waits. */
  POOL,
  /** Through two stages of a {@link CompletableFuture}. */
  FUTURE,
  /** On a virtual thread; where the JDK has none, as {@link #POOL}. */
  VIRTUAL,
  /** Through Reactor's scheduler. */
  REACTOR,
  /** Through a pool, and the parent starts its next step meanwhile. */
  PARALLEL,
  /** Through a pool, and nobody waits: the parent may end before. */
  DETACHED;

  /** Runs a step that throws nothing; whoever wants it done has to wait for the future. */
  Future<?> carry(Runnable step, Stage stage) {
    return switch (this) {
      case POOL, PARALLEL, DETACHED -> start(step, stage.pool());
      case VIRTUAL -> start(step, stage.virtualThreads());
      case FUTURE ->
          CompletableFuture.runAsync(() -> {}, stage.pool()).thenRunAsync(step, stage.pool());
      case INLINE -> start(step, Runnable::run);
      case REACTOR -> {
        ReactorCarrier.carry(step);
        yield CompletableFuture.completedFuture(null);
      }
    };
  }

  private static Future<?> start(Runnable step, Executor executor) {
    FutureTask<Void> task = new FutureTask<>(step, null);
    executor.execute(task);
    return task;
  }
}

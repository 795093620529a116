package dev.agentops.resilience;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A future whose work is given up when it is cancelled, or completed by anyone but the work: {@code
 * cancel}, {@code completeExceptionally}, {@code orTimeout} all do. A cancel of what is derived
 * from it ({@code thenApply} and the like) cancels it, too.
 */
final class AbortingFuture<T> extends CompletableFuture<T> {

  /** The future of the work itself; null where this is that. */
  private final @Nullable AbortingFuture<?> origin;

  private AbortingFuture(@Nullable AbortingFuture<?> origin) {
    this.origin = origin;
  }

  /**
   * A future of some work.
   *
   * @param abort gives the work up; without effect once that has ended
   */
  static <T> AbortingFuture<T> of(Runnable abort) {
    AbortingFuture<T> future = new AbortingFuture<>(null);
    CompletableFuture<T> unused = future.whenComplete((result, failure) -> abort.run());
    return future;
  }

  @Override
  public <U> CompletableFuture<U> newIncompleteFuture() {
    return new AbortingFuture<>(origin == null ? this : origin);
  }

  @Override
  public boolean cancel(boolean mayInterruptIfRunning) {
    boolean cancelled = super.cancel(mayInterruptIfRunning);
    if (origin != null && isCancelled()) {
      origin.cancel(mayInterruptIfRunning);
    }
    return cancelled;
  }
}

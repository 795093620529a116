package dev.agentops.resilience;

import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.Scope;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A job in a queue or on its thread, with its future. */
final class QueuedJob<T> {

  private final Job<T> job;
  private final Context context;
  private final @Nullable Deadline deadline;
  private final Interruption interruption = new Interruption();
  private final CompletableFuture<T> future;
  private volatile Clock.@Nullable Timer timer;
  private volatile boolean begun;
  private volatile @Nullable End early;

  /** Its place in the order of arrival; guarded by the queue. */
  long number;

  /** How a job ended. */
  enum End {
    SUCCEEDED,
    FAILED,
    CANCELLED,
    EXPIRED,
    SHED
  }

  /**
   * A job of the calling thread's context.
   *
   * @param left is told when nobody waits for the job any more, and when it has ended
   */
  QueuedJob(Job<T> job, Clock clock, Consumer<QueuedJob<?>> left) {
    this.job = job;
    Context caller = Context.current();
    this.context = job.timeout() == null ? caller : Deadline.after(job.timeout(), clock).in(caller);
    this.deadline = Deadline.of(context);
    this.future = AbortingFuture.of(() -> left.accept(this));
  }

  Job<T> job() {
    return job;
  }

  Context context() {
    return context;
  }

  @Nullable Deadline deadline() {
    return deadline;
  }

  CompletableFuture<T> future() {
    return future;
  }

  Interruption interruption() {
    return interruption;
  }

  boolean isExpired() {
    return deadline != null && deadline.hasPassed();
  }

  boolean hasBegun() {
    return begun;
  }

  /** How it ended, once its future is complete. */
  End end() {
    End told = early;
    if (told != null && future.isCompletedExceptionally()) {
      return told;
    }
    return future.isCancelled()
        ? End.CANCELLED
        : future.isCompletedExceptionally() ? End.FAILED : End.SUCCEEDED;
  }

  /**
   * Ends it for its time is over; false where it had ended before.
   *
   * @param failure what the work threw when its time was over; null where it has not ended
   */
  boolean expire(String queue, @Nullable Throwable failure) {
    TimeoutException expired =
        new TimeoutException(
            "the time of a job in queue '"
                + queue
                + "' was over "
                + (begun ? "while it ran" : "before it began"));
    expired.initCause(failure);
    return end(End.EXPIRED, expired);
  }

  /** Ends it for another; without effect where it had ended before. */
  void shed(QueueFullException refusal) {
    boolean unused = end(End.SHED, refusal);
  }

  private boolean end(End how, Exception failure) {
    if (future.isDone()) {
      return false;
    }
    early = how;
    return future.completeExceptionally(failure);
  }

  /** Has somebody look when the time is over. */
  void watch(Clock clock, Runnable expired) {
    if (deadline != null && !future.isDone()) {
      timer = clock.schedule(deadline.remaining(), expired);
      if (future.isDone()) { // meanwhile
        unwatch();
      }
    }
  }

  void unwatch() {
    Clock.Timer set = timer;
    if (set != null) {
      set.cancel();
    }
  }

  /**
   * Runs the work.
   *
   * @param late ends the job where it failed after its time, be it that it failed because of that
   * @return what has to be done once the worker has put the job aside: it completes the future,
   *     which runs what others have hung on to it
   */
  Runnable run(BiConsumer<QueuedJob<?>, Throwable> late) {
    begun = interruption.begin();
    if (!begun) { // nobody wants it any more
      return () -> future.cancel(false);
    }
    try (Scope ignored = interruption.in(context).makeCurrent()) {
      T result = job.work().call();
      return () -> future.complete(result);
    } catch (Throwable t) { // an Error, too, is the caller's to see
      return isExpired() ? () -> late.accept(this, t) : () -> future.completeExceptionally(t);
    } finally {
      interruption.end();
    }
  }
}

package dev.agentops.resilience;

import dev.agentops.CallRejectedException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Work was refused, or shed before it ran, because a bounded queue is full or takes no more. */
public final class QueueFullException extends CallRejectedException {

  private static final long serialVersionUID = 1L;

  private final String queue;
  private final @Nullable Duration retryAfter;

  private QueueFullException(String message, String queue, @Nullable Duration retryAfter) {
    super(message);
    this.queue = queue;
    this.retryAfter = retryAfter;
  }

  static QueueFullException refused(String queue, int waiting, Duration retryAfter) {
    return new QueueFullException(
        "queue '" + queue + "' is full: " + waiting + " wait; retry after " + retryAfter,
        queue,
        retryAfter);
  }

  static QueueFullException shed(String queue, Duration retryAfter) {
    return new QueueFullException(
        "queue '" + queue + "' was full and shed the job for another; retry after " + retryAfter,
        queue,
        retryAfter);
  }

  static QueueFullException noThread(String queue, Throwable cause) {
    QueueFullException refusal =
        new QueueFullException(
            "queue '" + queue + "' has no thread to be had for its jobs: " + cause, queue, null);
    refusal.initCause(cause);
    return refusal;
  }

  static QueueFullException closed(String queue) {
    return new QueueFullException("queue '" + queue + "' takes no more work", queue, null);
  }

  /** The name of the queue. */
  public String queue() {
    return queue;
  }

  /**
   * About how long the work takes that waits already; null where the queue takes no more at all, or
   * has no thread.
   */
  @Override
  public @Nullable Duration retryAfter() {
    return retryAfter;
  }
}

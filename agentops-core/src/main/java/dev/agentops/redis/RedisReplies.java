package dev.agentops.redis;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits for answers. Stateless. */
public final class RedisReplies {

  /**
   * The timeout passes in so many parts, and one for what they take longer: time in which this
   * process is paused, or has no processor to hear the answer with, hardly counts.
   */
  private static final int PARTS = 25;

  private RedisReplies() {}

  /** Not to be interrupted, since nobody then knew what has been done; it does not take long. */
  public static <T> T await(CompletionStage<T> reply, Duration atMost)
      throws ExecutionException, TimeoutException {
    CompletableFuture<T> future = reply.toCompletableFuture();
    boolean interrupted = false;
    try {
      for (int part = 0; part < PARTS; ) {
        try {
          return future.get(atMost.toNanos() / (PARTS + 1), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          part++;
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      throw new TimeoutException();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

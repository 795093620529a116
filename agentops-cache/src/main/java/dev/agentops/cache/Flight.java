package dev.agentops.cache;

import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;

/**
 * One load that is under way, and those who wait for it. Made by the thread that loads.
 * Thread-safe.
 */
final class Flight<V> {

  private final Thread leader = Thread.currentThread();
  private final CompletableFuture<V> result = new CompletableFuture<>();
  private boolean overtaken;

  /** Whether the calling thread is the one that loads: it must not wait for itself. */
  boolean isMine() {
    return Thread.currentThread() == leader;
  }

  /**
   * Says that the key was written or invalidated: the value that is being loaded may be old by now.
   */
  synchronized void overtake() {
    overtaken = true;
  }

  /**
   * Writes the loaded value, unless it was overtaken; in no case after {@link #overtake} has
   * returned.
   */
  synchronized void land(Runnable write) {
    if (!overtaken) {
      write.run();
    }
  }

  void complete(V value) {
    result.complete(value);
  }

  void fail(Throwable failure) {
    result.completeExceptionally(failure);
  }

  /**
   * The value of the load, or its own exception, unwrapped. A waiter that is interrupted stays
   * interrupted and goes its own way, as it would without a cache.
   */
  V await(Supplier<V> ownWay) {
    try {
      return result.get();
    } catch (ExecutionException e) {
      throw Flight.<RuntimeException>unchecked(Objects.requireNonNullElse(e.getCause(), e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ownWay.get();
    }
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X unchecked(Throwable failure) throws X {
    throw (X) failure;
  }
}

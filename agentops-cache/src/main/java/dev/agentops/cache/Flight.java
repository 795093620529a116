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
  private final Load load = new Load();
  private final CompletableFuture<V> result = new CompletableFuture<>();
  private boolean overtaken;

  /** Calls the loader; by the thread that made this. */
  V load(Supplier<V> loader) {
    return load.run(loader);
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
   * The value of the load, or its own exception, unwrapped. Who would wait for itself goes its own
   * way, as it would without a cache; so does a waiter that is interrupted, and stays interrupted.
   */
  V await(Supplier<V> ownWay) {
    Load waiter = Load.running();
    if (isMine() || (waiter != null && !waiter.reserve(load))) {
      return ownWay.get();
    }
    try {
      return result.get();
    } catch (ExecutionException e) {
      throw Flight.<RuntimeException>unchecked(Objects.requireNonNullElse(e.getCause(), e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ownWay.get();
    } finally {
      if (waiter != null) {
        waiter.release(load);
      }
    }
  }

  /** Whether the calling thread is the one that loads, in whatever context. */
  private boolean isMine() {
    return Thread.currentThread() == leader;
  }

  @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
  private static <X extends Throwable> X unchecked(Throwable failure) throws X {
    throw (X) failure;
  }
}

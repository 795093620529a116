package dev.agentops.cache;

import dev.agentops.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One load that is under way, from the look into the stores to the landing, and those who wait for
 * it. Thread-safe.
 */
final class Flight<V> {

  private final Watches.Watch watch;
  private final Clock clock;
  private final long maximumWaitNanos;
  private final Load load = new Load();

  private final CompletableFuture<Outcome<V>> result = new CompletableFuture<>();

  /** The thread that is in the loader; null where there is none. */
  private volatile @Nullable Thread loading;

  /** Whether this waits for a thread, and who needs the value may begin in its place. */
  private final AtomicBoolean queued;

  private final long createdNanos;

  /** Written with the lock. */
  private volatile long stamp;

  /** Guarded by this. */
  private boolean loadBegun;

  /** Guarded by this. */
  private long loadBegunNanos;

  /** Guarded by this. */
  private Clock.@Nullable Timer timer;

  /**
   * A flight that begins.
   *
   * @param watch of the key; closed when this ends
   * @param maximumWait how long a loader may take before nobody waits for it any more
   * @param queued whether it begins only once somebody {@linkplain #take takes} it
   */
  Flight(Watches.Watch watch, Clock clock, Duration maximumWait, boolean queued) {
    this.watch = watch;
    this.clock = clock;
    this.maximumWaitNanos = Clock.nanos(maximumWait);
    this.queued = new AtomicBoolean(queued);
    this.createdNanos = clock.nanoTime();
    this.stamp = watch.stamp();
  }

  /** True once for a flight that is queued: it is the caller's to fly, or to abandon. */
  boolean take() {
    return queued.compareAndSet(true, false);
  }

  Watches.Watch watch() {
    return watch;
  }

  /** What the watch said before the stores were looked into, own changes included. */
  long stamp() {
    return stamp;
  }

  /** Says that the stores are looked into again: what was changed before does not matter. */
  synchronized void restamp() {
    stamp = watch.stamp();
  }

  /**
   * Tells of a change that is this flight's own landing, which does not make it outdated.
   *
   * @return false if somebody else changed the key, too
   */
  synchronized boolean change() {
    long now = watch.change();
    boolean alone = now == stamp + 1;
    if (alone) {
      stamp = now;
    }
    return alone;
  }

  /** Whether who comes now must not wait for this: the key was changed since, or it hangs. */
  synchronized boolean outdated() {
    return result.isDone() || watch.stamp() != stamp;
  }

  /** Whether it has an outcome, which may be that it took too long. */
  boolean hasEnded() {
    return result.isDone();
  }

  /** Whether the calling thread is in this flight's loader, in whatever context. */
  boolean isMine() {
    return Thread.currentThread() == loading;
  }

  Load load() {
    return load;
  }

  /** Says that the loader is going to be called: it may take the maximum wait from now on. */
  synchronized void loadBegins() {
    if (!loadBegun) {
      loadBegun = true;
      loadBegunNanos = clock.nanoTime();
    }
  }

  <T> T load(Supplier<T> loader) {
    loadBegins();
    loading = Thread.currentThread();
    try {
      return load.run(loader);
    } finally {
      loading = null;
    }
  }

  <T> CompletionStage<T> loadAsync(Supplier<CompletionStage<T>> loader) {
    loadBegins();
    loading = Thread.currentThread();
    try {
      return load.runAsync(loader);
    } finally {
      loading = null;
    }
  }

  void complete(Optional<V> answer) {
    end(new Outcome<>(answer, null));
  }

  void fail(Throwable failure) {
    end(new Outcome<>(null, failure));
  }

  /** Sends those who wait to look after themselves. */
  void abandon() {
    end(new Outcome<>(null, null));
  }

  /**
   * Is done when this ends, its loader takes too long, or is not begun in twice that time, and
   * never fails; for reading only.
   */
  CompletableFuture<Outcome<V>> result() {
    synchronized (this) {
      if (timer != null) {
        return result;
      }
    }
    giveUpInTime();
    return result;
  }

  private void giveUpInTime() {
    synchronized (this) {
      long now = clock.nanoTime();
      long left =
          loadBegun
              ? maximumWaitNanos - (now - loadBegunNanos)
              : 2 * maximumWaitNanos - (now - createdNanos); // one for another process's load
      if (left > 0 && !result.isDone()) {
        Duration pause = Duration.ofNanos(Math.min(left, maximumWaitNanos));
        timer = clock.schedule(pause, this::giveUpInTime);
        return;
      }
    }
    result.complete(new Outcome<>(null, null));
  }

  private void end(Outcome<V> outcome) {
    result.complete(outcome);
    synchronized (this) {
      if (timer != null) {
        timer.cancel();
      }
    }
    watch.close();
  }

  /**
   * How a flight ended for those who waited: exactly one is there, or none if they are to look
   * after themselves.
   */
  record Outcome<V>(@Nullable Optional<V> answer, @Nullable Throwable failure) {

    /**
     * The failure as it is, unless it is checked, which a stage may end with and nobody expects.
     */
    RuntimeException thrown() {
      if (failure instanceof Error error) {
        throw error;
      }
      return failure instanceof RuntimeException unchecked
          ? unchecked
          : new CompletionException(failure);
    }
  }
}

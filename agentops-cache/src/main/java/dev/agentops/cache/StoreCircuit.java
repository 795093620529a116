package dev.agentops.cache;

import dev.agentops.event.CacheStoreEvent;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps callers away from a store that failed, until it is back and has forgotten what was changed
 * meanwhile. A store that {@linkplain CacheStoreException#closed() was closed} is not asked again.
 *
 * <p>The first failure opens the circuit. From then on a daemon thread checks the store after 50
 * ms, and then after twice the time before, up to each second; once a check succeeds it delivers
 * the changes that wait, and closes the circuit. Neither a caller that was interrupted nor a
 * request that was refused says anything of the store. Thread-safe; never throws.
 */
final class StoreCircuit {

  private static final Logger LOG = LoggerFactory.getLogger(StoreCircuit.class);

  /** Changes that wait at most, before everything is to be forgotten instead. */
  static final int MAXIMUM_PENDING = 10_000;

  /** An operation that a store cannot refuse: what cannot forget is away. */
  private static final String FORGET = "delete";

  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;

  private final CacheStore store;
  private final String name;
  private final StoreWatch watch;
  private final PendingChanges pending = new PendingChanges(MAXIMUM_PENDING);
  private final LongAdder failures = new LongAdder();
  private final LongAdder refusals = new LongAdder();

  private final Object lock = new Object();
  private volatile boolean available = true;
  private volatile boolean closed;

  /** Whether somebody else has closed the store: it is never asked again. */
  private volatile boolean gone;

  /** How often the circuit was opened: a call that began before that tells nothing new. */
  private volatile int losses;

  private long lostAtNanos;

  /** Checks and delivers; null while there is nothing to do. Guarded by the lock. */
  private @Nullable Thread recovery;

  StoreCircuit(CacheStore store, String name, StoreWatch watch) {
    this.store = store;
    this.name = name;
    this.watch = watch;
  }

  /** Whether the store is asked. */
  boolean available() {
    return available;
  }

  long failureCount() {
    return failures.sum();
  }

  long refusalCount() {
    return refusals.sum();
  }

  int pendingChanges() {
    return pending.size();
  }

  /** Whether the store must not be asked for this key. */
  boolean mayBeOutdated(String key) {
    return pending.mayConcern(key);
  }

  /** The store's answer; null if it failed or is away. */
  <T> @Nullable T ask(String operation, Supplier<T> question) {
    if (!available) {
      return null;
    }
    int before = losses;
    try {
      return Objects.requireNonNull(question.get(), "the store returned null");
    } catch (Throwable t) {
      if (t instanceof CacheStoreException refusal && refusal.refused()) {
        refusals.increment();
        watch.faults().report(subject(operation), refusal);
      } else {
        failed(operation, t, before);
      }
      return null;
    }
  }

  /**
   * The same for a question that leaves something in the store, which is to be forgotten where the
   * answer is not heard.
   */
  <T> @Nullable T ask(String operation, StoreChange otherwise, Supplier<T> question) {
    return ask(
        operation,
        () -> {
          boolean answered = false;
          try {
            T answer = question.get();
            answered = true;
            return answer;
          } finally {
            if (!answered) {
              pending.add(otherwise);
            }
          }
        });
  }

  /** Lets the store forget something, now or when it is back. */
  void forget(StoreChange change) {
    change(
        FORGET,
        change,
        () -> {
          change.applyTo(store);
          return true;
        });
  }

  /**
   * The store's answer to a write of this key; null if the store did not take it. Then the key is
   * deleted, now or when the store is back, since an older value may be there still.
   */
  <T> @Nullable T write(String operation, String key, Supplier<T> write) {
    try {
      return change(operation, StoreChange.key(key), write);
    } catch (CacheStoreException refusal) {
      refusals.increment();
      watch.faults().report(subject(operation), refusal);
      forget(StoreChange.key(key));
      return null;
    }
  }

  /** Closes the store. What it was to forget and could not is told. */
  void close() {
    Thread running;
    boolean reachable;
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      reachable = available;
      available = false;
      running = recovery;
      lock.notifyAll();
    }
    if (running != null) {
      running.interrupt(); // a check may hang
    }
    try {
      while (reachable && pending.deliverOne(store)) {
        // until all are delivered
      }
    } catch (Throwable t) {
      watch.faults().report(subject(FORGET), t);
    }
    if (!pending.isEmpty()) {
      watch
          .faults()
          .report(
              watch.subject("forgetting what was changed while it was away in", name),
              new CacheStoreException("closed with " + pending.size() + " changes left", null));
    }
    try {
      store.close();
    } catch (Throwable t) {
      failures.increment();
      watch.faults().report(subject("close"), t);
    }
  }

  /**
   * Changes the store, or sees to it that it forgets what the change was about.
   *
   * @throws CacheStoreException if the store is well and refuses to keep something
   */
  private <T> @Nullable T change(String operation, StoreChange otherwise, Supplier<T> change) {
    if (!available && deferred(otherwise)) {
      return null;
    }
    int before = losses;
    try {
      return Objects.requireNonNull(change.get(), "the store returned null");
    } catch (Throwable t) {
      if (t instanceof CacheStoreException refusal
          && refusal.refused()
          && !operation.equals(FORGET)) {
        throw refusal;
      }
      pending.add(otherwise);
      failed(operation, t, before);
      return null;
    }
  }

  /** False if the store is back already. */
  private boolean deferred(StoreChange change) {
    synchronized (lock) {
      if (available) {
        return false;
      }
      if (!closed) {
        pending.add(change);
      }
      return true;
    }
  }

  private void failed(String operation, Throwable failure, int lossesBefore) {
    failures.increment();
    watch.faults().report(subject(operation), failure);
    boolean lost = false;
    boolean interrupted = interrupted(failure);
    synchronized (lock) {
      if (!interrupted && available && losses == lossesBefore) {
        available = false;
        losses++;
        lostAtNanos = watch.clock().nanoTime();
        lost = true;
      }
      gone |= failure instanceof CacheStoreException exception && exception.closed();
      startRecovery();
    }
    if (lost) {
      tell(CacheStoreEvent.lost(watch.clock().now(), watch.cache(), name, reason(failure)));
    }
  }

  /** Messages of drivers may hold keys; ours do not. */
  private static String reason(Throwable failure) {
    String type = failure.getClass().getName();
    return failure instanceof CacheStoreException ? type + ": " + failure.getMessage() : type;
  }

  /** Whether it was the caller's thread that ended the wait; that stays interrupted. */
  private static boolean interrupted(Throwable failure) {
    Throwable cause = failure;
    for (int depth = 0; cause != null && depth < 10; depth++) {
      if (cause instanceof InterruptedException) {
        Thread.currentThread().interrupt();
      }
      cause = cause.getCause();
    }
    return Thread.currentThread().isInterrupted();
  }

  /** With the lock. */
  private void startRecovery() {
    if (recovery == null && !closed && !gone && !(available && pending.isEmpty())) {
      recovery = new Thread(this::recover, "agentops-cache-recovery");
      recovery.setDaemon(true);
      recovery.start();
    }
  }

  private void recover() {
    long pause = FIRST_PAUSE_MILLIS;
    while (sleep(pause)) {
      pause = isBack() ? FIRST_PAUSE_MILLIS : Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  /** Waits; false if there is nothing to wait for any more. */
  private boolean sleep(long millis) {
    synchronized (lock) {
      boolean done = available && pending.isEmpty();
      if (!closed && !gone && !done) {
        try {
          lock.wait(millis);
        } catch (InterruptedException e) {
          done = closed; // nobody else has a reason to interrupt this thread: it goes on
        }
      }
      if (closed || gone || done) {
        recovery = null;
        return false;
      }
      return true;
    }
  }

  /** Checks, delivers and closes the circuit; false if the store is still away. */
  private boolean isBack() {
    int before = losses;
    try {
      store.check();
      do {
        while (!closed && pending.deliverOne(store)) {
          // until all are delivered
        }
      } while (!closed && !closeCircuit());
      return true;
    } catch (Throwable t) {
      if (available) {
        failed("check", t, before);
      } else {
        gone |= t instanceof CacheStoreException exception && exception.closed();
        watch.faults().report(subject("check"), t);
      }
      return false;
    }
  }

  /** False if there is something to deliver again. */
  private boolean closeCircuit() {
    boolean back;
    Duration away;
    synchronized (lock) {
      if (closed) {
        return true;
      }
      if (!pending.isEmpty()) {
        return false;
      }
      back = !available;
      away = Duration.ofNanos(watch.clock().nanoTime() - lostAtNanos);
      available = true;
    }
    if (back) {
      LOG.info(
          "cache '{}': its store {} is back after {} ms", watch.cache(), name, away.toMillis());
      tell(CacheStoreEvent.recovered(watch.clock().now(), watch.cache(), name, away));
    }
    return true;
  }

  private void tell(CacheStoreEvent event) {
    try {
      watch.events().accept(event);
    } catch (Throwable t) {
      watch.faults().report("a listener of cache events", t);
    }
  }

  private String subject(String operation) {
    return watch.subject(
        switch (operation) {
          case "put", "putAndRelease" -> "writing to";
          case FORGET -> "forgetting in";
          case "listen" -> "listening to";
          case "renew", "release" -> "loading a key on behalf of all users of";
          case "check" -> "reaching";
          case "close" -> "closing";
          default -> "reading from";
        },
        name);
  }
}

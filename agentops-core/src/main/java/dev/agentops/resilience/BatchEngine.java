package dev.agentops.resilience;

import dev.agentops.CallRejectedException;
import dev.agentops.Clock;
import dev.agentops.Context;
import dev.agentops.Deadline;
import dev.agentops.Scope;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Runs a function over a source, by so many workers at once, as far ahead as its sink has room.
 *
 * <p>Workers do not wait for room: they end, and new ones start when there is some, so that an
 * executor which runs tasks on the caller's thread works, too. Thread-safe.
 */
final class BatchEngine<T, R> {

  /** How long what was interrupted may take to end before the batch ends without it. */
  private static final Duration GRACE = Duration.ofSeconds(1);

  private final BatchSettings<T, R> settings;
  private final Context context;
  private final @Nullable Deadline deadline;
  private final Sink<T, R> sink;
  private final Clock.Timer expiry;
  private final long startNanos;

  /** Held while the source is asked, which may take long. */
  private final ReentrantLock sourceLock = new ReentrantLock();

  private final Iterator<? extends T> source;
  private long pulled;

  /** Held while progress is told, so that it never goes back. */
  private final Object progressLock = new Object();

  private final Object lock = new Object();
  private final Map<Interruption, Slot<T>> running = new LinkedHashMap<>();
  private final List<Interruption> pulling = new ArrayList<>();
  private final long mostWorkers;
  private BatchSummary summary;
  private long room;
  private long taken;
  private int workers;
  private boolean exhausted;
  private boolean over;
  private BatchSummary.@Nullable End stopped;
  private @Nullable Throwable failure;

  /** Where items go. Called on the workers' threads, many at once. */
  interface Sink<T, R> {

    void accept(BatchItem<T, R> item);

    /** After the last item, once. */
    void ended();
  }

  BatchEngine(
      BatchSettings<T, R> settings,
      Iterator<? extends T> source,
      @Nullable Long total,
      long room,
      Sink<T, R> sink) {
    this.settings = settings;
    this.source = source;
    this.room = room;
    this.sink = sink;
    mostWorkers =
        Math.min(settings.concurrency(), total == null ? Long.MAX_VALUE : Math.max(1, total));
    String id = settings.newId();
    summary = BatchSummary.begin(id, total);
    context = settings.context(id);
    deadline = Deadline.of(context);
    startNanos = settings.clock().nanoTime();
    expiry =
        deadline == null
            ? () -> {}
            : settings.clock().schedule(deadline.remaining(), () -> later(this::expire));
  }

  void start() {
    if (deadline != null && deadline.hasPassed()) {
      expire();
    }
    grow();
  }

  /** Makes room for one more item. */
  void consumed() {
    synchronized (lock) {
      room++;
    }
    grow();
  }

  /** Ends the batch: what runs is interrupted, the rest is not begun. */
  void stop(BatchSummary.End why) {
    List<Interruption> all;
    boolean idle;
    synchronized (lock) {
      if (stopped != null || over) {
        return;
      }
      stopped = why;
      all = new ArrayList<>(running.keySet());
      all.addAll(pulling);
      idle = endIfIdle();
    }
    all.forEach(Interruption::interrupt);
    if (idle) {
      sink.ended();
    } else {
      Clock.Timer unused = settings.clock().schedule(GRACE, () -> later(this::abandon));
    }
  }

  BatchSummary summary() {
    Duration elapsed = Duration.ofNanos(settings.clock().nanoTime() - startNanos);
    synchronized (lock) {
      return over ? summary : summary.after(elapsed);
    }
  }

  /** What the source or the executor threw; null for nothing. */
  @Nullable Throwable failure() {
    synchronized (lock) {
      return failure;
    }
  }

  /** Starts as many workers as there is work and room for. */
  private void grow() {
    while (true) {
      synchronized (lock) {
        if (stopped != null || exhausted || workers >= mostWorkers || workers >= room - taken) {
          return;
        }
        workers++;
      }
      try {
        settings.executor().execute(this::work);
      } catch (RejectedExecutionException | OutOfMemoryError e) { // no thread to be had
        executorRefused(e);
        return;
      }
    }
  }

  /** Goes on with the workers that there are; without any, the batch ends. */
  private void executorRefused(Throwable e) {
    boolean none;
    synchronized (lock) {
      workers--;
      none = workers == 0;
      if (none) {
        failure = e;
      }
    }
    if (none) {
      stop(BatchSummary.End.CANCELLED);
    }
  }

  private void work() {
    try (Scope ignored = context.makeCurrent()) {
      takeItems();
    }
  }

  private void takeItems() {
    boolean goOn = true;
    while (goOn) {
      Interruption interruption = new Interruption();
      if (!reserve(interruption)) {
        return;
      }
      BatchItem<T, R> item = null;
      interruption.begin();
      try {
        goOn = pull(interruption);
        Slot<T> slot = slotOf(interruption);
        if (slot != null) {
          item = run(slot, interruption);
        }
      } finally {
        interruption.end();
      }
      if (item != null) {
        goOn = done(interruption, item);
      }
    }
  }

  /** Whether the worker may take one more item; else it is a worker no more. */
  private boolean reserve(Interruption interruption) {
    boolean interrupted = Thread.currentThread().isInterrupted(); // by the executor's owner
    boolean ended;
    synchronized (lock) {
      if (stopped == null && !exhausted && !interrupted && taken < room) {
        taken++;
        pulling.add(interruption);
        return true;
      }
      workers--;
      ended = endIfIdle();
    }
    if (ended) {
      sink.ended();
    } else if (interrupted) {
      stop(BatchSummary.End.CANCELLED);
    }
    return false;
  }

  /**
   * Takes the next item of the source, if there is one.
   *
   * @return false if the batch has ended without this worker
   */
  private boolean pull(Interruption interruption) {
    Slot<T> slot = null;
    Throwable broken = null;
    try {
      sourceLock.lockInterruptibly();
      try {
        if (mayPull() && source.hasNext()) {
          T input = Objects.requireNonNull(source.next(), () -> "item " + pulled);
          slot = new Slot<>(pulled, input, settings.clock());
          pulled++;
        }
      } finally {
        sourceLock.unlock();
      }
    } catch (Throwable t) { // of the caller's iterator
      broken = t;
    }
    synchronized (lock) {
      if (!pulling.remove(interruption)) {
        return false;
      }
      if (slot != null) {
        running.put(interruption, slot);
        return true;
      }
      taken--;
      exhausted = true;
      if (broken != null && stopped == null) {
        failure = broken;
      }
    }
    if (broken != null) {
      stop(BatchSummary.End.CANCELLED);
    }
    return true;
  }

  private @Nullable Slot<T> slotOf(Interruption interruption) {
    synchronized (lock) {
      return running.get(interruption);
    }
  }

  private boolean mayPull() {
    synchronized (lock) {
      return stopped == null && !exhausted;
    }
  }

  private BatchItem<T, R> run(Slot<T> slot, Interruption interruption) {
    Context own = interruption.in(context.listening(slot.tally()));
    Duration waited = Duration.ZERO;
    while (true) {
      slot.begin();
      try (Scope ignored = own.makeCurrent()) {
        R response = settings.function().apply(slot.input());
        return BatchItem.succeeded(
            slot, Objects.requireNonNull(response, "the function answered with null"));
      } catch (CallRejectedException e) {
        Duration wait = e.retryAfter();
        if (wait == null || e.isFinal() || !mayWait(waited, wait)) {
          return failed(slot, interruption, e);
        }
        waited = waited.plus(wait);
        try {
          sleep(wait);
        } catch (InterruptedException interrupted) {
          Thread.currentThread().interrupt();
          return failed(slot, interruption, e);
        }
      } catch (Throwable t) { // an Error, too, is told where it belongs
        return failed(slot, interruption, t);
      }
    }
  }

  private boolean mayWait(Duration waited, Duration more) {
    return waited.plus(more).compareTo(settings.maxLimitWait()) <= 0
        && (deadline == null || more.compareTo(deadline.remaining()) < 0);
  }

  private void sleep(Duration wait) throws InterruptedException {
    CountDownLatch over = new CountDownLatch(1);
    Clock.Timer timer = settings.clock().schedule(wait, over::countDown);
    try {
      over.await();
    } finally {
      timer.cancel();
    }
  }

  private BatchItem<T, R> failed(Slot<T> slot, Interruption interruption, Throwable error) {
    return interruption.isRequested()
        ? BatchItem.cancelled(slot, error)
        : BatchItem.failed(slot, error);
  }

  /** Hands an item over; false if the batch has ended without it. */
  private boolean done(Interruption interruption, BatchItem<T, R> item) {
    synchronized (lock) {
      if (running.remove(interruption) == null) {
        return false;
      }
    }
    deliver(item);
    if (item.status() == BatchItem.Status.FAILED && settings.failFast()) {
      stop(BatchSummary.End.FAILED_FAST);
    }
    return true;
  }

  private void deliver(BatchItem<T, R> item) {
    sink.accept(item);
    synchronized (progressLock) {
      synchronized (lock) {
        summary = summary.plus(item);
      }
      settings.tell(summary());
    }
  }

  private void expire() {
    stop(BatchSummary.End.TIMED_OUT);
  }

  /** Ends without those who do not hear an interrupt. */
  private void abandon() {
    List<Slot<T>> left;
    synchronized (lock) {
      if (over) {
        return;
      }
      left = new ArrayList<>(running.values());
      running.clear();
    }
    left.forEach(slot -> deliver(BatchItem.cancelled(slot, null)));
    boolean ended;
    synchronized (lock) {
      workers -= left.size() + pulling.size();
      pulling.clear();
      ended = endIfIdle();
    }
    if (ended) {
      sink.ended();
    }
  }

  /** With the lock: whether the batch has ended just now. */
  private boolean endIfIdle() {
    if (over || workers > 0 || (stopped == null && !exhausted)) {
      return false;
    }
    over = true;
    expiry.cancel();
    Duration elapsed = Duration.ofNanos(settings.clock().nanoTime() - startNanos);
    summary = summary.after(elapsed).ended(stopped == null ? BatchSummary.End.COMPLETED : stopped);
    return true;
  }

  /** Not on the clock's thread, which is everybody's. */
  private static void later(Runnable task) {
    DaemonThreads.shared().execute(task);
  }
}

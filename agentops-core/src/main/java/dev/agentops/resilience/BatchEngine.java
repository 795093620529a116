package dev.agentops.resilience;

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
  private final ItemRunner<T, R> runner;
  private final @Nullable Deadline deadline;
  private final Sink<T, R> sink;
  private final Clock.Timer expiry;
  private final long startNanos;

  /** Held while the source is asked, which may take long. */
  private final ReentrantLock sourceLock = new ReentrantLock();

  private final Iterator<? extends T> source;
  private long pulled;

  /** Held while progress is told, so that it never goes back. */
  private final ReentrantLock progressLock = new ReentrantLock();

  private BatchSummary progress;

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
    progress = summary;
    context = settings.context(id);
    runner = new ItemRunner<>(settings, context);
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
    synchronized (lock) {
      return over ? summary : summary.after(elapsed());
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
        long free = workers - running.size() - pulling.size(); // who will see the room themselves
        if (stopped != null || exhausted || workers >= mostWorkers || free >= room - taken) {
          return;
        }
        workers++;
      }
      try {
        settings.executor().execute(this::work);
      } catch (Throwable t) { // no thread to be had
        executorRefused(t);
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
        failure =
            new RejectedExecutionException("no thread to be had for the items of a batch: " + e, e);
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
      boolean shutDown;
      interruption.begin();
      try {
        goOn = pull(interruption);
        Slot<T> slot = slotOf(interruption);
        if (slot != null) {
          item = isStopped() ? BatchItem.cancelled(slot, null) : runner.run(slot, interruption);
        }
      } finally {
        shutDown = interruption.end() && settings.isExecutorShutDown();
      }
      if (shutDown) { // which is why the thread was interrupted
        stop(BatchSummary.End.CANCELLED);
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

  private boolean isStopped() {
    synchronized (lock) {
      return stopped != null;
    }
  }

  private boolean mayPull() {
    synchronized (lock) {
      return stopped == null && !exhausted;
    }
  }

  /** Hands an item over; false if the batch has ended without it. */
  private boolean done(Interruption interruption, BatchItem<T, R> item) {
    boolean late =
        item.status() != BatchItem.Status.SUCCEEDED && deadline != null && deadline.hasPassed();
    synchronized (lock) {
      if (running.remove(interruption) == null) {
        return false;
      }
      hand(item);
    }
    progressLock.lock();
    tell(item);
    if (late) {
      expire();
    } else if (item.status() == BatchItem.Status.FAILED && settings.failFast()) {
      stop(BatchSummary.End.FAILED_FAST);
    }
    return true;
  }

  /** With the lock, so that the end does not come between. */
  private void hand(BatchItem<T, R> item) {
    summary = summary.plus(item);
    sink.accept(item);
  }

  private void expire() {
    stop(BatchSummary.End.TIMED_OUT);
  }

  /** Ends without those who do not hear an interrupt, be it in a callback. */
  private void abandon() {
    List<BatchItem<T, R>> left = new ArrayList<>();
    boolean ended;
    synchronized (lock) {
      running.values().forEach(slot -> left.add(BatchItem.cancelled(slot, null)));
      running.clear();
      left.forEach(this::hand);
      pulling.clear();
      workers = 0;
      ended = endIfIdle();
    }
    for (BatchItem<T, R> item : left) {
      if (progressLock.tryLock()) { // else the callback is what hangs
        tell(item);
      }
    }
    if (ended) {
      sink.ended();
    }
  }

  /** With the lock of the progress, which it gives back. */
  private void tell(BatchItem<T, R> item) {
    try {
      progress = progress.plus(item).after(elapsed());
      settings.tell(progress);
    } finally {
      progressLock.unlock();
    }
  }

  private Duration elapsed() {
    return Duration.ofNanos(settings.clock().nanoTime() - startNanos);
  }

  /** With the lock: whether the batch has ended just now. */
  private boolean endIfIdle() {
    if (over || workers > 0 || (stopped == null && !exhausted)) {
      return false;
    }
    over = true;
    expiry.cancel();
    summary =
        summary.after(elapsed()).ended(stopped == null ? BatchSummary.End.COMPLETED : stopped);
    return true;
  }

  /** Not on the clock's thread, which is everybody's. */
  private static void later(Runnable task) {
    DaemonThreads.shared().execute(task);
  }
}

package dev.agentops.resilience;

import dev.agentops.Clock;
import dev.agentops.Deadline;
import dev.agentops.FaultLog;
import dev.agentops.event.OpsEventListener;
import dev.agentops.event.WorkQueueEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * A queue with an end: so many jobs run at once, so many more wait, and what is beyond waits to be
 * let in, is refused, or takes the place of another.
 *
 * <pre>{@code
 * WorkQueue queue = WorkQueue.builder().workers(4).capacity(100).build();
 * CompletableFuture<String> answer = queue.submit(() -> agent.answer(question));
 * }</pre>
 *
 * <p>Jobs of a higher priority go first, those of one priority by turns of their keys, those of one
 * key in order. Each runs in the {@link dev.agentops.Context} of its submitter. A job whose time is
 * over ({@link Job#timeout} or the submitter's {@link Deadline}) leaves the queue or is
 * interrupted, and its future fails with a {@link TimeoutException}, whatever the work itself makes
 * of its end. Cancelling a future, or one derived from it, does the same; work that does not hear
 * the interrupt keeps its worker until it ends.
 *
 * <p>The threads are daemons, which do not keep the JVM alive: call {@link #drain} in the shutdown
 * hook of the host. Idle threads end. Thread-safe.
 */
public final class WorkQueue implements AutoCloseable {

  private static final Duration UNKNOWN_WAIT = Duration.ofSeconds(1);

  private final String name;
  private final int workers;
  private final int capacity;
  private final Duration maxWait;
  private final ShedPolicy policy;
  private final Clock clock;
  private final Executor executor;
  private final OpsEventListener listeners;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private final JobLine line = new JobLine();
  private final Set<QueuedJob<?>> running = new LinkedHashSet<>();
  private final WorkQueueStats.Counts counts = new WorkQueueStats.Counts();
  private int active;
  private long arrived;
  private boolean closed;

  private WorkQueue(Builder from) {
    name = from.name;
    workers = from.workers;
    capacity = from.capacity;
    maxWait = from.maxWait;
    policy = from.policy;
    clock = from.clock;
    executor = from.executor;
    listeners = OpsEventListener.all(from.listeners, new FaultLog(WorkQueue.class, clock));
  }

  /** A queue of the defaults. */
  public static WorkQueue create() {
    return builder().build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Takes in a job of priority 0; see {@link #submit(Job)}.
   *
   * @throws QueueFullException if the queue is full or takes no more
   */
  public <T> CompletableFuture<T> submit(Callable<T> work) {
    return submit(Job.of(work));
  }

  /**
   * Takes in a job. Where the queue is full, waits for room as long as {@link Builder#maxWait} and
   * the job's time allow, then does what its {@link ShedPolicy} says. A thread that is interrupted
   * while it waits is refused and stays interrupted.
   *
   * @return what the work results in, or fails with what it threw, with a {@link
   *     QueueFullException} if it was shed, or a {@link TimeoutException} if its time was over
   * @throws QueueFullException if the queue is full or takes no more
   */
  public <T> CompletableFuture<T> submit(Job<T> job) {
    Objects.requireNonNull(job, "job");
    QueuedJob<T> coming = new QueuedJob<>(job, clock, this::left);
    QueuedJob<?> victim = null;
    boolean start = false;
    boolean late; // for a place in the queue, and not worth that of another
    QueueFullException refusal = null;
    lock.lock();
    try {
      boolean room = awaitRoom(coming);
      late = !room && !closed && coming.isExpired();
      victim = room || closed || late ? null : line.victim(policy, coming);
      if (late) {
        counts.accepted++;
      } else if (closed || (!room && victim == null)) {
        counts.refused++;
        refusal =
            closed
                ? QueueFullException.closed(name)
                : QueueFullException.refused(name, line.size(), timeOfQueue());
      } else {
        start = enter(coming, victim);
      }
    } finally {
      lock.unlock();
    }
    if (refusal != null) {
      publish(WorkQueueEvent.Type.REFUSED, coming);
      throw refusal;
    }
    if (late) {
      expire(coming, null);
      return coming.future();
    }
    if (victim != null) {
      shed(victim);
    }
    if (start) {
      startWorker();
    }
    coming.watch(clock, () -> DaemonThreads.shared().execute(() -> expire(coming, null)));
    return coming.future();
  }

  /** What the queue holds and has done. */
  public WorkQueueStats stats() {
    lock.lock();
    try {
      return new WorkQueueStats(counts, line.size(), running.size());
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes no more, and waits until all that runs and waits is done, or until the time is over. What
   * still waits then is cancelled and returned; what still runs is left to run: {@link #close()}
   * interrupts it.
   *
   * @return the jobs that were not begun, in the order in which they would have been
   * @throws InterruptedException if the thread is interrupted; the queue goes on with what it has
   */
  public List<Job<?>> drain(Duration maxWait) throws InterruptedException {
    Deadline deadline = Deadline.after(Checks.notNegative("maxWait", maxWait), clock);
    Clock.Timer timer = clock.schedule(maxWait, this::signal);
    List<QueuedJob<?>> left;
    lock.lockInterruptibly();
    try {
      closed = true;
      changed.signalAll();
      while (!(line.isEmpty() && active == 0) && !deadline.hasPassed()) {
        changed.await();
      }
      left = line.clear();
    } finally {
      lock.unlock();
      timer.cancel();
    }
    left.forEach(job -> job.future().cancel(false));
    List<Job<?>> jobs = new ArrayList<>();
    left.forEach(job -> jobs.add(job.job()));
    return jobs;
  }

  /** Takes no more, cancels what waits and interrupts what runs; does not wait for that to end. */
  @Override
  public void close() {
    List<QueuedJob<?>> all;
    lock.lock();
    try {
      closed = true;
      changed.signalAll();
      all = line.clear();
      all.addAll(running);
    } finally {
      lock.unlock();
    }
    all.forEach(job -> job.future().cancel(true));
  }

  /** Waits, with the lock, for room; false if there is none in time. */
  private boolean awaitRoom(QueuedJob<?> coming) {
    if (hasRoom() || closed || maxWait.isZero()) {
      return hasRoom();
    }
    Deadline own = coming.deadline();
    Duration most = own == null ? maxWait : own.cut(maxWait);
    Deadline deadline = Deadline.after(most, clock);
    Clock.Timer timer = clock.schedule(most, this::signal);
    try {
      while (!hasRoom() && !closed && !deadline.hasPassed()) {
        changed.await();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      timer.cancel();
    }
    return hasRoom();
  }

  /** A job that a free worker will take at once does not count as waiting. */
  private boolean hasRoom() {
    return line.size() + running.size() < (long) capacity + workers;
  }

  /** Puts a job in line; whether it needs one more worker. */
  private boolean enter(QueuedJob<?> coming, @Nullable QueuedJob<?> victim) {
    if (victim != null) {
      line.remove(victim);
    }
    counts.accepted++;
    coming.number = arrived++;
    line.add(coming);
    if (active == workers) {
      return false;
    }
    active++;
    return true;
  }

  private void startWorker() {
    try {
      executor.execute(this::work);
    } catch (Throwable t) { // no thread to be had
      List<QueuedJob<?>> stranded = List.of();
      lock.lock();
      try {
        active--;
        if (active == 0) { // nobody is there to run them
          stranded = line.clear();
        }
      } finally {
        lock.unlock();
      }
      QueueFullException refusal = QueueFullException.noThread(name, t);
      stranded.forEach(job -> shed(job, refusal));
    }
  }

  private void work() {
    for (QueuedJob<?> next = next(); next != null; next = next()) {
      if (next.isExpired()) {
        expire(next, null);
      }
      long begin = clock.nanoTime();
      Runnable completion = next.run(this::expire);
      finished(next, clock.nanoTime() - begin);
      completion.run();
    }
  }

  private @Nullable QueuedJob<?> next() {
    lock.lock();
    try {
      QueuedJob<?> next = line.poll();
      if (next == null) {
        active--;
        changed.signalAll();
      } else {
        running.add(next);
      }
      return next;
    } finally {
      lock.unlock();
    }
  }

  private void finished(QueuedJob<?> job, long nanos) {
    lock.lock();
    try {
      running.remove(job);
      if (job.hasBegun()) {
        counts.ran(nanos);
      }
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** A job's future is complete, be it that the work is done or that nobody wants it any more. */
  private void left(QueuedJob<?> job) {
    job.unwatch();
    lock.lock();
    try {
      line.remove(job);
      counts.left(job.end());
      changed.signalAll();
    } finally {
      lock.unlock();
    }
    job.interruption().interrupt();
  }

  private void expire(QueuedJob<?> job, @Nullable Throwable failure) {
    if (job.expire(name, failure)) {
      publish(WorkQueueEvent.Type.EXPIRED, job);
    }
  }

  private void shed(QueuedJob<?> job) {
    shed(job, QueueFullException.shed(name, retryAfter()));
  }

  private void shed(QueuedJob<?> job, QueueFullException refusal) {
    publish(WorkQueueEvent.Type.SHED, job);
    job.shed(refusal);
  }

  private void signal() {
    lock.lock();
    try {
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private Duration retryAfter() {
    lock.lock();
    try {
      return timeOfQueue();
    } finally {
      lock.unlock();
    }
  }

  /** With the lock: how long the workers have to do with what waits. */
  private Duration timeOfQueue() {
    if (counts.averageNanos == 0) {
      return UNKNOWN_WAIT;
    }
    double nanos = counts.averageNanos * Math.max(1, line.size()) / workers;
    return Duration.ofNanos(Math.max(1_000_000, (long) nanos));
  }

  private void publish(WorkQueueEvent.Type type, QueuedJob<?> job) {
    listeners.onEvent(
        WorkQueueEvent.builder(clock.now(), type, name)
            .key(job.job().key())
            .priority(job.job().priority())
            .waiting(stats().waiting())
            .attributes(job.context().attributes())
            .build());
  }

  /** Configures a {@link WorkQueue}. Not thread-safe. */
  public static final class Builder {

    /** {@value}. */
    public static final int DEFAULT_WORKERS = 8;

    /** {@value}. */
    public static final int DEFAULT_CAPACITY = 1000;

    private final List<OpsEventListener> listeners = new ArrayList<>();
    private String name = "work-queue";
    private int workers = DEFAULT_WORKERS;
    private int capacity = DEFAULT_CAPACITY;
    private Duration maxWait = Duration.ZERO;
    private ShedPolicy policy = ShedPolicy.REJECT_NEWEST;
    private Clock clock = Clock.system();
    private Executor executor = DaemonThreads.shared();

    private Builder() {}

    /** What rejections and events call it; {@code work-queue} unless said. */
    public Builder named(String name) {
      this.name = Checks.notBlank("name", name);
      return this;
    }

    /** How many jobs run at once; {@value #DEFAULT_WORKERS} unless said. */
    public Builder workers(int workers) {
      this.workers = Checks.atLeast(1, "workers", workers);
      return this;
    }

    /** How many jobs wait, beside those that run; {@value #DEFAULT_CAPACITY} unless said. */
    public Builder capacity(int capacity) {
      this.capacity = Checks.atLeast(1, "capacity", capacity);
      return this;
    }

    /** How long {@code submit} waits for room in a full queue; not at all unless said. */
    public Builder maxWait(Duration maxWait) {
      this.maxWait = Checks.notNegative("maxWait", maxWait);
      return this;
    }

    /** Who has to go when the queue is full; {@link ShedPolicy#REJECT_NEWEST} unless said. */
    public Builder shed(ShedPolicy policy) {
      this.policy = Objects.requireNonNull(policy, "policy");
      return this;
    }

    /**
     * Adds a listener that is told of each job that is refused, shed or expired, on the thread that
     * is concerned with it. What it throws is logged and ignored.
     */
    public Builder listener(OpsEventListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Where the workers run; on daemon threads that end when idle unless said. One task each, as
     * many as there are workers at most; the queue does not shut it down.
     */
    public Builder executor(Executor executor) {
      this.executor = Objects.requireNonNull(executor, "executor");
      return this;
    }

    public WorkQueue build() {
      return new WorkQueue(this);
    }
  }
}

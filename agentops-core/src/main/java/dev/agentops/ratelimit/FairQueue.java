package dev.agentops.ratelimit;

import dev.agentops.Clock;
import java.time.Duration;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Where callers wait for capacity that several keys share, in the order that {@link FairOrder}
 * tells. Thread-safe.
 *
 * <p>Only the one whose turn it is asks for the capacity: when it comes to be first, when something
 * was given back, and when the time has come that the capacity told. One timer serves all who wait.
 * Who cannot be served in time is refused at once, as far as the capacity, or how fast the queue
 * has moved of late, tells that.
 *
 * @param <T> what is waited for
 */
final class FairQueue<T> {

  private final Capacity<T> capacity;
  private final Clock clock;
  private final Executor dispatcher;
  private final int maximumQueued;
  private final AtomicInteger dispatches = new AtomicInteger();
  private final LongAdder shed = new LongAdder();

  private final FairOrder<T> order;
  private final Pace pace = new Pace();

  /** How often capacity is looked for that nobody gave back. */
  private static final long TIDY_NANOS = 1_000_000_000;

  private final TreeSet<Waiter<T>> byDeadline = new TreeSet<>(FairQueue::compareDeadlines);
  private volatile int size;
  private long arrivals;
  private long returns;
  private @Nullable Waiter<T> heldUp;
  private long heldUpUntilNanos;
  private boolean heldUpUnknown;
  private Shortage shortage = Shortage.NONE;
  private long tidyNanos;
  private Clock.@Nullable Timer timer;
  private long timerNanos;

  /**
   * An empty queue.
   *
   * @param dispatcher runs what asks the capacity; the calling thread's, unless asking may block
   * @param weight of a key: finite and above zero
   * @param maximumQueued when so many wait, the last to come of the lowest priority is refused
   */
  FairQueue(
      Capacity<T> capacity,
      Clock clock,
      Executor dispatcher,
      ToDoubleFunction<String> weight,
      int maximumQueued) {
    this.capacity = capacity;
    this.clock = clock;
    this.dispatcher = dispatcher;
    this.maximumQueued = maximumQueued;
    this.order = new FairOrder<>(weight);
  }

  /**
   * Waits until it is this caller's turn and takes what it asks for, or for as long as it may.
   *
   * @param holds whether it is to hold a permit, where concurrency is limited
   * @throws InterruptedException if interrupted; nothing is then taken
   */
  Waiter<T> await(String key, Demand demand, boolean holds, long maxWaitNanos)
      throws InterruptedException {
    Waiter<T> waiter = enqueue(key, demand, holds, maxWaitNanos);
    try {
      waiter.await();
    } catch (InterruptedException e) {
      leave(waiter);
      throw e;
    }
    return waiter;
  }

  /** Stands in the queue without blocking, or is refused at once. */
  Waiter<T> enqueue(String key, Demand demand, boolean holds, long maxWaitNanos) {
    Waiter<T> waiter;
    synchronized (this) {
      long now = clock.nanoTime();
      double cost = capacity.cost(demand);
      waiter = new Waiter<>(key, demand, holds, cost, arrivals++, now, now + maxWaitNanos);
      long estimate = estimateNanos(key, demand, cost, now);
      if (estimate > maxWaitNanos || (size >= maximumQueued && !makeRoomFor(waiter))) {
        waiter.refused(estimate);
        return waiter;
      }
      order.add(waiter);
      byDeadline.add(waiter);
      size++;
    }
    dispatch();
    return waiter;
  }

  /** Stands in the queue no more; gives back what it got in the last moment. */
  void leave(Waiter<T> waiter) {
    T taken = null;
    synchronized (this) {
      if (waiter.isOver()) {
        taken = waiter.takenIfAny();
      } else {
        remove(waiter);
        waiter.refused(1);
      }
    }
    if (taken != null) {
      giveBack(waiter.key, taken);
    }
    dispatch();
  }

  /** Capacity was given back that this key took. */
  void returned(String key) {
    if (size == 0) {
      return;
    }
    synchronized (this) {
      returns++;
      heldUp = null;
      order.unblock(key);
    }
    dispatch();
  }

  /** What is there to be had may be another for all keys. */
  void changed() {
    synchronized (this) {
      returns++;
      heldUp = null;
      order.unblockAll();
    }
    dispatch();
  }

  /**
   * Whether one who takes now without waiting would take what others of its priority or a higher
   * one wait for: those of its key, and all once somebody lacked what all keys share.
   *
   * @param holds whether it wants a permit; else it is not in the way of those who lack only that
   */
  boolean wouldPushIn(String key, int priority, boolean holds) {
    if (size == 0) {
      return false;
    }
    synchronized (this) {
      boolean competes =
          shortage == Shortage.OF_CAPACITY || (shortage == Shortage.OF_PERMITS && holds);
      return order.waits(key, priority, holds) || (competes && order.anyReady(priority));
    }
  }

  /** How long one who comes now would wait at least, as far as can be told; 0 for unknown. */
  synchronized long estimateNanos(String key, Demand demand) {
    return estimateNanos(key, demand, capacity.cost(demand), clock.nanoTime());
  }

  /** How many wait. */
  int size() {
    return size;
  }

  /** How many were refused because too many waited. */
  long shed() {
    return shed.sum();
  }

  /** Serves whoever can be; if another thread is at it, that one looks once more. */
  private void dispatch() {
    if (dispatches.getAndIncrement() == 0) {
      try {
        dispatcher.execute(this::serve);
      } catch (Throwable t) { // such as a thread that cannot be started: the timer tries again
        dispatches.set(0);
        capacity.failed(t);
        synchronized (this) {
          setTimer(clock.nanoTime());
        }
      }
    }
  }

  private void serve() {
    int seen = 1;
    try {
      do {
        capacity.tidy();
        while (serveNext()) {
          // until the first must wait
        }
        seen = dispatches.addAndGet(-seen);
      } while (seen != 0);
    } finally {
      if (seen != 0) { // an Error: the next one who comes goes on
        dispatches.set(0);
      }
    }
  }

  private boolean serveNext() {
    Waiter<T> next;
    long returnsSeen;
    synchronized (this) {
      long now = clock.nanoTime();
      refuseOverdue(now);
      next = order.next(now);
      if (next == null) {
        shortage = Shortage.NONE;
      }
      if (next == null || (next == heldUp && heldUpUntilNanos - now > 0)) {
        setTimer(now);
        return false;
      }
      returnsSeen = returns;
    }
    Attempt<T> attempt;
    try {
      attempt =
          capacity.tryTake(
              next.key, next.demand, next.holds); // may ask another machine: not locked
    } catch (RuntimeException e) {
      fail(next, e);
      return true;
    }
    T tooLate = settle(next, attempt, returnsSeen);
    if (tooLate != null) {
      giveBack(next.key, tooLate);
    }
    return true;
  }

  /** Returns what was taken for one who is gone. */
  private synchronized @Nullable T settle(Waiter<T> waiter, Attempt<T> attempt, long returnsSeen) {
    T taken = attempt.taken();
    if (waiter.isOver()) {
      return taken;
    }
    long now = clock.nanoTime();
    if (taken != null) {
      order.served(waiter, now);
      forget(waiter);
      pace.served(waiter.cost, now, size > 0);
      waiter.got(taken);
    } else if (now + attempt.waitNanos() - waiter.deadlineNanos > 0 && attempt.certain()) {
      remove(waiter);
      waiter.refused(attempt.waitNanos());
    } else {
      order.lacks(waiter, !attempt.certain());
      if (attempt.shared()) {
        shortage = attempt.certain() ? Shortage.OF_CAPACITY : Shortage.OF_PERMITS;
      }
      if (returns == returnsSeen) { // else it may fit by now
        holdUp(waiter, attempt, now);
      }
    }
    return null;
  }

  private void holdUp(Waiter<T> waiter, Attempt<T> attempt, long now) {
    long until = now + attempt.waitNanos();
    if (attempt.shared()) {
      heldUp = waiter;
      heldUpUntilNanos = until;
      heldUpUnknown = !attempt.certain();
    } else {
      order.block(waiter.key, until);
    }
  }

  private void giveBack(String key, T taken) {
    capacity.giveBack(taken);
    returned(key);
  }

  private synchronized void fail(Waiter<T> waiter, RuntimeException failure) {
    if (!waiter.isOver()) {
      remove(waiter);
      waiter.failed(failure);
    }
  }

  private long estimateNanos(String key, Demand demand, double cost, long now) {
    long moving = pace.nanos(order.costAhead(key, demand.priority(), cost));
    boolean behind = heldUp != null && heldUp.priority() >= demand.priority();
    return behind && !heldUpUnknown ? Math.max(moving, heldUpUntilNanos - now) : moving;
  }

  private boolean makeRoomFor(Waiter<T> waiter) {
    shed.increment();
    Waiter<T> least = order.leastWorthy();
    if (least == null || least.priority() >= waiter.priority()) {
      return false;
    }
    remove(least);
    least.refused(estimateNanos(least.key, least.demand, least.cost, waiter.enqueuedNanos));
    return true;
  }

  private void refuseOverdue(long now) {
    while (!byDeadline.isEmpty() && byDeadline.first().deadlineNanos - now <= 0) {
      Waiter<T> overdue = byDeadline.first();
      remove(overdue);
      overdue.refused(estimateNanos(overdue.key, overdue.demand, overdue.cost, now));
    }
  }

  private void remove(Waiter<T> waiter) {
    order.remove(waiter);
    forget(waiter);
  }

  private void forget(Waiter<T> waiter) {
    byDeadline.remove(waiter);
    size--;
    if (heldUp == waiter) {
      heldUp = null;
    }
    if (size == 0) {
      pace.idle();
      shortage = Shortage.NONE;
    }
  }

  /** Looks again when the first may be served, when a key comes back, or when one must leave. */
  private void setTimer(long now) {
    if (size == 0) {
      cancelTimer();
      return;
    }
    long at = byDeadline.first().deadlineNanos;
    Long unblock = order.nextUnblockNanos();
    at = unblock == null ? at : earlier(at, unblock);
    at = heldUp == null ? at : earlier(at, heldUpUntilNanos);
    if (tidyNanos - now <= 0 || tidyNanos - now > TIDY_NANOS) {
      tidyNanos = now + TIDY_NANOS;
    }
    at = earlier(at, tidyNanos);
    if (timer != null && timerNanos == at) {
      return;
    }
    cancelTimer();
    timerNanos = at;
    timer = clock.schedule(Duration.ofNanos(Math.max(0, at - now)), this::timeHasCome);
  }

  private void timeHasCome() {
    synchronized (this) {
      timer = null;
      refuseOverdue(clock.nanoTime());
    }
    dispatch();
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private static long earlier(long a, long b) {
    return a - b < 0 ? a : b; // nanoTime may wrap
  }

  private static int compareDeadlines(Waiter<?> a, Waiter<?> b) {
    long difference = a.deadlineNanos - b.deadlineNanos;
    return difference == 0 ? Long.compare(a.order, b.order) : Long.signum(difference);
  }

  /** What those lack who wait, of what all keys share. */
  private enum Shortage {
    NONE,
    OF_PERMITS,
    OF_CAPACITY
  }

  /** What is waited for. */
  interface Capacity<T> {

    /** Takes what is asked for, all of it and now, or tells why that is not possible. */
    Attempt<T> tryTake(String key, Demand demand, boolean holds);

    /** Nobody wants it any more. */
    void giveBack(T taken);

    /** How much of the shared capacity a demand takes, in any unit. */
    double cost(Demand demand);

    /** Gives back what was lost, by the queue's own method. Called often; never throws. */
    void tidy();

    /** Nobody could be served; it will be tried again. Never throws. */
    void failed(Throwable failure);
  }

  /**
   * What came of an attempt to take.
   *
   * @param taken null where it did not fit
   * @param waitNanos how long until it might fit, or until it is worth asking again
   * @param certain whether it cannot fit before, unless something is given back
   * @param shared whether what all keys share is used up, and not just what is the key's own
   */
  record Attempt<T>(@Nullable T taken, long waitNanos, boolean certain, boolean shared) {

    /** Only what is given back helps. */
    static final long UNTIL_RETURNED = Long.MAX_VALUE / 4;

    static <T> Attempt<T> taken(T taken) {
      return new Attempt<>(taken, 0, true, false);
    }

    /** It is a matter of time. */
    static <T> Attempt<T> after(long waitNanos, boolean shared) {
      return new Attempt<>(null, waitNanos, true, shared);
    }

    /** Somebody must give something back, and nobody knows when. */
    static <T> Attempt<T> unknown(long askAgainNanos, boolean shared) {
      return new Attempt<>(null, askAgainNanos, false, shared);
    }
  }
}

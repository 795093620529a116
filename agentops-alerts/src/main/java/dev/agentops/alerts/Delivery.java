package dev.agentops.alerts;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings alerts to one handler, on a daemon thread of its own: in order, each up to {@value
 * #MAX_ATTEMPTS} times with doubling pauses.
 *
 * <p>A failing alert holds up the ones behind it: most often it is the channel that is down, and
 * hammering on it does not help. Thread-safe.
 */
final class Delivery {

  static final int MAX_ATTEMPTS = 4;
  static final Duration FIRST_PAUSE = Duration.ofSeconds(1);

  private static final Logger LOG = LoggerFactory.getLogger(AlertManager.class);

  private final AlertHandler handler;
  private final Clock clock;
  private final FaultLog faults;
  private final Thread worker;

  // guarded by this
  private final AlertQueue queue;
  private AlertQueue.@Nullable Entry inHand;
  private boolean closing;
  private boolean abandoned;
  private long delivered;
  private long failed;
  private long dropped;

  private Delivery(AlertHandler handler, int capacity, Clock clock) {
    this.handler = handler;
    this.clock = clock;
    this.faults = new FaultLog(AlertManager.class, clock);
    this.queue = new AlertQueue(capacity);
    this.worker = new Thread(this::run, "agentops-alerts-" + name());
    worker.setDaemon(true);
  }

  static Delivery start(AlertHandler handler, int capacity, Clock clock) {
    Delivery delivery = new Delivery(handler, capacity, clock);
    delivery.worker.start();
    return delivery;
  }

  /** Queues a notification; never waits for the handler. */
  void offer(Notification notification) {
    if (!add(notification)) {
      LOG.warn(
          "alert handler {} is too slow: its queue is full and alerts are dropped; this is said once, AlertManager.stats() counts",
          name());
    }
  }

  /**
   * Whether all that was offered before this call was delivered or given up within the time,
   * counted from the start.
   */
  synchronized boolean await(long startNanos, long timeoutNanos) throws InterruptedException {
    long target = queue.lastSequence();
    while (queue.holdsAnyUpTo(target) || (inHand != null && inHand.sequence() <= target)) {
      long left = timeoutNanos - (System.nanoTime() - startNanos);
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }

  /** Takes no more alerts; those that wait get one attempt each, without pauses. */
  synchronized void close() {
    closing = true;
    notifyAll();
  }

  /** After {@link #close()}: waits for what is left, then drops it and interrupts the handler. */
  void finish(long startNanos, long timeoutNanos) {
    if (isCaller()) {
      return; // a handler that closes its manager cannot wait for itself
    }
    try {
      if (await(startNanos, timeoutNanos)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    abandon();
  }

  /** Whether it is the handler that calls. */
  boolean isCaller() {
    return Thread.currentThread() == worker;
  }

  synchronized AlertStats stats() {
    return new AlertStats(0, delivered, failed, dropped, queue.size() + (inHand == null ? 0 : 1));
  }

  /** False when this notification made the queue overflow for the first time. */
  private synchronized boolean add(Notification notification) {
    boolean kept = !closing && queue.add(notification);
    if (!kept) {
      dropped++;
    }
    notifyAll();
    return kept || closing || dropped > 1;
  }

  private void run() {
    for (Notification next = next(); next != null; next = next()) {
      deliver(next);
    }
  }

  /** Waits for the next notification; null when there will be none. */
  private synchronized @Nullable Notification next() {
    inHand = null;
    notifyAll();
    while (queue.size() == 0 && !closing) {
      waitForChange();
    }
    inHand = queue.poll();
    return inHand == null ? null : inHand.notification();
  }

  private void deliver(Notification notification) {
    Duration pause = FIRST_PAUSE;
    for (int attempt = 1; ; attempt++) {
      boolean last = attempt == MAX_ATTEMPTS || isClosing();
      Thread.interrupted(); // whatever the attempt before left behind
      try {
        handler.deliver(notification);
        count(true);
        return;
      } catch (Throwable t) { // an Error too: this thread is all the handler has
        if (last || isAbandoned()) {
          count(false);
          faults.report("alert handler " + name() + " with group " + notification.groupKey(), t);
          return;
        }
      }
      pause(pause);
      pause = pause.multipliedBy(2);
    }
  }

  private synchronized void abandon() {
    abandoned = true;
    dropped += queue.size();
    while (queue.poll() != null) {}
    worker.interrupt();
  }

  /** Waits by the clock, so that a test can move it; closing ends the wait. */
  private void pause(Duration pause) {
    AtomicBoolean over = new AtomicBoolean();
    Clock.Timer timer = clock.schedule(pause, () -> end(over));
    synchronized (this) {
      while (!over.get() && !closing) {
        waitForChange();
      }
    }
    timer.cancel();
  }

  private synchronized void end(AtomicBoolean pause) {
    pause.set(true);
    notifyAll();
  }

  private synchronized boolean isClosing() {
    return closing;
  }

  private synchronized boolean isAbandoned() {
    return abandoned;
  }

  private synchronized void count(boolean success) {
    if (success) {
      delivered++;
    } else {
      failed++;
    }
  }

  @SuppressWarnings("WaitNotInLoop") // the callers loop
  private synchronized void waitForChange() {
    try {
      wait();
    } catch (InterruptedException e) {
      // left behind by the handler, or by abandon(): the callers look again at what they wait for
    }
  }

  private String name() {
    return handler.name();
  }
}

package dev.agentops.alerts;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.ratelimit.RateLimiter;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
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

  private static final String DESTINATION = "destination";

  private static final Logger LOG = LoggerFactory.getLogger(AlertManager.class);

  private final AlertHandler handler;
  private final Clock clock;
  private final FaultLog faults;
  private final Thread worker;
  private final @Nullable RateLimiter limiter;

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
    this.limiter =
        handler
            .limits()
            .map(limits -> RateLimiter.builder().limitsOf(key -> limits).clock(clock).build())
            .orElse(null);
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
    for (Notification part : parts(notification)) {
      deliverPart(part);
    }
  }

  /** What its handler makes of it; whole if that would lose an alert. */
  private List<Notification> parts(Notification notification) {
    try {
      List<Notification> parts = handler.split(notification);
      if (fingerprints(parts).equals(fingerprints(List.of(notification)))) {
        return parts;
      }
      throw new IllegalStateException("the parts have not the alerts of the whole, in order");
    } catch (Throwable t) {
      faults.report("splitting group " + notification.groupKey() + " for " + name(), t);
      return List.of(notification);
    }
  }

  private void deliverPart(Notification part) {
    Duration pause = FIRST_PAUSE;
    for (int attempt = 1; awaitPermit(); attempt++) {
      boolean last = attempt == MAX_ATTEMPTS || isClosing();
      Thread.interrupted(); // whatever the attempt before left behind
      try {
        attempt(part);
        count(true);
        return;
      } catch (Throwable t) { // an Error too: this thread is all the handler has
        if (last || isAbandoned() || isFinal(t)) {
          count(false);
          faults.report("alert handler " + name() + " with group " + part.groupKey(), t);
          return;
        }
        pause(longer(pause, t));
      }
      pause = pause.multipliedBy(2);
    }
    count(false);
  }

  private void attempt(Notification part) throws Exception {
    Clock.Timer timeout = clock.schedule(handler.timeout(), worker::interrupt);
    try {
      handler.deliver(part);
    } finally {
      timeout.cancel();
    }
  }

  private static boolean isFinal(Throwable failure) {
    return failure instanceof DeliveryException told
        && told.outcome() != DeliveryException.Outcome.RETRY;
  }

  private static Duration longer(Duration pause, Throwable failure) {
    Duration asked =
        failure instanceof DeliveryException told
            ? told.retryAfter().orElse(Duration.ZERO)
            : Duration.ZERO;
    return asked.compareTo(pause) > 0 ? asked : pause;
  }

  private static List<String> fingerprints(List<Notification> notifications) {
    return notifications.stream()
        .flatMap(notification -> notification.alerts().stream())
        .map(Alert::fingerprint)
        .toList();
  }

  /** Waits until its destination takes a message; false if that came too late. */
  private boolean awaitPermit() {
    while (limiter != null && !limiter.tryAcquire(DESTINATION)) {
      pause(limiter.probe(DESTINATION).retryAfter(), this::isAbandoned);
      if (isAbandoned()) {
        return false;
      }
    }
    return true;
  }

  private synchronized void abandon() {
    abandoned = true;
    dropped += queue.size();
    while (queue.poll() != null) {}
    worker.interrupt();
  }

  private void pause(Duration pause) {
    pause(pause, this::isClosing);
  }

  /** Waits by the clock, so that a test can move it. */
  private void pause(Duration pause, BooleanSupplier ends) {
    AtomicBoolean over = new AtomicBoolean();
    Clock.Timer timer = clock.schedule(pause, () -> end(over));
    synchronized (this) {
      while (!over.get() && !ends.getAsBoolean()) {
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

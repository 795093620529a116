package dev.agentops.alerts;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.time.Duration;
import java.time.Instant;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The daemon thread between those who fire alerts and the deliveries: takes what changed to the
 * dispatcher, ends what has ended, and gives the groups their turns. Waits for nobody.
 */
final class Engine {

  /** How often what is over and empty is cleared away, as Alertmanager. */
  private static final Duration CLEANING = Duration.ofSeconds(30);

  private final ActiveAlerts active;
  private final Dispatcher dispatcher;
  private final MessageIndex messages;
  private final Clock clock;
  private final FaultLog faults;
  private final Thread thread = new Thread(this::run, "agentops-alerts-engine");
  private final AtomicBoolean signalled = new AtomicBoolean();
  private final Queue<Request> requests = new ConcurrentLinkedQueue<>();
  private volatile boolean closing;
  private volatile boolean ended;

  // seen by the engine's thread only
  private Clock.@Nullable Timer timer;
  private long timerNanos;
  private long cleanedNanos;

  private Engine(
      ActiveAlerts active,
      Dispatcher dispatcher,
      MessageIndex messages,
      Clock clock,
      FaultLog faults) {
    this.active = active;
    this.dispatcher = dispatcher;
    this.messages = messages;
    this.clock = clock;
    this.faults = faults;
    this.cleanedNanos = clock.nanoTime();
    thread.setDaemon(true);
  }

  static Engine start(
      ActiveAlerts active,
      Dispatcher dispatcher,
      MessageIndex messages,
      Clock clock,
      FaultLog faults) {
    Engine engine = new Engine(active, dispatcher, messages, clock, faults);
    engine.thread.start();
    return engine;
  }

  /** Says that there may be something to do; returns at once. */
  void wake() {
    if (!signalled.get() && signalled.compareAndSet(false, true)) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Waits until all that is due by now was given to the deliveries.
   *
   * @param all whether groups that wait for their turn are due, too
   * @return false if time ran out
   */
  boolean settle(boolean all, long startNanos, long timeoutNanos) throws InterruptedException {
    if (Thread.currentThread() == thread) {
      return false; // it cannot wait for itself
    }
    Request request = new Request(all, new CountDownLatch(1));
    requests.add(request);
    wake();
    if (ended) {
      finishRequests();
    }
    long left = timeoutNanos - (System.nanoTime() - startNanos);
    return request.done.await(left, TimeUnit.NANOSECONDS);
  }

  /** Gives all that waits to the deliveries, once, and ends. */
  void close(long startNanos, long timeoutNanos) {
    closing = true;
    try {
      settle(true, startNanos, timeoutNanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!ended) {
      while (!signalled.getAndSet(false)) {
        LockSupport.park(this);
        Thread.interrupted(); // nobody has a reason to interrupt it
      }
      boolean last = closing;
      try {
        turn();
      } catch (Throwable t) { // an Error too: there is no other thread
        faults.report("the alert engine", t);
      }
      ended = last;
    }
    cancelTimer();
    finishRequests();
  }

  private void turn() {
    Queue<Request> asked = new ConcurrentLinkedQueue<>();
    for (Request request = requests.poll(); request != null; request = requests.poll()) {
      asked.add(request);
    }
    try {
      active.takeEvicted().forEach(this::evict);
      active.takeChanges().forEach(this::accept);
      if (asked.stream().anyMatch(request -> request.all)) {
        dispatcher.runAll();
      }
      dispatcher.run();
      clean();
      schedule();
    } finally {
      asked.forEach(request -> request.done.countDown());
    }
  }

  private void accept(ActiveAlert alert) {
    try {
      dispatcher.accept(alert);
    } catch (Throwable t) { // such as a regular expression that overflows the stack
      faults.report("routing alert " + alert.fingerprint(), t);
    }
  }

  private void evict(ActiveAlert alert) {
    dispatcher.evict(alert);
    active.drop(alert);
  }

  private void clean() {
    long now = clock.nanoTime();
    if (now - cleanedNanos >= CLEANING.toNanos()) {
      cleanedNanos = now;
      active.forgetSilent();
      messages.clean();
      dispatcher.clean();
    }
  }

  private void schedule() {
    long now = clock.nanoTime();
    long wait = dispatcher.nanosUntilDue();
    Instant end = active.nextEnd();
    if (end != null) {
      wait = Math.min(wait, Math.max(0, Group.nanos(Duration.between(clock.now(), end))));
    }
    if (!active.isEmpty() || !dispatcher.isEmpty()) {
      wait = Math.min(wait, Math.max(0, CLEANING.toNanos() - (now - cleanedNanos)));
    }
    if (wait == Group.NEVER) {
      return;
    }
    boolean sooner = timer == null || timerNanos - now <= 0 || timerNanos - now > wait;
    if (sooner) {
      cancelTimer();
      timer = clock.schedule(Duration.ofNanos(wait), this::wake);
      timerNanos = now + wait;
    }
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  private void finishRequests() {
    for (Request request = requests.poll(); request != null; request = requests.poll()) {
      request.done.countDown();
    }
  }

  private record Request(boolean all, CountDownLatch done) {}
}

package dev.agentops.ratelimit;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.event.OpsEventListener;
import dev.agentops.event.RateLimitStoreEvent;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps callers away from a store that failed, until it is back and has heard of the reservations
 * that ended meanwhile.
 *
 * <p>The first failure opens the circuit. From then on a daemon thread checks the store after 50
 * ms, and then after twice the time before, up to each second; once a check succeeds it delivers
 * what waits, and closes the circuit. It ends with the limiter, too. Thread-safe; never throws.
 */
final class StoreCircuit {

  private static final Logger LOG = LoggerFactory.getLogger(StoreCircuit.class);

  /** Endings that wait at most; a store gives back by itself what a lost one held. */
  static final int MAXIMUM_PENDING = 10_000;

  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;

  private final String limiter;
  private final RateLimitStore store;
  private final OpsEventListener listener;
  private final Clock clock;
  private final FaultLog faults;
  private final ArrayDeque<Runnable> pending = new ArrayDeque<>();
  private final LongAdder failures = new LongAdder();
  private final LongAdder outages = new LongAdder();
  private final LongAdder lost = new LongAdder();
  private volatile boolean away;
  private long lostAtNanos;

  StoreCircuit(String limiter, RateLimitStore store, OpsEventListener listener, Clock clock) {
    this.limiter = limiter;
    this.store = store;
    this.listener = listener;
    this.clock = clock;
    this.faults = new FaultLog(RateLimitStore.class, clock);
  }

  boolean away() {
    return away;
  }

  long failureCount() {
    return failures.sum();
  }

  long outageCount() {
    return outages.sum();
  }

  long lostCount() {
    return lost.sum();
  }

  /** The store's answer; null if it failed or is away. */
  <T> @Nullable T ask(String what, Supplier<T> question) {
    if (away) {
      return null;
    }
    try {
      return Objects.requireNonNull(question.get(), "the store returned null");
    } catch (Throwable t) {
      failed(what, t);
      return null;
    }
  }

  /** Ends a reservation in the store, now or when it is back. */
  void end(Runnable ending) {
    if (defer(ending)) {
      return;
    }
    boolean interrupted = Thread.interrupted(); // who is broken off must still give back
    try {
      ending.run();
    } catch (Throwable t) {
      if (!failed("ending a reservation in", t) || !defer(ending)) {
        lost.increment(); // refused, or back so soon that there is nobody to deliver it
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** False if the store is there. */
  private synchronized boolean defer(Runnable ending) {
    if (!away) {
      return false;
    }
    if (pending.size() < MAXIMUM_PENDING) {
      pending.add(ending);
    } else {
      lost.increment();
    }
    return true;
  }

  /** Whether it was an outage, rather than a refusal or a caller that was interrupted. */
  private boolean failed(String what, Throwable failure) {
    failures.increment();
    faults.report(what + " the store of rate limit '" + limiter + '\'', failure);
    if (failure instanceof RateLimitStoreException refusal && refusal.refused()) {
      return false;
    }
    if (Thread.currentThread().isInterrupted()) {
      return true;
    }
    synchronized (this) {
      if (away) {
        return true;
      }
      away = true;
      lostAtNanos = clock.nanoTime();
    }
    outages.increment();
    String type = failure.getClass().getName();
    boolean ours = failure instanceof RateLimitStoreException;
    tell(
        RateLimitStoreEvent.lost(
            clock.now(), limiter, ours ? type + ": " + failure.getMessage() : type));
    Thread recovery = new Thread(recovery(new WeakReference<>(this)), "agentops-limit-recovery");
    recovery.setDaemon(true);
    recovery.start();
    return true;
  }

  /** Does not keep the limiter alive while it sleeps. */
  private static Runnable recovery(WeakReference<StoreCircuit> reference) {
    return () -> {
      long pause = FIRST_PAUSE_MILLIS;
      StoreCircuit circuit;
      do {
        try {
          Thread.sleep(pause);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
        }
        pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
        circuit = reference.get();
      } while (circuit != null && !circuit.recovered());
    };
  }

  private boolean recovered() {
    try {
      store.check();
      Runnable ending = next();
      while (ending != null) {
        deliver(ending);
        ending = next();
      }
      return true;
    } catch (Throwable t) {
      failures.increment();
      faults.report("reaching the store of rate limit '" + limiter + '\'', t);
      return false;
    }
  }

  private void deliver(Runnable ending) {
    try {
      ending.run();
    } catch (RateLimitStoreException e) {
      if (!e.refused()) {
        defer(ending); // the store knows if it has heard of it before
        throw e;
      }
      lost.increment();
    }
  }

  /** The next one that waits; where there is none the store is back. */
  private @Nullable Runnable next() {
    Duration wasAway;
    synchronized (this) {
      Runnable ending = pending.poll();
      if (ending != null) {
        return ending;
      }
      away = false;
      wasAway = Duration.ofNanos(clock.nanoTime() - lostAtNanos);
    }
    LOG.info("rate limit '{}': its store is back after {} ms", limiter, wasAway.toMillis());
    tell(RateLimitStoreEvent.recovered(clock.now(), limiter, wasAway));
    return null;
  }

  private void tell(RateLimitStoreEvent event) {
    try {
      listener.onEvent(event);
    } catch (Throwable t) {
      faults.report("a listener of the store of rate limit '" + limiter + '\'', t);
    }
  }
}

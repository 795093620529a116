package dev.agentops.cost;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store whose server may be away: asks it while it answers, and spares callers the waiting while
 * it does not. Thread-safe.
 *
 * <p>A request that fails ends with a {@link BudgetStoreException} after the server's own bounded
 * wait. After {@value #FAILURES_IN_A_ROW} failures in a row, further requests fail at once, while a
 * daemon thread asks again after 50 ms, and then after twice the time before, up to each second.
 * Once the server answers, requests go there again.
 *
 * <p>Settlements that could not be delivered wait here, and are delivered by that thread under
 * their own id, so that one counts once even if the server had taken it without saying so. A
 * request that the server {@linkplain BudgetStoreException#refused() refuses} for good says nothing
 * of the server, and such a settlement does not wait but is lost. Failures are counted, and one a
 * minute is logged.
 */
public abstract class RemoteBudgetStore implements BudgetStore {

  /** {@value} settlements wait at most, unless said. */
  public static final int DEFAULT_MAXIMUM_PENDING = 10_000;

  /** One answer may be late because this process was busy. */
  private static final int FAILURES_IN_A_ROW = 3;

  private static final long FIRST_PAUSE_MILLIS = 50;
  private static final long LONGEST_PAUSE_MILLIS = 1_000;
  private static final long CLOSING_MILLIS = 2_000;

  private final String name;
  private final BudgetStore server;
  private final PendingSettlements pending;
  private final FaultLog faults = new FaultLog(getClass(), Clock.system());
  private final List<LateSettlement> listeners = new CopyOnWriteArrayList<>();

  private final AtomicInteger inARow = new AtomicInteger();

  private final Object lock = new Object();
  private volatile boolean available = true;
  private volatile boolean closed;

  /** Asks again and delivers; null while there is nothing to do. Guarded by the lock. */
  private @Nullable Thread recovery;

  /**
   * A store in front of a server.
   *
   * @param name of the server, for messages
   * @param server asks once, waits for a bounded time, keeps nothing, and throws only {@link
   *     BudgetStoreException}; is closed with this store
   * @param maximumPending how many settlements wait at most while it is away
   */
  protected RemoteBudgetStore(String name, BudgetStore server, int maximumPending) {
    this.name = name;
    this.server = server;
    this.pending = new PendingSettlements(requirePositive(maximumPending));
  }

  /**
   * {@inheritDoc}
   *
   * <p>Where the answer did not come in time, the server may hold the reservation until its lease
   * is over, or until it is settled, which may be with nothing.
   */
  @Override
  public final BudgetDecision reserve(String id, List<BudgetEntry> entries, Duration lease) {
    return ask(() -> server.reserve(id, entries, lease));
  }

  @Override
  public final List<BudgetBalance> settle(String id, List<BudgetEntry> entries) {
    PendingSettlements.Settlement settlement =
        new PendingSettlements.Settlement(id, List.copyOf(entries));
    if (available) {
      try {
        return answered(server.settle(id, entries));
      } catch (BudgetStoreException e) {
        failed(e);
        if (e.refused()) {
          pending.lose(settlement);
          throw e;
        }
      }
    }
    pending.add(settlement);
    if (closed) {
      loseAll();
    } else {
      startRecovery();
    }
    return List.of();
  }

  @Override
  public final void onLateSettlement(LateSettlement listener) {
    listeners.add(listener);
  }

  @Override
  public final BudgetBalance balance(BudgetEntry entry) {
    return ask(() -> server.balance(entry));
  }

  @Override
  public final List<String> keys(String budget, int most) {
    return ask(() -> server.keys(budget, most));
  }

  @Override
  public final SortedMap<Instant, Long> history(String budget, String key, int most) {
    return ask(() -> server.history(budget, key, most));
  }

  @Override
  public final void increase(String budget, String key, long amount, Instant until) {
    ask(
        () -> {
          server.increase(budget, key, amount, until);
          return true;
        });
  }

  @Override
  public final void reset(String budget, String key, BudgetWindow window) {
    ask(
        () -> {
          server.reset(budget, key, window);
          return true;
        });
  }

  /**
   * A number of settlements that may wait.
   *
   * @throws IllegalArgumentException if it is not positive
   */
  protected static int requirePositive(int settlements) {
    if (settlements < 1) {
      throw new IllegalArgumentException(
          "at least one settlement must be able to wait: " + settlements);
    }
    return settlements;
  }

  /** Whether the server is asked: false from some failures in a row until it answers again. */
  public final boolean available() {
    return available;
  }

  /** How many settlements wait for the server. */
  public final int pendingSettlements() {
    return pending.size();
  }

  /**
   * How many settlements were given up, because too many waited, the server refused them or the
   * store was closed; those that charge nothing left out.
   */
  public final long lostSettlements() {
    return pending.lost();
  }

  /** How many requests failed, those that were not even sent left out. */
  public final long failures() {
    return faults.count();
  }

  /**
   * Delivers the settlements that wait, for two seconds at most; those that are left then are lost
   * and logged.
   */
  @Override
  public final void close() {
    Thread running;
    synchronized (lock) {
      if (closed) {
        return;
      }
      closed = true;
      running = recovery;
      lock.notifyAll();
    }
    awaitEnd(running);
    deliverLast();
    loseAll();
    server.close();
  }

  private static void awaitEnd(@Nullable Thread thread) {
    if (thread == null) {
      return;
    }
    try {
      thread.join(CLOSING_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void deliverLast() {
    long deadline = System.nanoTime() + CLOSING_MILLIS * 1_000_000;
    try {
      while (pending.size() > 0 && System.nanoTime() - deadline < 0) {
        if (!deliverOne()) {
          Thread.sleep(FIRST_PAUSE_MILLIS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void loseAll() {
    int lost = pending.loseAll();
    if (lost > 0) {
      faults.report(
          "the delivery of " + lost + " settlements to " + name,
          new BudgetStoreException("closed before " + name + " was back", null));
    }
  }

  /** Tells that the server did not answer when the store was built; it is asked again. */
  protected final void startAway(BudgetStoreException failure) {
    faults.report(name, failure);
    available = false;
    startRecovery();
  }

  private <T> T ask(Supplier<T> question) {
    if (!available) {
      throw BudgetStoreException.unsent(name + " is away");
    }
    try {
      return answered(question.get());
    } catch (BudgetStoreException e) {
      failed(e);
      throw e;
    }
  }

  private <T> T answered(T answer) {
    if (inARow.get() != 0) {
      inARow.set(0);
    }
    return answer;
  }

  private void failed(BudgetStoreException failure) {
    if (failure.interrupted()) {
      return;
    }
    faults.report(name, failure);
    if (failure.refused()) {
      inARow.set(0); // that is an answer
    } else if (inARow.incrementAndGet() >= FAILURES_IN_A_ROW) {
      available = false;
      startRecovery();
    }
  }

  private void startRecovery() {
    synchronized (lock) {
      if (recovery == null && !closed) {
        recovery = new Thread(this::recover, "agentops-budget-recovery");
        recovery.setDaemon(true);
        recovery.start();
      }
    }
  }

  private void recover() {
    long pause = FIRST_PAUSE_MILLIS;
    while (sleep(pause)) {
      pause = answers() ? FIRST_PAUSE_MILLIS : Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  /** Waits; false if there is nothing to wait for any more. */
  private boolean sleep(long millis) {
    synchronized (lock) {
      boolean done = available && pending.size() == 0;
      if (!closed && !done) {
        try {
          lock.wait(millis);
        } catch (InterruptedException e) {
          done = true; // whoever fails next starts anew
        }
      }
      if (closed || done) {
        recovery = null;
        return false;
      }
      return true;
    }
  }

  private boolean answers() {
    try {
      List<String> unused = answered(server.keys("", 0));
      available = true;
      while (!closed && deliverOne()) {
        // until all are delivered
      }
    } catch (BudgetStoreException e) {
      faults.report(name, e);
    } catch (RuntimeException | Error e) {
      faults.report("the recovery of " + name, e);
    }
    return available;
  }

  /**
   * Delivers the oldest settlement that waits, or loses it where it will never be taken; false if
   * there is none or it failed.
   */
  private boolean deliverOne() {
    PendingSettlements.Settlement next = pending.take();
    if (next == null) {
      return false;
    }
    List<BudgetBalance> balances;
    try {
      balances = server.settle(next.id(), next.entries());
    } catch (RuntimeException | Error e) {
      faults.report(name, e);
      if (e instanceof BudgetStoreException failure && !failure.refused()) {
        pending.putBack(next);
        available = false;
        return false;
      }
      pending.loseTaken(next); // others must not wait for it for ever
      return true;
    }
    tellLate(next, balances);
    pending.delivered();
    return true;
  }

  private void tellLate(PendingSettlements.Settlement late, List<BudgetBalance> balances) {
    for (LateSettlement listener : listeners) {
      try {
        listener.delivered(late.id(), late.entries(), balances);
      } catch (RuntimeException | Error e) {
        faults.report("a listener of late settlements", e);
      }
    }
  }
}

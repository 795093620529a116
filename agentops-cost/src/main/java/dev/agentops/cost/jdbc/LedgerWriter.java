package dev.agentops.cost.jdbc;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.cost.LedgerException;
import java.sql.SQLException;
import java.time.Duration;
import java.time.LocalDate;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that writes: all that waits becomes one transaction, and waits on while the
 * database is away. Thread-safe.
 */
final class LedgerWriter {

  private static final int GROUP = 4_096;

  private static final long FIRST_PAUSE_NANOS = 10_000_000;

  private static final long LONGEST_PAUSE_NANOS = 1_000_000_000;

  private static final long TIDY_NANOS = 60_000_000_000L;

  private final UsageDatabase database;
  private final int maximumValues;
  private final Supplier<Retention.Limits> limits;
  private final EntryQueue queue;
  private final Duration maximumWait;
  private final Clock clock;
  private final FaultLog faults;
  private final LongAdder lost = new LongAdder();
  private final LongAdder delayed = new LongAdder();
  private final Thread thread;

  /** When to give up, once it is closed. */
  private volatile long endNanos = Long.MAX_VALUE;

  // for the thread only
  private @Nullable WriteSession session;
  private long nextTidyNanos;

  LedgerWriter(
      UsageDatabase database,
      int maximumValues,
      Supplier<Retention.Limits> limits,
      int maximumWaiting,
      Duration lossWindow,
      Duration maximumWait,
      Clock clock) {
    this.database = database;
    this.maximumValues = maximumValues;
    this.limits = limits;
    this.maximumWait = maximumWait;
    this.clock = clock;
    // the other half of the window is for the transaction
    queue = new EntryQueue(maximumWaiting, GROUP, Clock.nanos(lossWindow) / 2);
    faults = new FaultLog(JdbcUsageLedger.class, clock);
    nextTidyNanos = clock.nanoTime();
    thread = new Thread(this::run, "agentops-usage-ledger");
    thread.setDaemon(true);
    thread.start();
  }

  /**
   * Hands over an entry.
   *
   * @throws LedgerException if there is no room for it
   */
  void submit(Entry entry) {
    if (queue.offer(entry, Clock.nanos(maximumWait))) {
      return;
    }
    boolean closed = queue.isClosed();
    LedgerException failure =
        new LedgerException(
            closed
                ? "the usage ledger is closed"
                : "no room in the usage ledger: " + queue.size() + " records wait to be written");
    fail(entry, failure);
    throw failure;
  }

  /**
   * Waits until an entry is written.
   *
   * @return whether it changed something
   * @throws LedgerException if it cannot be written, or takes too long
   */
  boolean await(Entry entry) {
    long end = System.nanoTime() + Clock.nanos(maximumWait);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return entry.outcome().get(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (TimeoutException e) {
      delayed.increment();
      throw new LedgerException(
          "not yet in the usage ledger after "
              + maximumWait
              + ", tried further: record "
              + entry.record().id());
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IllegalArgumentException refused) {
        throw new IllegalArgumentException(refused.getMessage(), refused);
      }
      throw new LedgerException(
          "cannot write to the usage ledger: record " + entry.record().id(), e.getCause());
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  long lost() {
    return lost.sum();
  }

  long delayed() {
    return delayed.sum();
  }

  int waiting() {
    return queue.size();
  }

  /** Writes what waits, for at most the longest wait, and gives up the rest. */
  void close() {
    endNanos = System.nanoTime() + Clock.nanos(maximumWait);
    queue.close();
    boolean interrupted = false;
    while (thread.isAlive() && endNanos - System.nanoTime() > 0) {
      try {
        TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, endNanos - System.nanoTime()));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (thread.isAlive()) { // a statement does not come back
      giveUp(queue.take());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<Entry> group = queue.take();
    while (!group.isEmpty()) {
      try {
        write(group);
        tidy();
      } catch (Throwable e) { // ends neither the thread nor a wait
        faults.report("writing to the usage ledger", e);
        group.forEach(entry -> fail(entry, e));
      }
      group = queue.take();
    }
    closeSession();
  }

  private void write(List<Entry> group) {
    long pause = FIRST_PAUSE_NANOS;
    while (!tryWrite(group)) {
      if (queue.isClosed() && endNanos - System.nanoTime() <= pause) {
        giveUp(group);
        return;
      }
      queue.pause(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
    }
  }

  /** False if it is to be tried again. */
  private boolean tryWrite(List<Entry> group) {
    try {
      WriteSession open = session;
      if (open == null) {
        open = database.openSession(maximumValues);
        session = open;
      }
      open.write(group);
      if (database.lost()) {
        closeSession();
        faults.report(
            "keeping the usage ledger", new LedgerException("its file is gone; begins a new one"));
        return false;
      }
      group.forEach(Entry::committed);
      return true;
    } catch (SQLException e) {
      closeSession();
      faults.report("writing to the usage ledger", DatabaseErrors.withoutValues(e));
      if (DatabaseErrors.mayPass(e)) {
        return false;
      }
      blame(group, database.failure(e));
      return true;
    } catch (RuntimeException e) {
      closeSession();
      faults.report("writing to the usage ledger", e);
      blame(group, e);
      return true;
    }
  }

  /** Writes each for itself, so that one that the database refuses does not take others along. */
  private void blame(List<Entry> group, RuntimeException failure) {
    if (group.size() == 1) {
      fail(group.get(0), failure);
    } else {
      group.forEach(entry -> write(List.of(entry)));
    }
  }

  private void giveUp(List<Entry> group) {
    group.forEach(
        entry -> fail(entry, new LedgerException("the usage ledger was closed before that")));
  }

  private void fail(Entry entry, Throwable failure) {
    if (entry.outcome().completeExceptionally(failure) && !entry.replacing()) {
      lost.increment();
    }
  }

  private void tidy() {
    WriteSession open = session;
    if (open == null || clock.nanoTime() - nextTidyNanos < 0) {
      return;
    }
    try {
      open.fold(LocalDate.ofInstant(clock.now(), database.zone()).toEpochDay());
      if (!open.remove(limits.get())) {
        nextTidyNanos = clock.nanoTime() + TIDY_NANOS;
      }
    } catch (SQLException | RuntimeException e) {
      closeSession();
      nextTidyNanos = clock.nanoTime() + TIDY_NANOS;
      faults.report(
          "tidying the usage ledger",
          e instanceof SQLException failure ? DatabaseErrors.withoutValues(failure) : e);
    }
  }

  private void closeSession() {
    WriteSession open = session;
    session = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException | RuntimeException e) {
        // it is given up anyway
      }
    }
  }
}

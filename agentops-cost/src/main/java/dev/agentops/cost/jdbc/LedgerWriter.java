package dev.agentops.cost.jdbc;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.cost.LedgerException;
import dev.agentops.jdbc.DatabaseErrors;
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

  /** What waits deserves some patience in the end, however little callers have. */
  private static final Duration CLOSING = Duration.ofSeconds(5);

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

  /** Whether a caller waited in vain since the last transaction. */
  private volatile boolean stuck;

  /** When to give up, once it is closed. */
  private volatile long endNanos;

  private volatile List<Entry> inFlight = List.of();

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
    if (queue.offer(entry, stuck ? 0 : Clock.nanos(maximumWait))) {
      return;
    }
    stuck = true;
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
   * Waits until an entry is written; not at all after another one waited in vain, until the
   * database answers again, so that only the first of many agents is held up. Who replaces waits.
   *
   * @return whether it changed something
   * @throws LedgerException if it cannot be written, or takes too long
   */
  boolean await(Entry entry) {
    boolean waits = entry.replacing() || !stuck;
    long end = System.nanoTime() + (waits ? Clock.nanos(maximumWait) : 0);
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
      stuck = true;
      if (entry.outcome().isDone()) { // in this very moment
        stuck = false;
      }
      throw LedgerException.pending(
          "not yet in the usage ledger"
              + (waits ? " after " + maximumWait : ", which does not answer")
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

  /** Writes what waits, for a bounded time, and gives up the rest: all of it, when it returns. */
  void close() {
    Duration patience = maximumWait.compareTo(CLOSING) > 0 ? maximumWait : CLOSING;
    endNanos = System.nanoTime() + Clock.nanos(patience);
    queue.close();
    boolean interrupted = false;
    while (thread.isAlive() && endNanos - System.nanoTime() > 0) {
      try {
        TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, endNanos - System.nanoTime()));
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    giveUp(inFlight); // a statement may not come back
    for (List<Entry> group = queue.take(); !group.isEmpty(); group = queue.take()) {
      giveUp(group);
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    List<Entry> group = queue.take();
    while (!group.isEmpty()) {
      inFlight = group;
      try {
        write(group);
        inFlight = List.of();
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
    while (isOver(0) || !tryWrite(group)) {
      if (isOver(pause)) {
        giveUp(group);
        return;
      }
      queue.pause(pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_NANOS);
    }
  }

  /** Whether it is closed and has no more than so much time left. */
  private boolean isOver(long nanos) {
    return queue.isClosed() && endNanos - System.nanoTime() <= nanos;
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
      stuck = false;
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
        entry ->
            fail(entry, new LedgerException("the usage ledger is closed, and was before that")));
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
      long today = LocalDate.ofInstant(clock.now(), database.zone()).toEpochDay();
      while (open.fold(today)) {
        if (queue.size() > 0) { // comes first; the rest after the next group
          return;
        }
      }
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

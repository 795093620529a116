package dev.agentops.cache.jdbc;

import dev.agentops.cache.CacheStoreException;
import dev.agentops.jdbc.DatabaseErrors;
import dev.agentops.jdbc.SqliteFiles;
import dev.agentops.jdbc.Transaction;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One session that writes and some that read, on a file that may be replaced at any time.
 * Thread-safe.
 */
final class SqliteConnections {

  private static final int READERS = 4;

  /** Codes of SQLite: another process has the lock; there is no room. */
  private static final int BUSY = 5;

  private static final int FULL = 13;

  /** Two processes that make the file at once may get in each other's way for a moment. */
  private static final Duration OPENING = Duration.ofSeconds(5);

  private final SqliteFile file;

  /** Half of the timeout is for threads of this process, half for locks of other processes. */
  private final Duration wait;

  private final WriteQueue writes;
  private final Semaphore reading = new Semaphore(READERS);
  private volatile Sessions sessions;
  private volatile boolean closed;

  private SqliteConnections(SqliteFile file, Duration timeout, Sessions sessions) {
    this.file = file;
    this.wait = timeout.dividedBy(2);
    this.sessions = sessions;
    this.writes = new WriteQueue(subject(), wait, this::commit);
  }

  /**
   * Opens the file and brings its tables up to date.
   *
   * @throws CacheStoreException if that fails, or the tables are of a newer release
   */
  static SqliteConnections open(SqliteFile file, Duration timeout) {
    return new SqliteConnections(file, timeout, Sessions.open(file, OPENING));
  }

  /**
   * Work that only reads.
   *
   * @throws CacheStoreException if it fails
   */
  <T> T read(SqliteSession.Work<T> work) {
    if (!acquired(() -> reading.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS))) {
      throw CacheStoreException.refusing(subject() + " is busy with other readers", null);
    }
    try {
      return run(Sessions::readers, work);
    } finally {
      reading.release();
    }
  }

  /**
   * Work that is done as a whole or not at all; what it has done is seen by all that read later.
   *
   * @throws CacheStoreException if it fails
   */
  <T> T write(WriteQueue.Write<T> write) {
    return writes.run(write);
  }

  /** Sessions that are in use are closed by who uses them. */
  void close() {
    closed = true;
    sessions.close();
  }

  /** In one transaction; each in one of its own if that fails by what one of them writes. */
  private void commit(List<WriteQueue.Write<?>> group) {
    try {
      int unused =
          run(
              Sessions::writers,
              session ->
                  Transaction.run(
                      session.connection(),
                      own -> {
                        for (WriteQueue.Write<?> write : group) {
                          write.run(session);
                        }
                        return group.size();
                      }));
    } catch (CacheStoreException e) {
      if (group.size() == 1 || hasCode(e, BUSY)) {
        group.forEach(write -> write.failed(e));
      } else {
        group.forEach(write -> commit(List.of(write)));
      }
    } catch (RuntimeException | Error e) {
      CacheStoreException told = new CacheStoreException(subject() + " failed", e);
      group.forEach(write -> write.failed(told));
    }
  }

  private <T> T run(Function<Sessions, Deque<SqliteSession>> kind, SqliteSession.Work<T> work) {
    Sessions current = current();
    Deque<SqliteSession> idle = kind.apply(current);
    boolean whole = false;
    SqliteSession session = null;
    try {
      session = current.take(idle, wait);
      T result = work.run(session);
      whole = true;
      return result;
    } catch (SQLException e) {
      throw failure(e);
    } finally {
      if (session != null) {
        current.giveBack(idle, session, whole);
      }
    }
  }

  private Sessions current() {
    if (closed) {
      throw CacheStoreException.closed(subject());
    }
    Sessions current = sessions;
    return current.isOf(file) ? current : reopened(current);
  }

  /** SQLite would go on with a file that was deleted, where no other process would look. */
  private synchronized Sessions reopened(Sessions lost) {
    if (sessions == lost) {
      lost.close();
      sessions = Sessions.open(file, wait);
    }
    return sessions;
  }

  private String subject() {
    return "the SQLite file '" + file.path() + "'";
  }

  private CacheStoreException failure(SQLException e) {
    SQLException told = DatabaseErrors.withoutValues(e);
    String message = subject() + " failed: " + told.getMessage();
    return code(told) == FULL
        ? CacheStoreException.refusing(message, told)
        : new CacheStoreException(message, told);
  }

  /** Whether SQLite says that there is no room. */
  static boolean isFull(CacheStoreException failure) {
    return hasCode(failure, FULL);
  }

  private static boolean hasCode(CacheStoreException failure, int code) {
    return failure.getCause() instanceof SQLException told && code(told) == code;
  }

  private static int code(SQLException failure) {
    return failure.getErrorCode() & 0xff;
  }

  private boolean acquired(Wait wait) {
    try {
      return wait.ended();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CacheStoreException("interrupted while waiting for " + subject(), e);
    }
  }

  private interface Wait {
    boolean ended() throws InterruptedException;
  }

  /** The sessions on one file, as long as it is there. */
  private static final class Sessions {

    private final SqliteFile file;
    private final @Nullable Object identity;
    private final Deque<SqliteSession> readers = new ArrayDeque<>();
    private final Deque<SqliteSession> writers = new ArrayDeque<>();
    private boolean closed;

    private Sessions(SqliteFile file) {
      this.file = file;
      this.identity = SqliteFiles.identity(file.path());
    }

    static Sessions open(SqliteFile file, Duration wait) {
      file.create();
      SqliteSession first = null;
      try {
        first = file.connect(wait);
        EntryTable.migrate(first.connection());
        return new Sessions(file);
      } catch (SQLException e) { // no key or value was in a statement yet
        throw new CacheStoreException(
            "cannot open the SQLite file '" + file.path() + "': " + e.getMessage(), e);
      } finally {
        if (first != null) {
          first.close(); // it waits for other processes for longer than the others may
        }
      }
    }

    boolean isOf(SqliteFile file) {
      return Objects.equals(identity, SqliteFiles.identity(file.path()));
    }

    Deque<SqliteSession> readers() {
      return readers;
    }

    Deque<SqliteSession> writers() {
      return writers;
    }

    SqliteSession take(Deque<SqliteSession> idle, Duration wait) throws SQLException {
      SqliteSession session;
      synchronized (this) {
        session = idle.poll();
      }
      return session == null ? file.connect(wait) : session;
    }

    synchronized void giveBack(Deque<SqliteSession> idle, SqliteSession session, boolean whole) {
      if (whole && !closed) {
        idle.push(session);
      } else {
        session.close();
      }
    }

    synchronized void close() {
      closed = true;
      readers.forEach(SqliteSession::close);
      writers.forEach(SqliteSession::close);
      readers.clear();
      writers.clear();
    }
  }
}

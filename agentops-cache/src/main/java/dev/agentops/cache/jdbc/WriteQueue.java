package dev.agentops.cache.jdbc;

import dev.agentops.cache.CacheStoreException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Lets one thread at a time write, and do at once what all that wait have asked for: they share one
 * commit. Thread-safe.
 */
final class WriteQueue {

  private static final int MOST_WAITING = 1_000;
  private static final int LARGEST_GROUP = 256;
  private static final long LARGEST_GROUP_BYTES = 4 << 20;

  private final String subject;
  private final long waitNanos;
  private final Consumer<List<Write<?>>> commit;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition turnEnded = lock.newCondition();
  private final Deque<Write<?>> waiting = new ArrayDeque<>();
  private boolean writing;

  /**
   * @param wait how long a put waits for its turn
   * @param commit gives all of these their outcomes; throws nothing
   */
  WriteQueue(String subject, Duration wait, Consumer<List<Write<?>>> commit) {
    this.subject = subject;
    this.waitNanos = wait.toNanos();
    this.commit = commit;
  }

  /**
   * Returns once it is committed.
   *
   * @throws CacheStoreException as it failed; {@linkplain CacheStoreException#refused() refused} if
   *     it is a put and others of this process leave it no time
   */
  <T> T run(Write<T> mine) {
    enter(mine);
    while (isMyTurn(mine)) {
      List<Write<?>> group = begin();
      try {
        commit.accept(group);
      } finally {
        end(group);
      }
    }
    return mine.outcome();
  }

  private void enter(Write<?> mine) {
    lock.lock();
    try {
      if (mine.put && waiting.size() >= MOST_WAITING) {
        throw busy();
      }
      waiting.add(mine);
    } finally {
      lock.unlock();
    }
  }

  /** Waits; false if another thread has done it meanwhile. */
  private boolean isMyTurn(Write<?> mine) {
    lock.lock();
    try {
      long left = waitNanos;
      while (writing && mine.state != State.DONE) {
        if (mine.state == State.BEGUN) {
          turnEnded.awaitUninterruptibly();
        } else if (!mine.put) { // nobody may refuse to forget something
          left = await(mine, Long.MAX_VALUE);
        } else if (left > 0) {
          left = await(mine, left);
        } else {
          waiting.remove(mine);
          throw busy();
        }
      }
      writing |= mine.state != State.DONE;
      return mine.state != State.DONE;
    } finally {
      lock.unlock();
    }
  }

  private long await(Write<?> mine, long nanos) {
    try {
      return turnEnded.awaitNanos(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      if (waiting.remove(mine)) {
        throw new CacheStoreException("interrupted while waiting for " + subject, e);
      }
      return nanos;
    }
  }

  private List<Write<?>> begin() {
    lock.lock();
    try {
      List<Write<?>> group = new ArrayList<>();
      long bytes = 0;
      while (!waiting.isEmpty() && group.size() < LARGEST_GROUP && bytes < LARGEST_GROUP_BYTES) {
        Write<?> next = waiting.remove();
        next.state = State.BEGUN;
        bytes += next.bytes;
        group.add(next);
      }
      return group;
    } finally {
      lock.unlock();
    }
  }

  private void end(List<Write<?>> group) {
    lock.lock();
    try {
      group.forEach(write -> write.state = State.DONE);
      writing = false;
      turnEnded.signalAll();
    } finally {
      lock.unlock();
    }
  }

  private CacheStoreException busy() {
    return CacheStoreException.refusing(subject + " is busy with other writes", null);
  }

  /** Work that is done as a whole or not at all, perhaps again if it had to be undone. */
  static final class Write<T> {

    private final SqliteSession.Work<T> work;
    private final boolean put;
    private final long bytes;
    private State state = State.WAITING; // guarded by the lock
    private @Nullable T result;
    private @Nullable CacheStoreException failure;

    private Write(SqliteSession.Work<T> work, boolean put, long bytes) {
      this.work = work;
      this.put = put;
      this.bytes = bytes;
    }

    /** Keeps so many bytes. */
    static <T> Write<T> put(long bytes, SqliteSession.Work<T> work) {
      return new Write<>(work, true, bytes);
    }

    /** Anything else, which is not refused. */
    static <T> Write<T> of(SqliteSession.Work<T> work) {
      return new Write<>(work, false, 0);
    }

    void run(SqliteSession session) throws SQLException {
      result = work.run(session);
    }

    void failed(CacheStoreException failure) {
      this.failure = failure;
    }

    private T outcome() {
      if (failure != null) {
        throw failure;
      }
      return Objects.requireNonNull(result);
    }
  }

  private enum State {
    WAITING,
    BEGUN,
    DONE
  }
}

package dev.agentops.cost.jdbc;

import dev.agentops.AgentOpsException;
import dev.agentops.cost.BudgetStoreException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;

/**
 * Runs statements, each on a connection and a daemon thread of its own, so that nobody waits longer
 * than the timeout, whatever the pool, the driver or the network do. Thread-safe.
 */
final class BudgetDatabase {

  static final String NAME = "the budget store in PostgreSQL";

  /** As many statements run at once; others wait for them. */
  private static final int THREADS = 8;

  private static final int MAXIMUM_WAITING = 1_000;

  /**
   * Classes of SQL states that say that a value of the request cannot be taken: bad data, violated
   * constraints, limits of the program such as the size of an entry of an index. Others, even a
   * missing table, concern all requests alike, and can be mended.
   */
  private static final Set<String> REFUSALS = Set.of("22", "23", "54");

  private static final int IDLE_SECONDS = 10;

  private final DataSource dataSource;
  private final Duration timeout;
  private final ThreadPoolExecutor threads;
  private final AtomicInteger started = new AtomicInteger();
  private volatile boolean migrated;

  BudgetDatabase(DataSource dataSource, Duration timeout) {
    this.dataSource = dataSource;
    this.timeout = timeout;
    this.threads =
        new ThreadPoolExecutor(
            THREADS,
            THREADS,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAXIMUM_WAITING),
            this::newThread);
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * Connects and brings the tables up to date.
   *
   * @throws BudgetStoreException if the database does not answer in time
   * @throws IllegalArgumentException if it is not PostgreSQL
   * @throws AgentOpsException if a newer release has made the tables
   */
  void connect(Duration timeout) {
    try {
      int unused = await(() -> runNow("SELECT 1", (connection, nothing) -> 1), timeout);
    } catch (BudgetStoreException e) {
      if (e.getCause() instanceof IllegalArgumentException
          || e.getCause() instanceof AgentOpsException) {
        throw (RuntimeException) e.getCause();
      }
      throw e;
    }
  }

  /**
   * Runs one statement, which is a transaction of its own.
   *
   * @throws BudgetStoreException if it fails or does not end in time
   */
  <T> T run(String sql, Work<T> work) {
    return await(() -> runNow(sql, work), timeout);
  }

  void close() {
    threads.shutdown();
  }

  private <T> T runNow(String sql, Work<T> work) throws SQLException {
    try (Connection connection = dataSource.getConnection()) {
      if (!migrated) { // the database may have been away when the store was opened
        BudgetSchema.migrate(connection);
        migrated = true;
      }
      int before = connection.getNetworkTimeout();
      // twice, so that a thread is lost to a silent server for a while only
      connection.setNetworkTimeout(Runnable::run, (int) (2 * timeout.toMillis()));
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        T result = work.run(connection, statement);
        if (!connection.getAutoCommit()) {
          connection.commit();
        }
        return result;
      } finally {
        if (!connection.isClosed()) {
          connection.setNetworkTimeout(Runnable::run, before);
        }
      }
    }
  }

  private <T> T await(Attempt<T> attempt, Duration timeout) {
    Future<T> result;
    try {
      result = threads.submit(attempt::run);
    } catch (RejectedExecutionException e) {
      throw new BudgetStoreException(NAME + " has too many requests waiting, or is closed", e);
    }
    try {
      return result.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      result.cancel(true); // so that it does not begin, if it had not
      throw new BudgetStoreException(
          NAME + " did not answer within " + timeout.toMillis() + " ms", e);
    } catch (InterruptedException e) {
      result.cancel(true);
      Thread.currentThread().interrupt();
      throw new BudgetStoreException("interrupted while waiting for " + NAME, e);
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      String message = NAME + " failed: " + cause.getMessage();
      throw refuses(cause)
          ? BudgetStoreException.refusing(message, cause)
          : new BudgetStoreException(message, cause);
    }
  }

  private static boolean refuses(Throwable cause) {
    return cause instanceof SQLException failure
        && failure.getSQLState() != null
        && failure.getSQLState().length() == 5
        && REFUSALS.contains(failure.getSQLState().substring(0, 2));
  }

  private Thread newThread(Runnable task) {
    Thread thread = new Thread(task, "agentops-budget-jdbc-" + started.incrementAndGet());
    thread.setDaemon(true);
    return thread;
  }

  interface Work<T> {
    T run(Connection connection, PreparedStatement statement) throws SQLException;
  }

  private interface Attempt<T> {
    T run() throws SQLException;
  }
}

package dev.agentops.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/** Work on a connection that is done as a whole or not at all. Stateless. */
public final class Transaction {

  private Transaction() {}

  /** Runs the work and commits it, or rolls it back if it throws. */
  public static <T> T run(Connection connection, Work<T> work) throws SQLException {
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(false);
    boolean committed = false;
    try {
      T result = work.run(connection);
      connection.commit();
      committed = true;
      return result;
    } finally {
      end(connection, committed, autoCommit);
    }
  }

  /**
   * Rolls back what was not committed, which does not throw, and leaves transactions.
   *
   * @param autoCommit as it was before the transaction
   */
  public static void end(Connection connection, boolean committed, boolean autoCommit)
      throws SQLException {
    if (committed) {
      connection.setAutoCommit(autoCommit);
      return;
    }
    try {
      connection.rollback();
      connection.setAutoCommit(autoCommit);
    } catch (SQLException e) {
      // the transaction is gone, and perhaps the connection; the first failure says more
    }
  }

  /** What is done in a transaction. */
  @FunctionalInterface
  public interface Work<T> {
    T run(Connection connection) throws SQLException;
  }
}

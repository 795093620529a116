package dev.agentops.cost.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/** Work on a connection that is done as a whole or not at all. */
final class Transaction {

  private Transaction() {}

  static <T> T run(Connection connection, Work<T> work) throws SQLException {
    connection.setAutoCommit(false);
    boolean committed = false;
    try {
      T result = work.run(connection);
      connection.commit();
      committed = true;
      return result;
    } finally {
      end(connection, committed);
    }
  }

  /** Rolls back what was not committed. */
  static void end(Connection connection, boolean committed) throws SQLException {
    if (committed) {
      connection.setAutoCommit(true);
      return;
    }
    try {
      connection.rollback();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      // the transaction is gone, and perhaps the connection; the first failure says more
    }
  }

  @FunctionalInterface
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }
}

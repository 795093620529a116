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
    if (!committed) {
      rollback(connection);
    }
    if (!connection.isClosed()) {
      connection.setAutoCommit(true);
    }
  }

  private static void rollback(Connection connection) {
    try {
      connection.rollback();
    } catch (SQLException e) {
      // the connection is gone, and the transaction with it; the first failure says more
    }
  }

  @FunctionalInterface
  interface Work<T> {
    T run(Connection connection) throws SQLException;
  }
}

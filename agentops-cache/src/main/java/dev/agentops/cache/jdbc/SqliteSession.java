package dev.agentops.cache.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;

/** A connection and the statements that it has prepared. Used by one thread at a time. */
final class SqliteSession {

  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  SqliteSession(Connection connection) {
    this.connection = connection;
  }

  Connection connection() {
    return connection;
  }

  /** A statement with these parameters; texts, bytes or numbers. */
  PreparedStatement statement(String sql, Object... parameters) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    for (int i = 0; i < parameters.length; i++) {
      statement.setObject(i + 1, parameters[i]);
    }
    return statement;
  }

  int update(String sql, Object... parameters) throws SQLException {
    return statement(sql, parameters).executeUpdate();
  }

  long number(String sql) throws SQLException {
    try (ResultSet row = statement(sql).executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      // nothing of it is needed any more
    }
  }

  /** What is done with a session. */
  @FunctionalInterface
  interface Work<T> {
    T run(SqliteSession session) throws SQLException;
  }
}

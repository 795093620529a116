package dev.agentops.tracing.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** In what the databases differ. */
enum Dialect {
  SQLITE("INTEGER PRIMARY KEY", " WITHOUT ROWID", "instr") {

    @Override
    String createSequence() {
      return "CREATE TABLE agentops_span_sequence (last BIGINT NOT NULL)";
    }

    @Override
    String startSequence() {
      return "INSERT INTO agentops_span_sequence VALUES (0)";
    }

    @Override
    void lockSchema(Connection connection) throws SQLException {
      // creating and filling the version table takes the lock
    }

    @Override
    void beginWrite(Connection connection) throws SQLException {
      // a transaction that reads first cannot wait for another one that writes: it fails
      execute(connection, "UPDATE agentops_span_sequence SET last = last");
    }

    @Override
    boolean tryLockRetention(Connection connection) {
      return true; // beginWrite has locked all
    }

    @Override
    long[] reserve(Connection connection, int count) throws SQLException {
      try (PreparedStatement update =
          connection.prepareStatement("UPDATE agentops_span_sequence SET last = last + ?")) {
        update.setInt(1, count);
        update.executeUpdate();
      }
      try (Statement select = connection.createStatement();
          ResultSet row = select.executeQuery("SELECT last FROM agentops_span_sequence")) {
        row.next();
        long[] numbers = new long[count];
        for (int i = 0; i < count; i++) {
          numbers[i] = row.getLong(1) - count + 1 + i;
        }
        return numbers;
      }
    }
  },

  POSTGRESQL("BIGINT PRIMARY KEY", "", "strpos") {

    @Override
    String createSequence() {
      return "CREATE SEQUENCE agentops_span_sequence";
    }

    @Override
    String startSequence() {
      return "SELECT 1";
    }

    @Override
    void lockSchema(Connection connection) throws SQLException {
      // CREATE TABLE IF NOT EXISTS alone fails when two do it at once
      execute(connection, "SELECT pg_advisory_xact_lock(" + LOCK + ")");
    }

    @Override
    void beginWrite(Connection connection) {
      // rows are locked as they are written
    }

    @Override
    boolean tryLockRetention(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery("SELECT pg_try_advisory_xact_lock(" + (LOCK + 1) + ")")) {
        return row.next() && row.getBoolean(1);
      }
    }

    @Override
    long[] reserve(Connection connection, int count) throws SQLException {
      try (PreparedStatement select =
          connection.prepareStatement(
              "SELECT nextval('agentops_span_sequence') FROM generate_series(1, ?)")) {
        select.setInt(1, count);
        try (ResultSet rows = select.executeQuery()) {
          long[] numbers = new long[count];
          for (int i = 0; i < count && rows.next(); i++) {
            numbers[i] = rows.getLong(1);
          }
          return numbers;
        }
      }
    }
  };

  /** Any number that others are unlikely to lock: "agentops" in ASCII. */
  private static final long LOCK = 0x6167656e746f7073L;

  private final String sequenceKey;
  private final String clustered;
  private final String position;

  Dialect(String sequenceKey, String clustered, String position) {
    this.sequenceKey = sequenceKey;
    this.clustered = clustered;
    this.position = position;
  }

  /**
   * The dialect of the database that is connected.
   *
   * @throws IllegalArgumentException if it is not known
   */
  static Dialect of(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    return switch (product) {
      case "SQLite" -> SQLITE;
      case "PostgreSQL" -> POSTGRESQL;
      default ->
          throw new IllegalArgumentException(
              "a span store can be SQLite or PostgreSQL, not '" + product + "'");
    };
  }

  /** The type of the column that holds a table's arrival number and is its key. */
  String sequenceKey() {
    return sequenceKey;
  }

  /** What keeps a table's rows in the index of its key, where the database can. */
  String clustered() {
    return clustered;
  }

  /** A condition that holds where a column contains the parameter. */
  String contains(String column) {
    return position + '(' + column + ", ?) > 0";
  }

  abstract String createSequence();

  abstract String startSequence();

  /** Keeps others from changing the schema until the transaction ends. */
  abstract void lockSchema(Connection connection) throws SQLException;

  /** Must come first in a transaction that writes. */
  abstract void beginWrite(Connection connection) throws SQLException;

  /** False if another process is deleting right now. */
  abstract boolean tryLockRetention(Connection connection) throws SQLException;

  /** Takes arrival numbers, which grow. */
  abstract long[] reserve(Connection connection, int count) throws SQLException;

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}

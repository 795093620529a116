package dev.agentops.cost.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

/** In what the databases differ. */
enum Dialect {
  /** Adds in Java: its integers overflow into inexact numbers, and it has no decimals. */
  SQLITE("INTEGER PRIMARY KEY", "TEXT", " WITHOUT ROWID") {

    @Override
    void limitWaiting(Connection connection, int millis) {
      // there is no network
    }

    @Override
    void beginWrite(Connection connection) throws SQLException {
      // a transaction that reads first cannot wait for another one that writes: it fails
      execute(
          connection,
          "UPDATE agentops_usage_settings SET number = number WHERE name = 'folded_until'");
    }

    @Override
    void lockSchema(Connection connection) {
      // creating and filling the version table takes the lock
    }

    @Override
    void lockValues(Connection connection) {
      // who writes is alone
    }

    @Override
    boolean tryLockRetention(Connection connection) {
      return true;
    }

    /** It would search all values of the periods, for lack of statistics. */
    @Override
    String searchValue() {
      return " INDEXED BY agentops_usage_totals_by_value";
    }

    /** One text, since each column costs more than all numbers in one. */
    @Override
    Map<String, String> totalsColumns() {
      return Map.of("totals", "TEXT");
    }

    @Override
    Totals readTotals(ResultSet row, int column) throws SQLException {
      return Totals.parse(row.getString(column));
    }

    @Override
    void bind(PreparedStatement statement, int index, Totals totals) throws SQLException {
      statement.setString(index, totals.toString());
    }

    /** What a commit costs is mostly the pages that it changes. */
    @Override
    long foldedUntil() {
      return Long.MIN_VALUE;
    }

    @Override
    TotalsTable totalsTable(Connection connection) throws SQLException {
      return new CachedTotals(connection);
    }
  },

  /** Adds in the database, where several processes add to one row. */
  POSTGRESQL("BIGINT GENERATED ALWAYS AS IDENTITY", "TEXT COLLATE \"C\"", "") {

    @Override
    void limitWaiting(Connection connection, int millis) throws SQLException {
      connection.setNetworkTimeout(Runnable::run, millis);
    }

    @Override
    void beginWrite(Connection connection) {
      // rows are locked as they are written
    }

    @Override
    void lockSchema(Connection connection) throws SQLException {
      // CREATE TABLE IF NOT EXISTS alone fails when two do it at once
      execute(connection, "SELECT pg_advisory_xact_lock(" + LOCK + ")");
    }

    @Override
    void lockValues(Connection connection) throws SQLException {
      execute(connection, "SELECT pg_advisory_xact_lock(" + (LOCK + 1) + ")");
    }

    @Override
    boolean tryLockRetention(Connection connection) throws SQLException {
      try (Statement statement = connection.createStatement();
          ResultSet row =
              statement.executeQuery("SELECT pg_try_advisory_xact_lock(" + (LOCK + 2) + ")")) {
        return row.next() && row.getBoolean(1);
      }
    }

    @Override
    String searchValue() {
      return "";
    }

    @Override
    Map<String, String> totalsColumns() {
      Map<String, String> columns = new LinkedHashMap<>();
      Totals.NAMES.forEach(name -> columns.put(name, "NUMERIC"));
      return columns;
    }

    @Override
    Totals readTotals(ResultSet row, int column) throws SQLException {
      return Totals.read(row, column);
    }

    @Override
    void bind(PreparedStatement statement, int index, Totals totals) throws SQLException {
      totals.bind(statement, index);
    }

    @Override
    long foldedUntil() {
      return Long.MAX_VALUE;
    }

    @Override
    TotalsTable totalsTable(Connection connection) throws SQLException {
      return new SharedTotals(connection);
    }
  };

  /** Any number that others are unlikely to lock: "agtusage" in ASCII. */
  private static final long LOCK = 0x6167747573616765L;

  private final String sequence;
  private final String key;
  private final String clustered;

  Dialect(String sequence, String key, String clustered) {
    this.sequence = sequence;
    this.key = key;
    this.clustered = clustered;
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
              "a usage ledger can be SQLite or PostgreSQL, not '" + product + "'");
    };
  }

  /** The type of a number that counts up as rows are inserted. */
  String sequence() {
    return sequence;
  }

  /** The type of a column of texts that are compared. */
  String key() {
    return key;
  }

  /** What keeps a table's rows in the index of its key, where the database can. */
  String clustered() {
    return clustered;
  }

  /** Bounds how long a statement waits for a server. */
  abstract void limitWaiting(Connection connection, int millis) throws SQLException;

  /** Must come first in a transaction that writes, unless it inserts first. */
  abstract void beginWrite(Connection connection) throws SQLException;

  /** Keeps others from changing the schema until the transaction ends. */
  abstract void lockSchema(Connection connection) throws SQLException;

  /** Keeps others from letting values into dimensions until the transaction ends. */
  abstract void lockValues(Connection connection) throws SQLException;

  /** False if another process is deleting right now. */
  abstract boolean tryLockRetention(Connection connection) throws SQLException;

  /** What follows the table of totals where one value of a dimension is searched. */
  abstract String searchValue();

  /** The columns that hold totals, by name, and their types. */
  abstract Map<String, String> totalsColumns();

  /** Reads the columns of totals, which begin with this one. */
  abstract Totals readTotals(ResultSet row, int column) throws SQLException;

  abstract void bind(PreparedStatement statement, int index, Totals totals) throws SQLException;

  /** The first day that a new ledger does not add to longer periods at once, see {@link Fold}. */
  abstract long foldedUntil();

  abstract TotalsTable totalsTable(Connection connection) throws SQLException;

  static void execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}

package dev.agentops.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.function.Function;

/**
 * The tables of one store, and how those of an earlier release become those of this one. Immutable.
 *
 * <p>A migration that has been released never changes; a change is one more at the end.
 */
public final class Migrations {

  private final String owner;
  private final String versionTable;
  private final List<List<String>> migrations;
  private final Function<String, ? extends RuntimeException> failure;

  /**
   * Migrations of a store.
   *
   * @param owner of the tables, for the message that they are of a newer release: "the span store"
   * @param versionTable holds the number of migrations that the database has had
   * @param migrations each with its statements
   * @param failure makes the exception of that message
   */
  public Migrations(
      String owner,
      String versionTable,
      List<List<String>> migrations,
      Function<String, ? extends RuntimeException> failure) {
    this.owner = owner;
    this.versionTable = versionTable;
    this.migrations = migrations;
    this.failure = failure;
  }

  /**
   * Brings the tables up to date; safe when several processes start at once.
   *
   * @param lock keeps others from changing the schema until the transaction ends; does nothing on
   *     SQLite, where making and filling the version table does
   * @throws RuntimeException if a newer release has been there already
   */
  public void run(Connection connection, Lock lock) throws SQLException {
    Transaction.run(
        connection,
        own -> {
          lock.lock(own);
          return execute(
              own,
              "CREATE TABLE IF NOT EXISTS "
                  + versionTable
                  + " (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)");
        });
    Transaction.run(
        connection,
        own -> {
          lock.lock(own);
          // writes before it reads, so that SQLite locks
          execute(own, "INSERT INTO " + versionTable + " VALUES (1, 0) ON CONFLICT DO NOTHING");
          return migrateFrom(version(own), own);
        });
  }

  private int migrateFrom(int version, Connection connection) throws SQLException {
    if (version > migrations.size()) {
      throw failure.apply(
          "the tables of "
              + owner
              + " have version "
              + version
              + ", made by a newer agentops; this one knows versions up to "
              + migrations.size());
    }
    for (List<String> migration : migrations.subList(version, migrations.size())) {
      for (String statement : migration) {
        execute(connection, statement);
      }
    }
    if (version < migrations.size()) {
      try (PreparedStatement update =
          connection.prepareStatement("UPDATE " + versionTable + " SET version = ?")) {
        update.setInt(1, migrations.size());
        update.executeUpdate();
      }
    }
    return migrations.size();
  }

  private int version(Connection connection) throws SQLException {
    try (Statement select = connection.createStatement();
        ResultSet row = select.executeQuery("SELECT version FROM " + versionTable)) {
      row.next();
      return row.getInt(1);
    }
  }

  private static boolean execute(Connection connection, String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      return statement.execute(sql);
    }
  }

  /** Takes a lock that the transaction holds. */
  @FunctionalInterface
  public interface Lock {
    void lock(Connection connection) throws SQLException;
  }
}

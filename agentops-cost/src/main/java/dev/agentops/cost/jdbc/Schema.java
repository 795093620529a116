package dev.agentops.cost.jdbc;

import dev.agentops.cost.LedgerException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The tables, and how those of an earlier release become those of this one.
 *
 * <p>A migration that has been released never changes; a change is one more at the end.
 */
final class Schema {

  private static final String VERSION_TABLE = "agentops_usage_schema";

  private Schema() {}

  /**
   * Brings the tables up to date; safe when several processes start at once.
   *
   * @param zone of a new ledger
   * @return the zone of the ledger
   * @throws LedgerException if a newer release has been there already
   */
  static ZoneId migrate(Connection connection, Dialect dialect, ZoneId zone) throws SQLException {
    Transaction.run(
        connection,
        own -> {
          dialect.lockSchema(own);
          Dialect.execute(
              own,
              "CREATE TABLE IF NOT EXISTS "
                  + VERSION_TABLE
                  + " (id INTEGER PRIMARY KEY, version INTEGER NOT NULL)");
          return true;
        });
    return Transaction.run(
        connection,
        own -> {
          dialect.lockSchema(own);
          // writes before it reads, so that SQLite locks
          Dialect.execute(
              own, "INSERT INTO " + VERSION_TABLE + " VALUES (1, 0) ON CONFLICT (id) DO NOTHING");
          migrateFrom(version(own), own, dialect, zone);
          return zone(own);
        });
  }

  private static void migrateFrom(int version, Connection connection, Dialect dialect, ZoneId zone)
      throws SQLException {
    List<List<String>> migrations = List.of(first(dialect));
    if (version > migrations.size()) {
      throw new LedgerException(
          "the tables of the usage ledger have version "
              + version
              + ", made by a newer agentops; this one knows versions up to "
              + migrations.size());
    }
    if (version == migrations.size()) {
      return;
    }
    for (List<String> migration : migrations.subList(version, migrations.size())) {
      for (String statement : migration) {
        Dialect.execute(connection, statement);
      }
    }
    if (version == 0) {
      insertZone(connection, zone);
    }
    try (PreparedStatement update =
        connection.prepareStatement("UPDATE " + VERSION_TABLE + " SET version = ?")) {
      update.setInt(1, migrations.size());
      update.executeUpdate();
    }
  }

  private static int version(Connection connection) throws SQLException {
    try (Statement select = connection.createStatement();
        ResultSet row = select.executeQuery("SELECT version FROM " + VERSION_TABLE)) {
      row.next();
      return row.getInt(1);
    }
  }

  private static void insertZone(Connection connection, ZoneId zone) throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO agentops_usage_settings (name, text) VALUES ('zone', ?)")) {
      insert.setString(1, zone.getId());
      insert.executeUpdate();
    }
  }

  private static ZoneId zone(Connection connection) throws SQLException {
    try (Statement select = connection.createStatement();
        ResultSet row =
            select.executeQuery("SELECT text FROM agentops_usage_settings WHERE name = 'zone'")) {
      row.next();
      return ZoneId.of(row.getString(1));
    }
  }

  private static List<String> first(Dialect dialect) {
    String totals =
        dialect.totalsColumns().entrySet().stream()
            .map(column -> column.getKey() + ' ' + column.getValue() + " NOT NULL, ")
            .collect(Collectors.joining());
    return List.of(
        "CREATE TABLE agentops_usage_settings (name "
            + dialect.key()
            + " PRIMARY KEY, text TEXT, number BIGINT)",
        "INSERT INTO agentops_usage_settings (name, number) VALUES ('removed_records', 0)",
        "INSERT INTO agentops_usage_settings (name, number) VALUES ('folded_until', "
            + dialect.foldedUntil()
            + ")",
        "CREATE TABLE agentops_usage_records (seq "
            + dialect.sequence()
            + ", id "
            + dialect.key()
            + " NOT NULL, epoch_second BIGINT NOT NULL, nano INTEGER NOT NULL,"
            + " document TEXT NOT NULL, labels TEXT)",
        "CREATE UNIQUE INDEX agentops_usage_records_by_id ON agentops_usage_records (id)",
        "CREATE INDEX agentops_usage_records_by_time"
            + " ON agentops_usage_records (epoch_second, nano, seq)",
        "CREATE TABLE agentops_usage_totals (dimension "
            + dialect.key()
            + " NOT NULL, grain INTEGER NOT NULL, period BIGINT NOT NULL, value "
            + dialect.key()
            + " NOT NULL, "
            + totals
            + "PRIMARY KEY (dimension, grain, period, value))"
            + dialect.clustered(),
        "CREATE INDEX agentops_usage_totals_by_value"
            + " ON agentops_usage_totals (dimension, value, grain, period)");
  }
}

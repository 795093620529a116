package dev.agentops.cost.jdbc;

import dev.agentops.cost.LedgerException;
import dev.agentops.jdbc.Migrations;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;

/** The tables of a ledger. */
final class Schema {

  private Schema() {}

  /**
   * Brings the tables up to date; safe when several processes start at once.
   *
   * @param zone of a new ledger
   * @return the zone of the ledger
   * @throws LedgerException if a newer release has been there already
   */
  static ZoneId migrate(Connection connection, Dialect dialect, ZoneId zone) throws SQLException {
    new Migrations(
            "the usage ledger",
            "agentops_usage_schema",
            List.of(first(dialect, zone)),
            LedgerException::new)
        .run(connection, dialect::lockSchema);
    return zone(connection);
  }

  private static ZoneId zone(Connection connection) throws SQLException {
    try (Statement select = connection.createStatement();
        ResultSet row =
            select.executeQuery("SELECT text FROM agentops_usage_settings WHERE name = 'zone'")) {
      row.next();
      return ZoneId.of(row.getString(1));
    }
  }

  private static List<String> first(Dialect dialect, ZoneId zone) {
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
        "INSERT INTO agentops_usage_settings (name, text) VALUES ('zone', '" + zone.getId() + "')",
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

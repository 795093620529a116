package dev.agentops.cost.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Deletes what is too old, on one connection. */
final class Retention {

  /** Few enough that who adds meanwhile hardly waits. */
  private static final int CHUNK = 1_000;

  private final Connection connection;
  private final Dialect dialect;
  private final PreparedStatement deleteRecords;
  private final PreparedStatement countRemoved;
  private final PreparedStatement deleteHours;
  private final PreparedStatement selectHour;

  Retention(Connection connection, Dialect dialect) throws SQLException {
    this.connection = connection;
    this.dialect = dialect;
    deleteRecords =
        connection.prepareStatement(
            "DELETE FROM agentops_usage_records WHERE seq IN (SELECT seq"
                + " FROM agentops_usage_records WHERE (epoch_second, nano) < (?, ?)"
                + " ORDER BY epoch_second, nano LIMIT "
                + CHUNK
                + ")");
    countRemoved =
        connection.prepareStatement(
            "UPDATE agentops_usage_settings SET number = number + ?"
                + " WHERE name = 'removed_records'");
    deleteHours =
        connection.prepareStatement(
            "DELETE FROM agentops_usage_totals"
                + " WHERE dimension = '' AND grain = ? AND period < ?");
    selectHour =
        connection.prepareStatement(
            "SELECT 1 FROM agentops_usage_totals"
                + " WHERE dimension = '' AND grain = ? AND period = ? AND value = ''");
  }

  /** One chunk, in the transaction that is under way; true if there may be more. */
  boolean run(Limits limits) throws SQLException {
    if (!dialect.tryLockRetention(connection)) {
      return false;
    }
    Instant oldestHour = limits.hours();
    if (oldestHour != null) {
      deleteHours.setInt(1, Grain.HOUR.code());
      deleteHours.setLong(2, oldestHour.getEpochSecond());
      deleteHours.executeUpdate();
    }
    Instant oldest = limits.records();
    if (oldest == null) {
      return false;
    }
    deleteRecords.setLong(1, oldest.getEpochSecond());
    deleteRecords.setInt(2, oldest.getNano());
    int removed = deleteRecords.executeUpdate();
    if (removed > 0) {
      countRemoved.setInt(1, removed);
      countRemoved.executeUpdate();
    }
    return removed == CHUNK;
  }

  /** Whether there are totals of an hour (still). */
  boolean keepsHour(long hour) throws SQLException {
    selectHour.setInt(1, Grain.HOUR.code());
    selectHour.setLong(2, hour);
    try (ResultSet row = selectHour.executeQuery()) {
      return row.next();
    }
  }

  /** From which moments on things are kept; null for ever. */
  record Limits(@Nullable Instant records, @Nullable Instant hours) {}
}

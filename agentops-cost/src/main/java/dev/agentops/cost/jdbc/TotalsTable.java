package dev.agentops.cost.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes the rows of totals on one connection, with statements that are prepared once. */
final class TotalsTable {

  private static final String KEY = "dimension, grain, period, value";

  private static final int KEY_COLUMNS = 4;

  private final Dialect dialect;
  private final PreparedStatement select;
  private final PreparedStatement upsert;

  TotalsTable(Connection connection, Dialect dialect) throws SQLException {
    this.dialect = dialect;
    select =
        connection.prepareStatement(
            "SELECT "
                + String.join(", ", Totals.COLUMNS)
                + " FROM agentops_usage_totals"
                + " WHERE dimension = ? AND grain = ? AND period = ? AND value = ?");
    upsert =
        connection.prepareStatement(
            "INSERT INTO agentops_usage_totals ("
                + KEY
                + ", "
                + String.join(", ", Totals.COLUMNS)
                + ") VALUES (?, ?, ?, ?"
                + ", ?".repeat(Totals.COLUMNS.size())
                + ") ON CONFLICT ("
                + KEY
                + ") DO UPDATE SET "
                + Stream.concat(
                        Totals.COUNTS.stream().map(column -> column + " = " + sum(column, true)),
                        Totals.COSTS.stream().map(column -> column + " = " + sum(column, false)))
                    .collect(Collectors.joining(", ")));
  }

  private String sum(String column, boolean bounded) {
    if (!dialect.addsInDatabase()) {
      return "excluded." + column;
    }
    String sum = "agentops_usage_totals." + column + " + excluded." + column;
    return bounded ? "LEAST(" + sum + ", " + Long.MAX_VALUE + ")" : sum;
  }

  /** Adds to rows, and makes those that are not there. */
  void add(SortedMap<Bucket, Totals> changes) throws SQLException {
    for (Map.Entry<Bucket, Totals> change : changes.entrySet()) {
      Totals totals = change.getValue();
      if (!dialect.addsInDatabase()) {
        addStored(change.getKey(), totals);
      }
      bind(upsert, change.getKey());
      totals.bind(upsert, KEY_COLUMNS + 1, dialect);
      upsert.addBatch();
    }
    upsert.executeBatch();
  }

  private void addStored(Bucket bucket, Totals totals) throws SQLException {
    bind(select, bucket);
    try (ResultSet row = select.executeQuery()) {
      if (row.next()) {
        totals.add(Totals.read(row, 1));
      }
    }
  }

  private static void bind(PreparedStatement statement, Bucket bucket) throws SQLException {
    statement.setString(1, bucket.dimension());
    statement.setInt(2, bucket.grain().code());
    statement.setLong(3, bucket.period());
    statement.setString(4, bucket.value());
  }
}

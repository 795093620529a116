package dev.agentops.cost.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.SortedMap;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Writes the rows of totals on one connection. */
interface TotalsTable {

  int KEY_COLUMNS = 4;

  /** Adds to rows, and makes those that are not there. */
  void add(SortedMap<Bucket, Totals> changes) throws SQLException;

  /** What was added since the last commit is not there. */
  void rolledBack();

  /** A statement that inserts a row, or where it is there, sets its columns as told. */
  static String upsert(Dialect dialect, UnaryOperator<String> value) {
    var columns = dialect.totalsColumns().keySet();
    return "INSERT INTO agentops_usage_totals (dimension, grain, period, value, "
        + String.join(", ", columns)
        + ") VALUES (?, ?, ?, ?"
        + ", ?".repeat(columns.size())
        + ") ON CONFLICT (dimension, grain, period, value) DO UPDATE SET "
        + columns.stream()
            .map(column -> column + " = " + value.apply(column))
            .collect(Collectors.joining(", "));
  }

  static void bind(PreparedStatement statement, Bucket bucket) throws SQLException {
    statement.setString(1, bucket.dimension());
    statement.setInt(2, bucket.grain().code());
    statement.setLong(3, bucket.period());
    statement.setString(4, bucket.value());
  }
}

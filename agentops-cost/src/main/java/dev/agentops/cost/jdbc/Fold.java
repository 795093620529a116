package dev.agentops.cost.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Adds days to months and to all time when they are over, so that a record of today changes a third
 * of the rows. A total is of the longer periods and of the days that are not in them yet; a record
 * that comes late is added to both at once.
 */
final class Fold {

  /** The first day that is not in longer periods yet, in SQL. */
  static final String FOLDED_UNTIL =
      "(SELECT number FROM agentops_usage_settings WHERE name = 'folded_until')";

  private final Dialect dialect;
  private final TotalsTable totals;
  private final PreparedStatement selectUntil;
  private final PreparedStatement updateUntil;
  private final PreparedStatement selectDimension;
  private final PreparedStatement selectDays;

  Fold(Connection connection, Dialect dialect, TotalsTable totals) throws SQLException {
    this.dialect = dialect;
    this.totals = totals;
    selectUntil = connection.prepareStatement("SELECT " + FOLDED_UNTIL);
    updateUntil =
        connection.prepareStatement(
            "UPDATE agentops_usage_settings SET number = ? WHERE name = 'folded_until'");
    selectDimension =
        connection.prepareStatement(
            "SELECT MIN(dimension) FROM agentops_usage_totals WHERE dimension > ?");
    selectDays =
        connection.prepareStatement(
            "SELECT period, value, "
                + String.join(", ", dialect.totalsColumns().keySet())
                + " FROM agentops_usage_totals WHERE dimension = ? AND "
                + Periods.RANGE);
  }

  /** The first day that is not in longer periods yet. */
  long foldedUntil() throws SQLException {
    try (ResultSet row = selectUntil.executeQuery()) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Adds the days before this one, in the transaction that is under way. */
  void run(long day) throws SQLException {
    long from = foldedUntil();
    if (from >= day) { // after the clock went back, too
      return;
    }
    String dimension = Label.EVERYTHING.dimension();
    while (dimension != null) {
      totals.add(longer(dimension, from, day));
      dimension = after(dimension);
    }
    updateUntil.setLong(1, day);
    updateUntil.executeUpdate();
  }

  private SortedMap<Bucket, Totals> longer(String dimension, long from, long until)
      throws SQLException {
    SortedMap<Bucket, Totals> rows = new TreeMap<>();
    selectDays.setString(1, dimension);
    new Periods(Grain.DAY, from, until, false).bind(selectDays, 2);
    try (ResultSet days = selectDays.executeQuery()) {
      while (days.next()) {
        GroupTotals.mergeLonger(
            rows,
            new Label(dimension, days.getString(2)),
            days.getLong(1),
            dialect.readTotals(days, 3));
      }
    }
    return rows;
  }

  private @Nullable String after(String dimension) throws SQLException {
    selectDimension.setString(1, dimension);
    try (ResultSet row = selectDimension.executeQuery()) {
      row.next();
      return row.getString(1);
    }
  }
}

package dev.agentops.cost.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Adds days to months and to all time when they are over, so that a record of today changes a third
 * of the rows. A total is of the longer periods and of the days that are not in them yet; a record
 * that comes late is added to both at once.
 *
 * <p>Some dimensions at a time, so that who writes meanwhile hardly waits: until all are done, the
 * settings say of each how far it is.
 */
final class Fold {

  /** The first day that is not in longer periods yet, in dimensions without a later one. */
  static final String FOLDED_UNTIL =
      "(SELECT number FROM agentops_usage_settings WHERE name = 'folded_until')";

  private static final String SETTING = "folded_until";

  /** After so many rows, a step ends with the dimension that it is at. */
  private static final int STEP_ROWS = 500;

  private final Dialect dialect;
  private final TotalsTable totals;
  private final PreparedStatement selectSettings;
  private final PreparedStatement upsertSetting;
  private final PreparedStatement deleteSettings;
  private final PreparedStatement selectDimension;
  private final PreparedStatement selectDays;

  Fold(Connection connection, Dialect dialect, TotalsTable totals) throws SQLException {
    this.dialect = dialect;
    this.totals = totals;
    selectSettings =
        connection.prepareStatement(
            "SELECT name, number FROM agentops_usage_settings"
                + " WHERE name >= 'folded_until' AND name < 'folded_until!'");
    upsertSetting =
        connection.prepareStatement(
            "INSERT INTO agentops_usage_settings (name, number) VALUES (?, ?)"
                + " ON CONFLICT (name) DO UPDATE SET number = excluded.number");
    deleteSettings =
        connection.prepareStatement(
            "DELETE FROM agentops_usage_settings"
                + " WHERE name > 'folded_until' AND name < 'folded_until!' AND number <= ?");
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

  /** The name under which a dimension has a day of its own. */
  static String setting(String dimension) {
    return SETTING + ' ' + dimension;
  }

  /** How far each dimension is, in the transaction that is under way. */
  State state() throws SQLException {
    Map<String, Long> days = new HashMap<>();
    try (ResultSet rows = selectSettings.executeQuery()) {
      while (rows.next()) {
        days.put(rows.getString(1), rows.getLong(2));
      }
    }
    return new State(days);
  }

  /**
   * Adds days before this one, in the transaction that is under way.
   *
   * @return true if there may be more
   */
  boolean step(long day) throws SQLException {
    State state = state();
    if (state.all() >= day) { // after the clock went back, too
      return false;
    }
    int rows = 0;
    String dimension = Label.EVERYTHING.dimension();
    while (dimension != null) {
      if (state.until(dimension) < day) {
        SortedMap<Bucket, Totals> longer = longer(dimension, state.until(dimension), day);
        totals.add(longer);
        store(setting(dimension), day);
        rows += longer.size();
        if (rows >= STEP_ROWS) {
          return true;
        }
      }
      dimension = after(dimension);
    }
    store(SETTING, day);
    deleteSettings.setLong(1, day);
    deleteSettings.executeUpdate();
    return false;
  }

  private SortedMap<Bucket, Totals> longer(String dimension, long from, long until)
      throws SQLException {
    SortedMap<Bucket, Totals> rows = new TreeMap<>();
    selectDays.setString(1, dimension);
    new Periods(Grain.DAY, from, until, false).bind(selectDays, 2, dimension);
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

  private void store(String setting, long day) throws SQLException {
    upsertSetting.setString(1, setting);
    upsertSetting.setLong(2, day);
    upsertSetting.executeUpdate();
  }

  /** The first day that is not in longer periods yet, by the names of settings. */
  record State(Map<String, Long> days) {

    private long all() {
      return days.getOrDefault(SETTING, Long.MIN_VALUE);
    }

    long until(String dimension) {
      return Math.max(all(), days.getOrDefault(setting(dimension), Long.MIN_VALUE));
    }
  }
}

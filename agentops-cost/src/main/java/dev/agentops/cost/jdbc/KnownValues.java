package dev.agentops.cost.jdbc;

import dev.agentops.cost.UsageLedger;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which values the dimensions tell apart: at most so many of each, over all processes. What it
 * remembers is what the database says, since values never leave.
 */
final class KnownValues {

  private final Connection connection;
  private final Dialect dialect;
  private final int maximumValues;
  private final PreparedStatement select;
  private final Map<String, Set<String>> known = new HashMap<>();

  /** The dimensions that were read in the transaction that is under way. */
  private final Set<String> fresh = new HashSet<>();

  KnownValues(Connection connection, Dialect dialect, int maximumValues) throws SQLException {
    this.connection = connection;
    this.dialect = dialect;
    this.maximumValues = maximumValues;
    select =
        connection.prepareStatement(
            "SELECT value FROM agentops_usage_totals WHERE dimension = ? AND grain = "
                + Grain.ALL.code()
                + " AND period = 0 UNION SELECT value FROM agentops_usage_totals"
                + " WHERE dimension = ? AND grain = "
                + Grain.DAY.code()
                + " AND period >= "
                + Fold.FOLDED_UNTIL);
  }

  /**
   * The label to count under: itself, or that of all for whom there is no room.
   *
   * @param more whether there may be a new value
   */
  Label admit(Label label, boolean more) throws SQLException {
    Set<String> values = known.computeIfAbsent(label.dimension(), dimension -> new HashSet<>());
    if (values.contains(label.value()) || label.equals(Label.EVERYTHING)) {
      return label;
    }
    if (values.size() < maximumValues) {
      refresh(label.dimension(), values);
      if (values.contains(label.value())) {
        return label;
      }
      if (more && values.size() < maximumValues) {
        values.add(label.value());
        return label;
      }
    }
    return new Label(label.dimension(), UsageLedger.OVERFLOW);
  }

  void ended() {
    fresh.clear();
  }

  /** Forgets what may never have been committed. */
  void rolledBack() {
    fresh.clear();
    known.clear();
  }

  private void refresh(String dimension, Set<String> values) throws SQLException {
    if (!fresh.add(dimension)) {
      return;
    }
    if (fresh.size() == 1) {
      dialect.lockValues(connection);
    }
    select.setString(1, dimension);
    select.setString(2, dimension);
    try (ResultSet rows = select.executeQuery()) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    values.remove(UsageLedger.OVERFLOW);
  }
}

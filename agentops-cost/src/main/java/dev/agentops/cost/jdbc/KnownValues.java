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
 * Which values the dimensions tell apart: at most so many of each, over all processes. The database
 * counts them, so that a new value is looked up alone. Since values never leave, what is remembered
 * stays true.
 */
final class KnownValues {

  private static final String SETTING = "values ";

  private final Connection connection;
  private final Dialect dialect;
  private final int maximumValues;
  private final PreparedStatement selectValue;
  private final PreparedStatement selectValues;
  private final PreparedStatement selectCount;
  private final PreparedStatement upsertCount;
  private final Map<String, Set<String>> known = new HashMap<>();

  /** The dimensions without room, of which all values are known. */
  private final Set<String> full = new HashSet<>();

  /** How many values dimensions have, after the transaction that is under way. */
  private final Map<String, Integer> counts = new HashMap<>();

  private boolean locked;

  KnownValues(Connection connection, Dialect dialect, int maximumValues) throws SQLException {
    this.connection = connection;
    this.dialect = dialect;
    this.maximumValues = maximumValues;
    selectValue =
        connection.prepareStatement(
            "SELECT 1 FROM agentops_usage_totals WHERE dimension = ? AND value = ? LIMIT 1");
    selectValues =
        connection.prepareStatement(
            "SELECT value FROM agentops_usage_totals WHERE dimension = ? AND grain = "
                + Grain.ALL.code()
                + " AND period = 0 UNION SELECT value FROM agentops_usage_totals"
                + " WHERE dimension = ? AND grain = "
                + Grain.DAY.code()
                + " AND period >= "
                + Fold.FOLDED_UNTIL);
    selectCount =
        connection.prepareStatement("SELECT number FROM agentops_usage_settings WHERE name = ?");
    upsertCount =
        connection.prepareStatement(
            "INSERT INTO agentops_usage_settings (name, number) VALUES (?, ?)"
                + " ON CONFLICT (name) DO UPDATE SET number = excluded.number");
  }

  /** The label to count under: itself, or that of all for whom there is no room. */
  Label admit(Label label) throws SQLException {
    String dimension = label.dimension();
    Set<String> values = known.computeIfAbsent(dimension, name -> new HashSet<>());
    if (values.contains(label.value())
        || label.equals(Label.EVERYTHING)
        || label.value().equals(UsageLedger.OVERFLOW)) {
      return label;
    }
    if (!full.contains(dimension) && (isStored(label) || makeRoom(label, values))) {
      values.add(label.value());
    }
    return values.contains(label.value()) ? label : new Label(dimension, UsageLedger.OVERFLOW);
  }

  /** Writes down what is new, in the transaction that is under way. */
  void store() throws SQLException {
    for (Map.Entry<String, Integer> count : counts.entrySet()) {
      upsertCount.setString(1, SETTING + count.getKey());
      upsertCount.setLong(2, count.getValue());
      upsertCount.executeUpdate();
    }
  }

  void committed() {
    counts.clear();
    locked = false;
  }

  /** Forgets what may never have been committed. */
  void rolledBack() {
    committed();
    known.clear();
    full.clear();
  }

  private boolean makeRoom(Label label, Set<String> values) throws SQLException {
    if (!locked) {
      dialect.lockValues(connection);
      locked = true;
      if (isStored(label)) { // by whom this waited for
        return true;
      }
    }
    int count = count(label.dimension());
    if (count < maximumValues) {
      counts.put(label.dimension(), count + 1);
      return true;
    }
    if (!counts.containsKey(label.dimension())) { // else there is more than what is stored
      readAll(label.dimension(), values);
      full.add(label.dimension());
    }
    return false;
  }

  private int count(String dimension) throws SQLException {
    Integer counted = counts.get(dimension);
    if (counted != null) {
      return counted;
    }
    selectCount.setString(1, SETTING + dimension);
    try (ResultSet row = selectCount.executeQuery()) {
      return row.next() ? row.getInt(1) : 0;
    }
  }

  private boolean isStored(Label label) throws SQLException {
    selectValue.setString(1, label.dimension());
    selectValue.setString(2, label.value());
    try (ResultSet row = selectValue.executeQuery()) {
      return row.next();
    }
  }

  private void readAll(String dimension, Set<String> values) throws SQLException {
    selectValues.setString(1, dimension);
    selectValues.setString(2, dimension);
    try (ResultSet rows = selectValues.executeQuery()) {
      while (rows.next()) {
        values.add(rows.getString(1));
      }
    }
    values.remove(UsageLedger.OVERFLOW);
  }
}

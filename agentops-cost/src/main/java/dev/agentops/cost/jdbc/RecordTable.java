package dev.agentops.cost.jdbc;

import dev.agentops.cost.UsageRecord;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Writes the rows of records on one connection, with statements that are prepared once. */
final class RecordTable {

  private final Connection connection;
  private final boolean arrays;
  private final PreparedStatement insert;
  private final PreparedStatement select;
  private final PreparedStatement update;
  private final PreparedStatement updateLabels;
  private boolean labelsNoted;

  RecordTable(Connection connection, Dialect dialect) throws SQLException {
    this.connection = connection;
    arrays = dialect == Dialect.POSTGRESQL;
    insert =
        connection.prepareStatement(
            "INSERT INTO agentops_usage_records (id, epoch_second, nano, document) "
                + (arrays
                    ? "SELECT * FROM unnest(?::text[], ?::bigint[], ?::integer[], ?::text[])"
                    : "VALUES (?, ?, ?, ?)")
                + " ON CONFLICT (id) DO NOTHING"
                + (arrays ? " RETURNING id" : ""));
    select =
        connection.prepareStatement(
            "SELECT epoch_second, nano, document, labels FROM agentops_usage_records WHERE id = ?"
                + (arrays ? " FOR UPDATE" : ""));
    update =
        connection.prepareStatement("UPDATE agentops_usage_records SET document = ? WHERE id = ?");
    updateLabels =
        connection.prepareStatement("UPDATE agentops_usage_records SET labels = ? WHERE id = ?");
  }

  /**
   * Inserts those that are not there.
   *
   * @param entries in the order of their keys, each key once
   * @return the keys of the inserted
   */
  Set<String> insert(Collection<Entry> entries) throws SQLException {
    return arrays ? insertAtOnce(List.copyOf(entries)) : insertOneByOne(entries);
  }

  private Set<String> insertOneByOne(Collection<Entry> entries) throws SQLException {
    for (Entry entry : entries) {
      insert.setString(1, entry.key());
      insert.setLong(2, entry.timestamp().getEpochSecond());
      insert.setInt(3, entry.timestamp().getNano());
      insert.setString(4, entry.document());
      insert.addBatch();
    }
    int[] counts = insert.executeBatch();
    Set<String> inserted = new HashSet<>();
    int next = 0;
    for (Entry entry : entries) {
      if (counts[next++] > 0) {
        inserted.add(entry.key());
      }
    }
    return inserted;
  }

  /** In one round trip; a driver that rewrites batches would not count them. */
  private Set<String> insertAtOnce(List<Entry> entries) throws SQLException {
    Object[][] columns = new Object[4][entries.size()];
    for (int i = 0; i < entries.size(); i++) {
      Entry entry = entries.get(i);
      columns[0][i] = entry.key();
      columns[1][i] = entry.timestamp().getEpochSecond();
      columns[2][i] = entry.timestamp().getNano();
      columns[3][i] = entry.document();
    }
    insert.setArray(1, connection.createArrayOf("text", columns[0]));
    insert.setArray(2, connection.createArrayOf("int8", columns[1]));
    insert.setArray(3, connection.createArrayOf("int4", columns[2]));
    insert.setArray(4, connection.createArrayOf("text", columns[3]));
    Set<String> inserted = new HashSet<>();
    try (ResultSet keys = insert.executeQuery()) {
      while (keys.next()) {
        inserted.add(keys.getString(1));
      }
    }
    return inserted;
  }

  /** Notes under which labels a new record counts, where it does not say so itself. */
  void noteLabels(Entry entry, Set<Label> counted) throws SQLException {
    String difference = CountedLabels.write(entry.record(), counted);
    if (difference != null) {
      updateLabels.setString(1, difference);
      updateLabels.setString(2, entry.key());
      updateLabels.addBatch();
      labelsNoted = true;
    }
  }

  void storeLabels() throws SQLException {
    if (labelsNoted) {
      labelsNoted = false;
      updateLabels.executeBatch();
    }
  }

  /** The record of this key, which no one else changes until the transaction ends; or null. */
  @Nullable Stored find(String key) throws SQLException {
    select.setString(1, key);
    try (ResultSet row = select.executeQuery()) {
      if (!row.next()) {
        return null;
      }
      UsageRecord record = RecordJson.read(row.getString(3), timestamp(row));
      return new Stored(record, CountedLabels.read(record, row.getString(4)));
    }
  }

  void update(Entry entry) throws SQLException {
    update.setString(1, entry.document());
    update.setString(2, entry.key());
    update.executeUpdate();
  }

  /** A record, and the labels under which it was counted. */
  record Stored(UsageRecord record, Set<Label> labels) {}

  /** Of a row that begins with the second and the nanosecond. */
  static Instant timestamp(ResultSet row) throws SQLException {
    return Instant.ofEpochSecond(row.getLong(1), row.getInt(2));
  }
}

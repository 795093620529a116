package dev.agentops.cost.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;

/**
 * Adds in Java for SQLite, whose integers overflow into inexact numbers and which has no decimals.
 * Who writes is alone, and remembers what it wrote until another connection writes.
 */
final class CachedTotals implements TotalsTable {

  private static final int MAXIMUM_ROWS = 20_000;

  private final PreparedStatement version;
  private final PreparedStatement select;
  private final PreparedStatement upsert;
  private long rememberedVersion = -1;

  @SuppressWarnings("serial") // is never serialized
  private final LinkedHashMap<Bucket, Totals> remembered =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Bucket, Totals> eldest) {
          return size() > MAXIMUM_ROWS;
        }
      };

  CachedTotals(Connection connection) throws SQLException {
    version = connection.prepareStatement("PRAGMA data_version");
    select =
        connection.prepareStatement(
            "SELECT totals FROM agentops_usage_totals"
                + " WHERE dimension = ? AND grain = ? AND period = ? AND value = ?");
    upsert =
        connection.prepareStatement(
            TotalsTable.upsert(Dialect.SQLITE, column -> "excluded." + column));
  }

  @Override
  public void add(SortedMap<Bucket, Totals> changes) throws SQLException {
    forgetWhatOthersChanged();
    for (Map.Entry<Bucket, Totals> change : changes.entrySet()) {
      Bucket bucket = change.getKey();
      Totals totals = remembered.get(bucket);
      if (totals == null) {
        totals = stored(bucket);
        remembered.put(bucket, totals);
      }
      totals.add(change.getValue());
      TotalsTable.bind(upsert, bucket);
      Dialect.SQLITE.bind(upsert, KEY_COLUMNS + 1, totals);
      upsert.addBatch();
    }
    upsert.executeBatch();
  }

  @Override
  public void rolledBack() {
    remembered.clear();
  }

  /** Asked within the transaction, when no one else can write any more. */
  private void forgetWhatOthersChanged() throws SQLException {
    try (ResultSet row = version.executeQuery()) {
      row.next();
      long now = row.getLong(1);
      if (now != rememberedVersion) {
        remembered.clear();
        rememberedVersion = now;
      }
    }
  }

  private Totals stored(Bucket bucket) throws SQLException {
    TotalsTable.bind(select, bucket);
    try (ResultSet row = select.executeQuery()) {
      return row.next() ? Dialect.SQLITE.readTotals(row, 1) : new Totals();
    }
  }
}

package dev.agentops.cost.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Map;
import java.util.SortedMap;

/** Lets PostgreSQL add, where several processes add to one row; its decimals lose nothing. */
final class SharedTotals implements TotalsTable {

  private final PreparedStatement upsert;

  SharedTotals(Connection connection) throws SQLException {
    upsert = connection.prepareStatement(TotalsTable.upsert(Dialect.POSTGRESQL, SharedTotals::sum));
  }

  @Override
  public void add(SortedMap<Bucket, Totals> changes) throws SQLException {
    for (Map.Entry<Bucket, Totals> change : changes.entrySet()) {
      TotalsTable.bind(upsert, change.getKey());
      Dialect.POSTGRESQL.bind(upsert, KEY_COLUMNS + 1, change.getValue());
      upsert.addBatch();
    }
    upsert.executeBatch();
  }

  @Override
  public void rolledBack() {
    // nothing is remembered
  }

  private static String sum(String column) {
    String sum = "agentops_usage_totals." + column + " + excluded." + column;
    return Totals.COUNTS.contains(column) ? "LEAST(" + sum + ", " + Long.MAX_VALUE + ")" : sum;
  }
}

package dev.agentops.cost.jdbc;

import dev.agentops.cost.CostStatistics;
import dev.agentops.jdbc.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * A connection that writes groups of records, each with what it does to the totals in one
 * transaction. For one thread.
 */
final class WriteSession implements AutoCloseable {

  private final Connection connection;
  private final Dialect dialect;
  private final RecordTable records;
  private final TotalsTable totals;
  private final KnownValues values;
  private final Fold fold;
  private final Retention retention;

  /** Closes the connection in the end. */
  WriteSession(Connection connection, Dialect dialect, int maximumValues) throws SQLException {
    this.connection = connection;
    this.dialect = dialect;
    records = new RecordTable(connection, dialect);
    totals = dialect.totalsTable(connection);
    values = new KnownValues(connection, dialect, maximumValues);
    fold = new Fold(connection, dialect, totals);
    retention = new Retention(connection, dialect);
  }

  /** Writes all of a group, and notes on each what it did, or nothing. */
  void write(List<Entry> group) throws SQLException {
    boolean committing = false;
    boolean committed = false;
    connection.setAutoCommit(false);
    try {
      GroupTotals changes = new GroupTotals();
      boolean inserted = insert(group, changes);
      if (!inserted) {
        dialect.beginWrite(connection);
      }
      replace(group, changes);
      values.store();
      if (!changes.isEmpty()) {
        totals.add(changes.rows(fold.state()));
      }
      committing = true;
      connection.commit();
      committed = true;
      values.committed();
    } finally {
      if (!committed) {
        if (committing) {
          group.forEach(Entry::doubt);
        }
        values.rolledBack();
        totals.rolledBack();
      }
      Transaction.end(connection, committed, true);
    }
  }

  /**
   * Adds the days before this one to longer periods, where that is yet to be done, a part of them
   * in a transaction; true if there may be more.
   */
  boolean fold(long day) throws SQLException {
    boolean done = false;
    try {
      boolean more =
          Transaction.run(
              connection,
              own -> {
                dialect.beginWrite(own);
                return fold.step(day);
              });
      done = true;
      return more;
    } finally {
      if (!done) {
        totals.rolledBack();
      }
    }
  }

  /** Deletes what is too old, at most one chunk of it; true if there may be more. */
  boolean remove(Retention.Limits limits) throws SQLException {
    return Transaction.run(
        connection,
        own -> {
          dialect.beginWrite(own);
          return retention.run(limits);
        });
  }

  @Override
  public void close() throws SQLException {
    connection.close();
  }

  private boolean insert(List<Entry> group, GroupTotals changes) throws SQLException {
    TreeMap<String, Entry> added = new TreeMap<>();
    for (Entry entry : group) {
      entry.done(false);
      if (!entry.replacing()) {
        added.putIfAbsent(entry.key(), entry);
      }
    }
    if (added.isEmpty()) {
      return false;
    }
    Set<String> inserted = records.insert(added.values());
    for (Entry entry : added.values()) {
      if (inserted.contains(entry.key())) {
        entry.done(true);
        Totals one = Totals.of(CostStatistics.of(entry.record()));
        Set<Label> counted = new LinkedHashSet<>();
        for (Label label : entry.labels()) {
          counted.add(values.admit(label));
        }
        counted.forEach(label -> changes.add(label, entry.day(), one));
        changes.addHour(entry.hour(), one);
        records.noteLabels(entry, counted);
      } else {
        entry.done(false);
      }
    }
    records.storeLabels();
    return true;
  }

  private void replace(List<Entry> group, GroupTotals changes) throws SQLException {
    List<Entry> replacing = new ArrayList<>();
    for (Entry entry : group) {
      if (entry.replacing()) {
        replacing.add(entry);
      }
    }
    replacing.sort((a, b) -> a.key().compareTo(b.key()));
    for (Entry entry : replacing) {
      RecordTable.Stored stored = records.find(entry.key());
      if (stored != null && entry.canReplace(stored.record())) {
        records.update(entry);
        Totals change =
            Totals.of(CostStatistics.of(entry.record()))
                .subtract(Totals.of(CostStatistics.of(stored.record())));
        stored.labels().forEach(label -> changes.add(label, entry.day(), change));
        if (changes.hasHour(entry.hour()) || retention.keepsHour(entry.hour())) {
          changes.addHour(entry.hour(), change);
        }
        entry.done(true);
      }
    }
  }
}

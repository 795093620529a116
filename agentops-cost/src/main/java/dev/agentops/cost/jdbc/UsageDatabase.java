package dev.agentops.cost.jdbc;

import dev.agentops.cost.LedgerException;
import dev.agentops.jdbc.DatabaseErrors;
import dev.agentops.jdbc.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.jspecify.annotations.Nullable;

/** The tables of a ledger in a database. Thread-safe. */
final class UsageDatabase implements AutoCloseable {

  /** For how long a writer waits for an answer of a server that may be gone. */
  private static final int NETWORK_MILLIS = 30_000;

  private final ConnectionSource source;
  private final Dialect dialect;
  private final ZoneId zone;
  private volatile boolean closed;

  private UsageDatabase(ConnectionSource source, Dialect dialect, ZoneId zone) {
    this.source = source;
    this.dialect = dialect;
    this.zone = zone;
  }

  /**
   * Connects once, recognises the dialect and brings the schema up to date.
   *
   * @param zone null for that of the ledger, or UTC for a new one
   */
  static UsageDatabase open(ConnectionSource source, @Nullable ZoneId zone) {
    try (Connection connection = source.connect()) {
      Dialect dialect = Dialect.of(connection);
      ZoneId stored = Schema.migrate(connection, dialect, zone == null ? ZoneOffset.UTC : zone);
      if (zone != null && !zone.getRules().equals(stored.getRules())) {
        throw new IllegalArgumentException(
            "the days of the usage ledger in "
                + source.name()
                + " begin in the zone "
                + stored
                + ", not "
                + zone);
      }
      return new UsageDatabase(source, dialect, zone == null ? stored : zone);
    } catch (SQLException e) { // no value of a record was in a statement yet
      throw new LedgerException(
          "cannot open the usage ledger in " + source.name() + ": " + e.getMessage(), e);
    }
  }

  Dialect dialect() {
    return dialect;
  }

  ZoneId zone() {
    return zone;
  }

  <T> T read(Transaction.Work<T> work) {
    if (closed) {
      throw new LedgerException("the usage ledger is closed");
    }
    try (Connection connection = source.connect()) {
      return work.run(connection);
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  /** A session of one's own, in a database that may have been made anew meanwhile. */
  WriteSession openSession(int maximumValues) throws SQLException {
    Connection connection = source.connect();
    boolean opened = false;
    try {
      dialect.limitWaiting(connection, NETWORK_MILLIS);
      Schema.migrate(connection, dialect, zone);
      WriteSession session = new WriteSession(connection, dialect, maximumValues);
      opened = true;
      return session;
    } finally {
      if (!opened) {
        connection.close();
      }
    }
  }

  /** Whether what was written since the last call went where no one will find it. */
  boolean lost() {
    return source.lost();
  }

  LedgerException failure(SQLException e) {
    SQLException told = DatabaseErrors.withoutValues(e);
    return new LedgerException(
        source.name() + " of the usage ledger failed: " + told.getMessage(), told);
  }

  @Override
  public void close() {
    closed = true;
    source.close();
  }
}

package dev.agentops.tracing.jdbc;

import dev.agentops.AgentOpsException;
import dev.agentops.jdbc.DatabaseErrors;
import dev.agentops.jdbc.Transaction;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;

/** Runs reads and transactions, each on a connection of its own. Thread-safe. */
final class Database {

  private static final String FAILED = "the database of the span store failed: ";

  private final DataSource dataSource;
  private final Dialect dialect;

  /** SQLite has one writer, for which others wait by polling; here they wait in line. */
  private final ReentrantLock writing = new ReentrantLock(true);

  private Database(DataSource dataSource, Dialect dialect) {
    this.dataSource = dataSource;
    this.dialect = dialect;
  }

  /** Connects once, recognises the dialect and brings the schema up to date. */
  static Database open(DataSource dataSource) {
    try (Connection connection = dataSource.getConnection()) {
      Dialect dialect = Dialect.of(connection);
      Schema.migrate(connection, dialect);
      return new Database(dataSource, dialect);
    } catch (SQLException e) { // no value of a span was in a statement yet
      throw new AgentOpsException(FAILED + e.getMessage(), e);
    }
  }

  Dialect dialect() {
    return dialect;
  }

  /** Work that only reads. */
  <T> T read(Transaction.Work<T> work) {
    try (Connection connection = connect()) {
      return work.run(connection);
    } catch (SQLException e) {
      throw failure(e);
    }
  }

  /** Work that is done as a whole or not at all. */
  <T> T write(Transaction.Work<T> work) {
    boolean alone = dialect == Dialect.SQLITE;
    if (alone) {
      writing.lock();
    }
    try (Connection connection = connect()) {
      return Transaction.run(
          connection,
          own -> {
            dialect.beginWrite(own);
            return work.run(own);
          });
    } catch (SQLException e) {
      throw failure(e);
    } finally {
      if (alone) {
        writing.unlock();
      }
    }
  }

  private Connection connect() {
    try {
      return dataSource.getConnection();
    } catch (SQLException e) { // says what is wrong with the network or the login
      throw new AgentOpsException(FAILED + e.getMessage(), e);
    }
  }

  private static AgentOpsException failure(SQLException e) {
    SQLException told = DatabaseErrors.withoutValues(e);
    return new AgentOpsException(FAILED + told.getMessage(), told);
  }
}

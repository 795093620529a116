package dev.agentops.cost.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/** Where connections come from. Thread-safe. */
interface ConnectionSource extends AutoCloseable {

  /** The data source of a caller, who closes it. */
  static ConnectionSource of(DataSource dataSource) {
    return new ConnectionSource() {
      @Override
      public Connection connect() throws SQLException {
        return dataSource.getConnection();
      }

      @Override
      public boolean lost() {
        return false;
      }

      @Override
      public String name() {
        return "the database";
      }

      @Override
      public void close() {
        // the caller does
      }
    };
  }

  Connection connect() throws SQLException;

  /** Whether what was written since the last call went where no one will find it. */
  boolean lost();

  /** The subject of a sentence. */
  String name();

  @Override
  void close();
}

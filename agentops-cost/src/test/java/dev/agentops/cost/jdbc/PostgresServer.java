package dev.agentops.cost.jdbc;

import static org.junit.jupiter.api.Assumptions.abort;

import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** A real PostgreSQL, which gives each who asks an empty schema. */
final class PostgresServer implements AutoCloseable {

  private final EmbeddedPostgres server;
  private int schemas;

  private PostgresServer(EmbeddedPostgres server) {
    this.server = server;
  }

  /** Starts it; where its binaries do not run, the tests are skipped, and it is said loudly. */
  static PostgresServer start(EmbeddedPostgres.Builder builder) {
    try {
      return new PostgresServer(builder.start());
    } catch (IOException | RuntimeException e) {
      System.err.println("SKIPPED: NO TEST OF POSTGRESQL, since its binaries do not start: " + e);
      return abort("PostgreSQL does not start here: " + e);
    }
  }

  static PostgresServer start() {
    return start(EmbeddedPostgres.builder().setServerConfig("fsync", "off"));
  }

  /** The name of a new schema. */
  String schema() throws SQLException {
    String name = "s" + schemas++;
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute("CREATE SCHEMA " + name);
    }
    return name;
  }

  /** A pool of connections to a schema; the caller closes it. */
  HikariDataSource pool(String schema) {
    HikariDataSource pool = new HikariDataSource();
    pool.setDataSource(server.getDatabase("postgres", "postgres", Map.of("currentSchema", schema)));
    pool.setMinimumIdle(1);
    pool.setConnectionTimeout(2_000);
    return pool;
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}

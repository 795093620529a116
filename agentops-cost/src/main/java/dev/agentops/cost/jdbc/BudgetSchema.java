package dev.agentops.cost.jdbc;

import dev.agentops.AgentOpsException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The tables and functions of shared budgets, and how they come into a database. */
final class BudgetSchema {

  private static final int VERSION = 1;
  private static final String VERSION_TABLE = "agentops_budget_schema";

  /** Any number that others are unlikely to lock: "agentops" in ASCII, and some more. */
  private static final long LOCK = 0x6167656e746f7073L + 10;

  private BudgetSchema() {}

  /**
   * Brings the database up to date; safe when several processes start at once.
   *
   * @throws IllegalArgumentException if it is not PostgreSQL
   * @throws AgentOpsException if a newer release has been there already
   */
  static void migrate(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    if (!product.equals("PostgreSQL")) {
      throw new IllegalArgumentException(
          "budgets can be shared through PostgreSQL, not through '" + product + "'");
    }
    boolean autoCommit = connection.getAutoCommit();
    connection.setAutoCommit(false);
    try (Statement statement = connection.createStatement()) {
      statement.execute("SELECT pg_advisory_xact_lock(" + LOCK + ")");
      statement.execute(
          "CREATE TABLE IF NOT EXISTS " + VERSION_TABLE + " (version INTEGER NOT NULL)");
      migrateFrom(version(statement), connection, statement);
      connection.commit();
    } finally {
      connection.rollback(); // what is left of a failure
      connection.setAutoCommit(autoCommit);
    }
  }

  private static void migrateFrom(int version, Connection connection, Statement statement)
      throws SQLException {
    if (version > VERSION) {
      throw new AgentOpsException(
          "the tables of shared budgets have version "
              + version
              + ", made by a newer agentops; this one knows versions up to "
              + VERSION);
    }
    if (version == VERSION) {
      return;
    }
    for (String definition : read("budgets.sql").split("\n--;\n")) {
      statement.execute(definition);
    }
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO " + VERSION_TABLE + " VALUES (?)")) {
      insert.setInt(1, VERSION);
      insert.executeUpdate();
    }
  }

  private static int version(Statement statement) throws SQLException {
    try (ResultSet row =
        statement.executeQuery("SELECT coalesce(max(version), 0) FROM " + VERSION_TABLE)) {
      row.next();
      return row.getInt(1);
    }
  }

  private static String read(String resource) {
    try (InputStream in = BudgetSchema.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("not in the jar: " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

package dev.agentops.tracing.jdbc;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.junit.jupiter.api.io.TempDir;

class SqliteSpanStoreTest extends JdbcSpanStoreContract {

  @TempDir Path folder;

  @Override
  protected JdbcSpanStore.Builder builder() {
    return JdbcSpanStore.builder().sqlite(folder.resolve("spans.db"));
  }

  @Override
  void refuseSpans() throws SQLException {
    try (Connection connection =
            DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("spans.db"));
        Statement statement = connection.createStatement()) {
      statement.execute(
          """
          CREATE TRIGGER refuse BEFORE INSERT ON agentops_spans
          BEGIN SELECT RAISE(ABORT, 'the disk is full, says the SECRET of ' || NEW.document); END
          """);
    }
  }
}

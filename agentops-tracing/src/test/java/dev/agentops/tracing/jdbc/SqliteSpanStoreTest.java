package dev.agentops.tracing.jdbc;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class SqliteSpanStoreTest extends JdbcSpanStoreContract {

  @TempDir Path folder;

  @Override
  protected JdbcSpanStore.Builder builder() {
    return JdbcSpanStore.builder().sqlite(folder.resolve("spans.db"));
  }
}

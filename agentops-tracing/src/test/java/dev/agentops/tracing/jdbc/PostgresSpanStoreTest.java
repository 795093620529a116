package dev.agentops.tracing.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import com.zaxxer.hikari.HikariDataSource;
import dev.agentops.AgentOpsException;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanQuery;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a real PostgreSQL, started once. */
class PostgresSpanStoreTest extends JdbcSpanStoreContract {

  private static @Nullable EmbeddedPostgres postgres;
  private static @Nullable HikariDataSource pool;

  @BeforeAll
  static void start() {
    try {
      postgres = EmbeddedPostgres.builder().setServerConfig("fsync", "off").start();
      pool = new HikariDataSource();
      pool.setDataSource(database(postgres));
    } catch (IOException | RuntimeException e) {
      System.err.println("SKIPPED: NO TEST OF POSTGRESQL, since its binaries do not start: " + e);
      abort("PostgreSQL does not start here: " + e);
    }
  }

  @AfterAll
  static void stop() throws IOException {
    if (postgres != null) {
      pool.close();
      postgres.close();
    }
  }

  @Override
  protected JdbcSpanStore.Builder builder() {
    return JdbcSpanStore.builder().dataSource(pool);
  }

  private static DataSource database(EmbeddedPostgres server) {
    return server.getPostgresDatabase();
  }

  @Override
  void refuseSpans() throws SQLException {
    execute(
        """
        CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'no space left for %', NEW.document USING ERRCODE = '53100'; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON agentops_spans
        FOR EACH ROW EXECUTE FUNCTION refuse()
        """);
  }

  @Test
  void add_fails_theSqlStateIsTold() throws SQLException {
    refuseSpans();

    assertThatThrownBy(() -> store.add(List.of(span("t", "a", 0).build())))
        .hasMessageContaining("SQL state 53100")
        .cause()
        .isInstanceOfSatisfying(
            SQLException.class, told -> assertThat(told.getSQLState()).isEqualTo("53100"));
  }

  @AfterEach
  void emptyTables() throws SQLException {
    execute("DROP TRIGGER IF EXISTS refuse ON agentops_spans");
    execute("TRUNCATE agentops_spans, agentops_span_attributes, agentops_traces, agentops_scores");
  }

  @Test
  void everyCall_whileTheDatabaseIsGone_throwsAndWorksAgainLater(@TempDir Path folder)
      throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    EmbeddedPostgres server = server(folder, port);
    try (JdbcSpanStore own = JdbcSpanStore.of(database(server))) {
      own.add(List.of(span("t", "a", 0).build()));
      server.close();

      assertThatThrownBy(() -> own.add(List.of(span("t", "b", 1).build())))
          .isInstanceOf(AgentOpsException.class)
          .hasMessageStartingWith("the database of the span store failed: ")
          .hasCauseInstanceOf(SQLException.class);
      assertThatThrownBy(() -> own.find(SpanQuery.all())).isInstanceOf(AgentOpsException.class);
      assertThatThrownBy(() -> own.scores("t")).isInstanceOf(AgentOpsException.class);
      assertThatThrownBy(() -> JdbcSpanStore.of(database(server)))
          .isInstanceOf(AgentOpsException.class);

      try (EmbeddedPostgres again = server(folder, port)) { // the same data
        assertThat(again.getPort()).isEqualTo(port);
        own.add(List.of(span("t", "b", 1).build()));
        assertThat(own.find(SpanQuery.all())).extracting(Span::spanId).containsExactly("a", "b");
      }
    }
  }

  private static EmbeddedPostgres server(Path folder, int port) throws IOException {
    return EmbeddedPostgres.builder()
        .setPort(port)
        .setDataDirectory(folder.resolve("data"))
        .setCleanDataDirectory(false)
        .start();
  }

  @Test
  void open_anEmptyDatabaseFromManyThreadsAtOnce() throws Exception {
    execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public");
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Future<JdbcSpanStore>> stores = new ArrayList<>();
      for (int t = 0; t < 6; t++) {
        stores.add(threads.submit(() -> builder().build()));
      }
      for (Future<JdbcSpanStore> opened : stores) {
        opened.get().add(List.of(span("t", "a", 0).build()));
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(store.find(SpanQuery.all())).hasSize(1);
  }

  @Test
  void queries_useIndexes() throws SQLException {
    for (String condition : List.of("agent = 'a'", "session_id = 'a'", "parent_span_id IS NULL")) {
      try (Connection connection = pool.getConnection();
          Statement statement = connection.createStatement()) {
        connection.setAutoCommit(false); // for the settings, which no one else must see
        statement.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_sort = off");
        try (var plan =
            statement.executeQuery(
                "EXPLAIN SELECT document FROM agentops_spans WHERE "
                    + condition
                    + " AND (start_nanos, seq) < (5, 5) ORDER BY start_nanos DESC, seq DESC LIMIT 9")) {
          StringBuilder text = new StringBuilder();
          while (plan.next()) {
            text.append(plan.getString(1)).append('\n');
          }
          assertThat(text).contains("Index Scan Backward").doesNotContain("Sort");
        }
      }
    }
  }

  private static void execute(String sql) throws SQLException {
    try (Connection connection = pool.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}

package dev.agentops.tracing.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.mockito.Mockito.mock;
import static org.mockito.Mockito.when;

import dev.agentops.AgentOpsException;
import dev.agentops.testing.WithoutJars;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanQuery;
import dev.agentops.tracing.SpanStore;
import dev.agentops.tracing.Trace;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.SQLiteDataSource;

class JdbcSpanStoreTest {

  @TempDir Path folder;

  @Test
  void builder_badValues() {
    assertThatThrownBy(() -> JdbcSpanStore.builder().maximumAge(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maximumAge must be positive: PT0S");
    assertThatThrownBy(() -> JdbcSpanStore.builder().maximumBytes(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maximumBytes must be positive: 0");
    assertThatThrownBy(() -> JdbcSpanStore.builder().maximumSpans(-1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maximumSpans must be positive: -1");
    assertThatThrownBy(() -> JdbcSpanStore.builder().build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("either a file or a data source");
    assertThatThrownBy(() -> JdbcSpanStore.sqlite(Path.of("a?b")))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("the path must not contain '?': 'a?b'");
  }

  @Test
  void of_anotherDatabase() throws SQLException {
    DataSource dataSource = mock(DataSource.class);
    Connection connection = mock(Connection.class);
    DatabaseMetaData metaData = mock(DatabaseMetaData.class);
    when(dataSource.getConnection()).thenReturn(connection);
    when(connection.getMetaData()).thenReturn(metaData);
    when(metaData.getDatabaseProductName()).thenReturn("Oracle");

    assertThatThrownBy(() -> JdbcSpanStore.of(dataSource))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a span store can be SQLite or PostgreSQL, not 'Oracle'");
  }

  @Test
  void of_sqliteDataSourceOfTheCaller() {
    SQLiteDataSource dataSource = new SQLiteDataSource();
    dataSource.setUrl("jdbc:sqlite:" + folder.resolve("own.db"));
    try (SpanStore store = JdbcSpanStore.of(dataSource)) {
      store.add(List.of(span("a")));

      assertThat(store.find(SpanQuery.all())).hasSize(1);
    }
  }

  @Test
  void sqlite_fileThatCannotBeOpened() throws Exception {
    Path noDatabase = Files.writeString(folder.resolve("text"), "no database".repeat(1_000));

    assertThatThrownBy(() -> JdbcSpanStore.sqlite(noDatabase))
        .isInstanceOf(AgentOpsException.class)
        .hasMessageContaining(noDatabase.toString());
    assertThatThrownBy(() -> JdbcSpanStore.sqlite(noDatabase.resolve("below")))
        .isInstanceOf(AgentOpsException.class)
        .hasMessageContaining("below");
  }

  @Test
  void sqlite_makesFoldersAndAFileForItsOwnerOnly() throws Exception {
    Path file = folder.resolve("a/b/spans.db");
    JdbcSpanStore.sqlite(file).close();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
  }

  @Test
  void close_thenUse_throws() {
    SpanStore store = JdbcSpanStore.sqlite(folder.resolve("spans.db"));
    store.close();

    assertThatThrownBy(() -> store.find(SpanQuery.all())).isInstanceOf(AgentOpsException.class);
  }

  @Test
  void open_tablesOfANewerRelease() throws Exception {
    Path file = folder.resolve("spans.db");
    JdbcSpanStore.sqlite(file).close();
    execute(file, "UPDATE agentops_tracing_schema SET version = 99");

    assertThatThrownBy(() -> JdbcSpanStore.sqlite(file))
        .isInstanceOf(AgentOpsException.class)
        .hasMessage(
            "the tables of the span store have version 99, made by a newer agentops;"
                + " this one knows versions up to 1");
  }

  @Test
  void find_walksAnIndexForEveryCondition() throws Exception {
    Path file = folder.resolve("spans.db");
    JdbcSpanStore.sqlite(file).close();
    Map<String, String> indexes =
        Map.of(
            "agent = ?", "agentops_spans_by_agent",
            "action = ?", "agentops_spans_by_action",
            "status = ?", "agentops_spans_by_status",
            "session_id = ?", "agentops_spans_by_session",
            "user_id = ?", "agentops_spans_by_user",
            "request_model = ?", "agentops_spans_by_request_model",
            "parent_span_id IS NULL", "agentops_spans_roots",
            "start_nanos >= ?", "agentops_spans_by_start");
    for (Map.Entry<String, String> index : indexes.entrySet()) {
      String plan =
          execute(
              file,
              "EXPLAIN QUERY PLAN SELECT document FROM agentops_spans WHERE "
                  + index.getKey()
                  + " AND (start_nanos, seq) < (?, ?)"
                  + " ORDER BY start_nanos DESC, seq DESC LIMIT 9");
      assertThat(plan).contains(index.getValue()).doesNotContain("TEMP B-TREE");
    }
  }

  @Test
  void open_aNewFileFromManyThreadsAtOnce() throws Exception {
    Path file = folder.resolve("spans.db");
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Future<?>> tasks = new ArrayList<>();
      for (int t = 0; t < 6; t++) {
        String trace = "t" + t;
        tasks.add(
            threads.submit(
                () -> {
                  try (SpanStore store = JdbcSpanStore.sqlite(file)) {
                    store.add(List.of(span(trace)));
                  }
                }));
      }
      for (Future<?> task : tasks) {
        task.get();
      }
    } finally {
      threads.shutdownNow();
    }

    try (SpanStore store = JdbcSpanStore.sqlite(file)) {
      assertThat(store.find(SpanQuery.all())).hasSize(6);
    }
  }

  @Test
  void tracer_keepsItsSpansThere() {
    Path file = folder.resolve("spans.db");
    try (JdbcSpanStore store = JdbcSpanStore.sqlite(file)) {
      Tracer tracer = Tracer.builder().store(store).build();
      try (TraceContext turn = tracer.startTrace("agent", "act")) {
        turn.setInput(Map.of("q", 1));
        tracer.trace("agent", "step", step -> "done");
      }
      tracer.close();
    }

    try (JdbcSpanStore store = JdbcSpanStore.sqlite(file)) {
      Trace trace = Trace.of(store.find(SpanQuery.all()));
      assertThat(trace.root().input()).isEqualTo(Map.of("q", 1));
      assertThat(trace.children(trace.root())).hasSize(1);
    }
  }

  @Test
  void killed_losesAtMostTheAddThatWasUnderWay() throws Exception {
    Path file = folder.resolve("spans.db");
    List<String> acknowledged = new ArrayList<>();
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                AddsForEver.class.getName(),
                file.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (SpanStore beside = JdbcSpanStore.sqlite(file); // another process on the same file
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      for (int i = 0; line != null; i++) {
        acknowledged.add(line);
        if (i == 20) {
          beside.add(List.of(span("beside")));
        }
        if (i == 200) {
          child.toHandle().destroyForcibly(); // SIGKILL; what it said is still read below
        }
        line = lines.readLine();
      }
    } finally {
      child.destroyForcibly();
      child.waitFor();
    }

    assertThat(child.exitValue()).isEqualTo(128 + 9);
    assertThat(acknowledged).hasSizeGreaterThan(200);
    try (SpanStore store = JdbcSpanStore.sqlite(file)) {
      List<Span> found = store.find(SpanQuery.all());
      Map<String, Long> traces =
          found.stream().collect(Collectors.groupingBy(Span::traceId, Collectors.counting()));
      assertThat(traces.keySet()).containsAll(acknowledged).contains("beside");
      assertThat(traces.size()).isBetween(acknowledged.size() + 1, acknowledged.size() + 2);
      traces.remove("beside");
      assertThat(traces.values()).containsOnly(3L); // no trace in part
      store.add(List.of(span("after")));
      assertThat(store.find(SpanQuery.ofTrace("after"))).hasSize(1);
    }
    assertThat(execute(file, "PRAGMA integrity_check")).isEqualTo("ok\n");
  }

  /** Adds traces of three spans, and says which are safe. */
  static final class AddsForEver {

    public static void main(String[] args) {
      try (SpanStore store = JdbcSpanStore.sqlite(Path.of(args[0]))) {
        for (int i = 0; ; i++) {
          String trace = "t" + i;
          store.add(
              List.of(
                  builder(trace, "a").input("x".repeat(2_000)).build(),
                  builder(trace, "b").build(),
                  builder(trace, "c").build()));
          System.out.println(trace);
        }
      }
    }
  }

  @Test
  void optionalJars_missing_areNamed() throws Exception {
    assertThat(WithoutJars.call(OpensSqlite.class, "HikariCP"))
        .isEqualTo("JdbcSpanStore.sqlite needs com.zaxxer:HikariCP on the class path");
    assertThat(WithoutJars.call(OpensSqlite.class, "sqlite-jdbc"))
        .isEqualTo("JdbcSpanStore.sqlite needs org.xerial:sqlite-jdbc on the class path");
    assertThat(WithoutJars.call(OpensDataSource.class, "HikariCP", "postgresql"))
        .isEqualTo("1 span");
    assertThat(
            WithoutJars.call(
                UsesTheHeap.class, "HikariCP", "postgresql", "sqlite-jdbc", "opentelemetry"))
        .isEqualTo("1 span");
  }

  /** Says what is missing. */
  public static final class OpensSqlite implements Callable<String> {

    @Override
    public String call() {
      try {
        JdbcSpanStore.sqlite(Path.of("never-made.db"));
        return "opened";
      } catch (IllegalStateException e) {
        return e.getMessage();
      }
    }
  }

  /** Needs no pool. */
  public static final class OpensDataSource implements Callable<String> {

    @Override
    public String call() throws Exception {
      Path file = Files.createTempFile("spans", ".db");
      SQLiteDataSource dataSource = new SQLiteDataSource();
      dataSource.setUrl("jdbc:sqlite:" + file);
      try (SpanStore store = JdbcSpanStore.of(dataSource)) {
        store.add(List.of(span("a")));
        return store.find(SpanQuery.all()).size() + " span";
      } finally {
        Files.delete(file);
      }
    }
  }

  /** Needs no jar of a database. */
  public static final class UsesTheHeap implements Callable<String> {

    @Override
    public String call() {
      Tracer tracer = Tracer.create();
      tracer.startTrace("agent", "act").close();
      return tracer.spans().size() + " span";
    }
  }

  private static Span span(String traceId) {
    return builder(traceId, "s").build();
  }

  private static Span.Builder builder(String traceId, String spanId) {
    return Span.builder()
        .traceId(traceId)
        .spanId(spanId)
        .agentName("agent")
        .action("act")
        .startTime(Instant.EPOCH);
  }

  /** What the statement answers: the last column of each row. */
  private static String execute(Path file, String sql) throws SQLException {
    SQLiteDataSource dataSource = new SQLiteDataSource();
    dataSource.setUrl("jdbc:sqlite:" + file);
    StringBuilder answer = new StringBuilder();
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      if (statement.execute(sql)) {
        try (ResultSet rows = statement.getResultSet()) {
          while (rows.next()) {
            answer.append(rows.getString(rows.getMetaData().getColumnCount())).append('\n');
          }
        }
      }
    }
    return answer.toString();
  }
}

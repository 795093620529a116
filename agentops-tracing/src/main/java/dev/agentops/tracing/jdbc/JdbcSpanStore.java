package dev.agentops.tracing.jdbc;

import dev.agentops.AgentOpsException;
import dev.agentops.Clock;
import dev.agentops.jdbc.DbText;
import dev.agentops.tracing.Score;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanJson;
import dev.agentops.tracing.SpanQuery;
import dev.agentops.tracing.SpanStore;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Keeps spans and scores in a database: a SQLite file, or PostgreSQL, which several processes can
 * share. Thread-safe.
 *
 * <p>An {@link #add} is one transaction. Adding a span again, with the ids of one that is there,
 * changes nothing, so that it can be tried again after a failure. In SQLite, what was added
 * outlives the process; of the last moments before a power failure some may be lost.
 *
 * <p>Bounded: when a bound is exceeded, the traces in which nothing has ended for the longest are
 * deleted whole, with their scores, even one that alone is too large. It is looked after while
 * spans are added, at least once a minute, and a bound may be exceeded by a sixteenth until then.
 * Of one trace, the first {@value #MAXIMUM_SCORES} scores are kept; of traces that are not there,
 * the last {@value Retention#MAXIMUM_STRAY_SCORES}.
 *
 * <p>Spans that start at the same time are found in the order in which they arrived, whichever
 * trace they are of. Costs are compared by a millionth of a millionth of a dollar, of which any
 * cost has one at least.
 *
 * <p>When the database cannot be reached or fails, all methods but {@link #close} throw {@link
 * AgentOpsException}, and work again when it is back. Where a statement failed, it and its cause
 * tell the SQL state and the error code, but not what the driver says, which may quote what was to
 * be written.
 */
public final class JdbcSpanStore implements SpanStore {

  static final int MAXIMUM_SCORES = 1_000;

  private final Database database;
  private final Retention retention;
  private final Clock clock;
  private final @Nullable AutoCloseable owned;

  private JdbcSpanStore(
      Database database, Retention retention, Clock clock, @Nullable AutoCloseable owned) {
    this.database = database;
    this.retention = retention;
    this.clock = clock;
    this.owned = owned;
  }

  /**
   * A store in a file, which is made if it is not there; with the bounds of {@link Builder}.
   *
   * @throws AgentOpsException if it cannot be opened
   * @throws IllegalStateException if an optional jar is missing; names it
   */
  public static JdbcSpanStore sqlite(Path file) {
    return builder().sqlite(file).build();
  }

  /**
   * A store in the database that this connects to, SQLite or PostgreSQL; with the bounds of {@link
   * Builder}. The caller closes the data source.
   *
   * @throws IllegalArgumentException if it is another database
   * @throws AgentOpsException if it cannot be reached
   */
  public static JdbcSpanStore of(DataSource dataSource) {
    return builder().dataSource(dataSource).build();
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public void add(List<Span> spans) {
    if (spans.isEmpty()) {
      return;
    }
    List<SpanRow> rows = spans.stream().map(SpanRow::new).toList();
    database.write(connection -> insert(connection, rows));
    retention.added(rows.size(), rows.stream().mapToLong(SpanRow::bytes).sum());
  }

  @Override
  public List<Span> find(SpanQuery query) {
    return database.read(connection -> SpanSelect.run(connection, database.dialect(), query));
  }

  @Override
  public void addScore(Score score) {
    String document = SpanJson.write(score);
    String traceId = DbText.key(score.traceId());
    database.write(connection -> insertScore(connection, traceId, document));
    retention.added(0, document.length());
  }

  @Override
  public List<Score> scores(String traceId) {
    return database.read(connection -> selectScores(connection, DbText.key(traceId)));
  }

  /** How many spans this object, not other processes, deleted to stay within the bounds. */
  @Override
  public long droppedSpans() {
    return retention.dropped();
  }

  /** Closes the file; does nothing to a data source of the caller. */
  @Override
  public void close() {
    if (owned != null) {
      try {
        owned.close();
      } catch (Exception e) {
        throw new AgentOpsException("cannot close the span store: " + e.getMessage(), e);
      }
    }
  }

  private boolean insert(Connection connection, List<SpanRow> rows) throws SQLException {
    // sorted, so that two who add to the same traces wait for each other in one order
    Map<String, TraceChange> traces = new TreeMap<>();
    for (SpanRow row : rows) {
      traces.computeIfAbsent(row.traceId(), id -> new TraceChange()).ends(row.endNanos());
    }
    touchTraces(connection, traces);
    long[] numbers = database.dialect().reserve(connection, rows.size());
    insertSpans(connection, rows, numbers);
    Set<Long> inserted = inserted(connection, numbers);
    List<SpanRow> fresh = new ArrayList<>();
    try (PreparedStatement insert =
        connection.prepareStatement("INSERT INTO agentops_span_attributes VALUES (?, ?, ?)")) {
      for (int i = 0; i < rows.size(); i++) {
        if (inserted.contains(numbers[i])) {
          SpanRow row = rows.get(i);
          fresh.add(row);
          for (Map.Entry<String, String> attribute : row.attributes().entrySet()) {
            insert.setLong(1, numbers[i]);
            insert.setString(2, attribute.getKey());
            insert.setString(3, attribute.getValue());
            insert.addBatch();
          }
        }
      }
      insert.executeBatch();
    }
    for (SpanRow row : fresh) {
      Objects.requireNonNull(traces.get(row.traceId())).grows(row.bytes());
    }
    growTraces(connection, traces);
    return true;
  }

  /** Makes and locks the rows of the traces. */
  private static void touchTraces(Connection connection, Map<String, TraceChange> traces)
      throws SQLException {
    try (PreparedStatement upsert =
        connection.prepareStatement(
            """
            INSERT INTO agentops_traces (trace_id, last_end_nanos, spans, bytes)
            VALUES (?, ?, 0, 0)
            ON CONFLICT (trace_id) DO UPDATE SET last_end_nanos =
            CASE WHEN excluded.last_end_nanos > agentops_traces.last_end_nanos
            THEN excluded.last_end_nanos ELSE agentops_traces.last_end_nanos END
            """)) {
      for (Map.Entry<String, TraceChange> trace : traces.entrySet()) {
        upsert.setString(1, trace.getKey());
        upsert.setLong(2, trace.getValue().endNanos);
        upsert.addBatch();
      }
      upsert.executeBatch();
    }
  }

  private static void insertSpans(Connection connection, List<SpanRow> rows, long[] numbers)
      throws SQLException {
    try (PreparedStatement insert = connection.prepareStatement(SpanRow.INSERT)) {
      for (int i = 0; i < numbers.length; i++) {
        rows.get(i).bind(insert, numbers[i]);
        insert.addBatch();
      }
      insert.executeBatch();
    }
  }

  /** The numbers of the spans that were not there before; a driver may not count a batch's rows. */
  private static Set<Long> inserted(Connection connection, long[] numbers) throws SQLException {
    Set<Long> inserted = new HashSet<>();
    try (PreparedStatement select =
        connection.prepareStatement("SELECT seq FROM agentops_spans WHERE seq BETWEEN ? AND ?")) {
      select.setLong(1, numbers[0]);
      select.setLong(2, numbers[numbers.length - 1]);
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          inserted.add(rows.getLong(1));
        }
      }
    }
    return inserted;
  }

  private static void growTraces(Connection connection, Map<String, TraceChange> traces)
      throws SQLException {
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE agentops_traces SET spans = spans + ?, bytes = bytes + ? WHERE trace_id = ?")) {
      for (Map.Entry<String, TraceChange> trace : traces.entrySet()) {
        update.setLong(1, trace.getValue().spans);
        update.setLong(2, trace.getValue().bytes);
        update.setString(3, trace.getKey());
        update.addBatch();
      }
      update.executeBatch();
    }
  }

  private boolean insertScore(Connection connection, String traceId, String document)
      throws SQLException {
    try (PreparedStatement insert =
        connection.prepareStatement(
            "INSERT INTO agentops_scores (seq, trace_id, recorded_nanos, document)"
                + " SELECT ?, ?, ?, ? WHERE"
                + " (SELECT COUNT(*) FROM agentops_scores WHERE trace_id = ?) < "
                + MAXIMUM_SCORES)) {
      insert.setLong(1, database.dialect().reserve(connection, 1)[0]);
      insert.setString(2, traceId);
      insert.setLong(3, SpanRow.epochNanos(clock.now()));
      insert.setString(4, document);
      insert.setString(5, traceId);
      if (insert.executeUpdate() == 0) {
        return false;
      }
    }
    try (PreparedStatement update =
        connection.prepareStatement(
            "UPDATE agentops_traces SET bytes = bytes + ? WHERE trace_id = ?")) {
      update.setLong(1, document.length());
      update.setString(2, traceId);
      return update.executeUpdate() > 0;
    }
  }

  private static List<Score> selectScores(Connection connection, String traceId)
      throws SQLException {
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT document FROM agentops_scores WHERE trace_id = ? ORDER BY seq")) {
      select.setString(1, traceId);
      List<Score> scores = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          scores.add(SpanJson.readScore(rows.getString(1)));
        }
      }
      return List.copyOf(scores);
    }
  }

  /** What an add does to the row of a trace. */
  private static final class TraceChange {

    private long endNanos = Long.MIN_VALUE;
    private long spans;
    private long bytes;

    void ends(long nanos) {
      endNanos = Math.max(endNanos, nanos);
    }

    void grows(long moreBytes) {
      spans++;
      bytes += moreBytes;
    }
  }

  /** Collects where to keep spans, and how many. Not thread-safe. */
  public static final class Builder {

    static final long DEFAULT_MAXIMUM_BYTES = 1L << 30;

    private @Nullable Path file;
    private @Nullable DataSource dataSource;
    private @Nullable Duration maximumAge;
    private long maximumBytes = DEFAULT_MAXIMUM_BYTES;
    private long maximumSpans = Long.MAX_VALUE;
    private Clock clock = Clock.system();

    private Builder() {}

    /** A SQLite file, which is made if it is not there; needs HikariCP and sqlite-jdbc. */
    public Builder sqlite(Path file) {
      if (file.toString().indexOf('?') >= 0) { // the driver would take the rest for settings
        throw new IllegalArgumentException("the path must not contain '?': '" + file + "'");
      }
      this.file = file;
      return this;
    }

    /**
     * A database of the caller, who closes it. Pools log exceptions of their own accord: give the
     * driver of PostgreSQL {@code logServerErrorDetail=false}, lest it quotes spans in them.
     */
    public Builder dataSource(DataSource dataSource) {
      this.dataSource = Objects.requireNonNull(dataSource, "dataSource");
      return this;
    }

    /**
     * How long ago something must have ended in a trace; for ever unless said.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder maximumAge(Duration age) {
      if (age.isZero() || age.isNegative()) {
        throw new IllegalArgumentException("maximumAge must be positive: " + age);
      }
      this.maximumAge = age;
      return this;
    }

    /**
     * How many bytes of texts are kept, by estimate; {@value #DEFAULT_MAXIMUM_BYTES} unless said.
     * Scores that come before the first span of their trace are not counted. With its indexes, the
     * database takes up to about twice as much.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder maximumBytes(long bytes) {
      if (bytes <= 0) {
        throw new IllegalArgumentException("maximumBytes must be positive: " + bytes);
      }
      this.maximumBytes = bytes;
      return this;
    }

    /**
     * How many spans are kept; any number unless said.
     *
     * @throws IllegalArgumentException if not positive
     */
    public Builder maximumSpans(long spans) {
      if (spans <= 0) {
        throw new IllegalArgumentException("maximumSpans must be positive: " + spans);
      }
      this.maximumSpans = spans;
      return this;
    }

    /** By which the age is told and retention runs; that of the system unless said. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Opens the store, and makes its tables where they are not there yet.
     *
     * @throws IllegalArgumentException if neither or both of file and data source are set, or the
     *     database is not known
     * @throws IllegalStateException if an optional jar is missing; names it
     * @throws AgentOpsException if the database cannot be reached, or is of a newer version
     */
    public JdbcSpanStore build() {
      if ((file == null) == (dataSource == null)) {
        throw new IllegalArgumentException(
            "a span store needs either a file or a data source: " + file + ", " + dataSource);
      }
      if (dataSource != null) {
        return open(dataSource, null);
      }
      require("org.sqlite.JDBC", "org.xerial:sqlite-jdbc");
      require("com.zaxxer.hikari.HikariDataSource", "com.zaxxer:HikariCP");
      var pool = SqliteFile.open(Objects.requireNonNull(file));
      boolean opened = false;
      try {
        JdbcSpanStore store = open(pool, pool);
        opened = true;
        return store;
      } finally {
        if (!opened) {
          pool.close();
        }
      }
    }

    private JdbcSpanStore open(DataSource source, @Nullable AutoCloseable owned) {
      Database database = Database.open(source);
      Retention retention = new Retention(database, maximumAge, maximumBytes, maximumSpans, clock);
      return new JdbcSpanStore(database, retention, clock, owned);
    }

    private static void require(String className, String artifact) {
      try {
        Class.forName(className, false, JdbcSpanStore.class.getClassLoader());
      } catch (ClassNotFoundException e) {
        throw new IllegalStateException(
            "JdbcSpanStore.sqlite needs " + artifact + " on the class path", e);
      }
    }
  }
}

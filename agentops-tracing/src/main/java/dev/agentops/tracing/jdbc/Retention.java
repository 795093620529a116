package dev.agentops.tracing.jdbc;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the oldest traces, whole, when they are too old or too many. The oldest is the one in
 * which nothing has ended for the longest. Thread-safe.
 *
 * <p>Looks once a minute, every {@value #ADDS} adds, and when a sixteenth of a bound has been
 * added; hence a bound may be exceeded by a sixteenth for each process that adds.
 */
final class Retention {

  private static final long PERIOD_NANOS = 60_000_000_000L;
  private static final int ADDS = 1_000;
  private static final int PART = 16;

  /** How many traces one transaction deletes, so that others need not wait long. */
  private static final int BATCH = 200;

  static final int MAXIMUM_STRAY_SCORES = 10_000;

  private final Database database;
  private final @Nullable Duration maximumAge;
  private final long maximumBytes;
  private final long maximumSpans;
  private final Clock clock;
  private final FaultLog faults;
  private final LongAdder dropped = new LongAdder();
  private final ReentrantLock lock = new ReentrantLock();

  private long nextNanos; // this and what follows is guarded by the lock
  private long adds;
  private long spans;
  private long bytes;

  Retention(
      Database database,
      @Nullable Duration maximumAge,
      long maximumBytes,
      long maximumSpans,
      Clock clock) {
    this.database = database;
    this.maximumAge = maximumAge;
    this.maximumBytes = maximumBytes;
    this.maximumSpans = maximumSpans;
    this.clock = clock;
    this.faults = new FaultLog(JdbcSpanStore.class, clock);
    this.nextNanos = clock.nanoTime();
  }

  /** Notes what was added, and deletes if it is time. Never throws: what was added is kept. */
  void added(long moreSpans, long moreBytes) {
    lock.lock();
    try {
      adds++;
      spans += moreSpans;
      bytes += moreBytes;
      long now = clock.nanoTime();
      if (now - nextNanos < 0
          && adds < ADDS
          && spans <= maximumSpans / PART
          && bytes <= maximumBytes / PART) {
        return;
      }
      adds = 0;
      spans = 0;
      bytes = 0;
      nextNanos = now + PERIOD_NANOS;
      boolean more = true;
      while (more) {
        more = database.write(this::deleteSome);
      }
    } catch (RuntimeException e) {
      faults.report("the retention of the span store", e);
    } finally {
      lock.unlock();
    }
  }

  /** How many spans were deleted. */
  long dropped() {
    return dropped.sum();
  }

  /** Whether there is more to delete. */
  private boolean deleteSome(Connection connection) throws SQLException {
    if (!database.dialect().tryLockRetention(connection)) {
      return false;
    }
    List<String> traces = tooOld(connection);
    if (traces.isEmpty()) {
      traces = tooMany(connection);
    }
    if (traces.isEmpty()) {
      deleteStrayScores(connection);
      return false;
    }
    // first, so that who adds to such a trace waits, and then begins it anew
    forEach(connection, "DELETE FROM agentops_traces WHERE trace_id = ?", traces);
    forEach(
        connection,
        "DELETE FROM agentops_span_attributes WHERE seq IN"
            + " (SELECT seq FROM agentops_spans WHERE trace_id = ?)",
        traces);
    dropped.add(forEach(connection, "DELETE FROM agentops_spans WHERE trace_id = ?", traces));
    forEach(connection, "DELETE FROM agentops_scores WHERE trace_id = ?", traces);
    return true;
  }

  private List<String> tooOld(Connection connection) throws SQLException {
    List<String> traces = new ArrayList<>();
    if (maximumAge == null) {
      return traces;
    }
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT trace_id FROM agentops_traces WHERE last_end_nanos < ?"
                + " ORDER BY last_end_nanos, trace_id LIMIT "
                + BATCH)) {
      select.setLong(1, SpanRow.epochNanos(clock.now().minus(maximumAge)));
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          traces.add(rows.getString(1));
        }
      }
    }
    return traces;
  }

  private List<String> tooMany(Connection connection) throws SQLException {
    List<String> traces = new ArrayList<>();
    try (PreparedStatement sum =
            connection.prepareStatement(
                "SELECT COALESCE(SUM(spans), 0), COALESCE(SUM(bytes), 0) FROM agentops_traces");
        ResultSet sums = sum.executeQuery()) {
      sums.next();
      long spansOver = sums.getLong(1) - maximumSpans;
      long bytesOver = sums.getLong(2) - maximumBytes;
      if (spansOver <= 0 && bytesOver <= 0) {
        return traces;
      }
      try (PreparedStatement select =
              connection.prepareStatement(
                  "SELECT trace_id, spans, bytes FROM agentops_traces"
                      + " ORDER BY last_end_nanos, trace_id LIMIT "
                      + BATCH);
          ResultSet rows = select.executeQuery()) {
        while ((spansOver > 0 || bytesOver > 0) && rows.next()) {
          traces.add(rows.getString(1));
          spansOver -= rows.getLong(2);
          bytesOver -= rows.getLong(3);
        }
      }
    }
    return traces;
  }

  /** Those of traces that are not kept: their trace may come yet, but not for ever. */
  private void deleteStrayScores(Connection connection) throws SQLException {
    String strays =
        "NOT EXISTS (SELECT 1 FROM agentops_traces t WHERE t.trace_id = agentops_scores.trace_id)";
    Dialect.execute(
        connection,
        "DELETE FROM agentops_scores WHERE "
            + strays
            + " AND seq <= (SELECT seq FROM agentops_scores WHERE "
            + strays
            + " ORDER BY seq DESC LIMIT 1 OFFSET "
            + MAXIMUM_STRAY_SCORES
            + ")");
    if (maximumAge != null) {
      try (PreparedStatement delete =
          connection.prepareStatement(
              "DELETE FROM agentops_scores WHERE recorded_nanos < ? AND " + strays)) {
        delete.setLong(1, SpanRow.epochNanos(clock.now().minus(maximumAge)));
        delete.executeUpdate();
      }
    }
  }

  private static long forEach(Connection connection, String sql, List<String> traces)
      throws SQLException {
    long rows = 0;
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (String trace : traces) {
        statement.setString(1, trace);
        rows += statement.executeUpdate();
      }
    }
    return rows;
  }
}

package dev.agentops.tracing.jdbc;

import dev.agentops.AgentOpsException;
import dev.agentops.jdbc.Migrations;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** The tables of a span store. */
final class Schema {

  private Schema() {}

  /**
   * Brings the tables up to date; safe when several processes start at once.
   *
   * @throws AgentOpsException if a newer release has been there already
   */
  static void migrate(Connection connection, Dialect dialect) throws SQLException {
    new Migrations(
            "the span store",
            "agentops_tracing_schema",
            List.of(first(dialect)),
            AgentOpsException::new)
        .run(connection, dialect::lockSchema);
  }

  private static List<String> first(Dialect dialect) {
    return List.of(
        dialect.createSequence(),
        dialect.startSequence(),
        // the long texts come last: SQLite reads the columns before them without touching them
        "CREATE TABLE agentops_spans (seq "
            + dialect.sequenceKey()
            + """
            ,
            trace_id TEXT NOT NULL,
            span_id TEXT NOT NULL,
            parent_span_id TEXT,
            agent TEXT NOT NULL,
            action TEXT NOT NULL,
            status TEXT NOT NULL,
            session_id TEXT,
            user_id TEXT,
            request_model TEXT,
            response_model TEXT,
            start_nanos BIGINT NOT NULL,
            duration_nanos BIGINT NOT NULL,
            cost_pico_usd BIGINT NOT NULL,
            search_text TEXT NOT NULL,
            document TEXT NOT NULL)
            """,
        "CREATE UNIQUE INDEX agentops_spans_by_id ON agentops_spans (trace_id, span_id)",
        "CREATE INDEX agentops_spans_by_start ON agentops_spans (start_nanos, seq)",
        "CREATE INDEX agentops_spans_by_agent ON agentops_spans (agent, start_nanos, seq)",
        "CREATE INDEX agentops_spans_by_action ON agentops_spans (action, start_nanos, seq)",
        "CREATE INDEX agentops_spans_by_status ON agentops_spans (status, start_nanos, seq)",
        """
        CREATE INDEX agentops_spans_roots ON agentops_spans (start_nanos, seq)
        WHERE parent_span_id IS NULL
        """,
        """
        CREATE INDEX agentops_spans_by_session ON agentops_spans (session_id, start_nanos, seq)
        WHERE session_id IS NOT NULL
        """,
        """
        CREATE INDEX agentops_spans_by_user ON agentops_spans (user_id, start_nanos, seq)
        WHERE user_id IS NOT NULL
        """,
        """
        CREATE INDEX agentops_spans_by_request_model
        ON agentops_spans (request_model, start_nanos, seq) WHERE request_model IS NOT NULL
        """,
        """
        CREATE INDEX agentops_spans_by_response_model
        ON agentops_spans (response_model, start_nanos, seq) WHERE response_model IS NOT NULL
        """,
        """
        CREATE TABLE agentops_span_attributes (
        seq BIGINT NOT NULL,
        name TEXT NOT NULL,
        value TEXT NOT NULL,
        PRIMARY KEY (seq, name))
        """
            + dialect.clustered(),
        """
        CREATE INDEX agentops_span_attributes_by_value
        ON agentops_span_attributes (name, value, seq)
        """,
        """
        CREATE TABLE agentops_traces (
        trace_id TEXT PRIMARY KEY,
        last_end_nanos BIGINT NOT NULL,
        spans BIGINT NOT NULL,
        bytes BIGINT NOT NULL)
        """,
        "CREATE INDEX agentops_traces_by_end ON agentops_traces (last_end_nanos, trace_id)",
        "CREATE TABLE agentops_scores (seq "
            + dialect.sequenceKey()
            + """
            ,
            trace_id TEXT NOT NULL,
            recorded_nanos BIGINT NOT NULL,
            document TEXT NOT NULL)
            """,
        "CREATE INDEX agentops_scores_by_trace ON agentops_scores (trace_id, seq)");
  }
}

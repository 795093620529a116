package dev.agentops.tracing.jdbc;

import dev.agentops.jdbc.DbText;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanJson;
import dev.agentops.tracing.SpanQuery;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Asks a {@link SpanQuery} in SQL: every condition, the order, the page and the limit. */
final class SpanSelect {

  private final List<String> conditions = new ArrayList<>();
  private final List<Object> parameters = new ArrayList<>();

  private SpanSelect() {}

  static List<Span> run(Connection connection, Dialect dialect, SpanQuery query)
      throws SQLException {
    SpanSelect select = new SpanSelect();
    select.conditions(dialect, query);
    Span after = query.after();
    if (after != null) {
      select.after(connection, after, query.newestFirst());
    }
    return select.run(connection, query);
  }

  private void conditions(Dialect dialect, SpanQuery query) {
    whereKey("trace_id = ?", query.traceId());
    whereKey("agent = ?", query.agentName());
    whereKey("action = ?", query.action());
    whereKey("session_id = ?", query.sessionId());
    whereKey("user_id = ?", query.userId());
    if (query.status() != null) {
      where("status = ?", query.status().name());
    }
    if (query.model() != null) {
      String model = DbText.key(query.model());
      where("(request_model = ? OR response_model = ?)", model, model);
    }
    if (query.startedFrom() != null) {
      where("start_nanos >= ?", SpanRow.epochNanos(query.startedFrom()));
    }
    if (query.startedBefore() != null) {
      where("start_nanos < ?", SpanRow.epochNanos(query.startedBefore()));
    }
    if (query.minimumDuration() != null) {
      where("duration_nanos >= ?", SpanRow.nanos(query.minimumDuration()));
    }
    if (query.minimumCost() != null) {
      where("cost_pico_usd >= ?", SpanRow.picoUsd(query.minimumCost().usd()));
    }
    query
        .attributes()
        .forEach(
            (name, value) ->
                where(
                    "seq IN (SELECT seq FROM agentops_span_attributes WHERE name = ? AND value = ?)",
                    DbText.key(name),
                    SpanRow.attributeKey(value)));
    if (query.text() != null) {
      where(dialect.contains("search_text"), SpanRow.searchable(query.text()));
    }
    if (query.rootsOnly()) {
      where(
          "(parent_span_id IS NULL OR seq IN"
              + " (SELECT seq FROM agentops_span_attributes WHERE name = ?))",
          GenAiAttributes.REMOTE_PARENT);
    }
  }

  private void after(Connection connection, Span last, boolean newestFirst) throws SQLException {
    String direction = newestFirst ? " < " : " > ";
    try (PreparedStatement select =
        connection.prepareStatement(
            "SELECT start_nanos, seq FROM agentops_spans WHERE trace_id = ? AND span_id = ?")) {
      select.setString(1, DbText.key(last.traceId()));
      select.setString(2, DbText.key(last.spanId()));
      try (ResultSet row = select.executeQuery()) {
        if (row.next()) {
          where("(start_nanos, seq)" + direction + "(?, ?)", row.getLong(1), row.getLong(2));
        } else { // it is gone: go on behind its time
          where("start_nanos" + direction + "?", SpanRow.epochNanos(last.startTime()));
        }
      }
    }
  }

  private List<Span> run(Connection connection, SpanQuery query) throws SQLException {
    String direction = query.newestFirst() ? " DESC" : "";
    String sql =
        "SELECT document FROM agentops_spans"
            + (conditions.isEmpty() ? "" : " WHERE " + String.join(" AND ", conditions))
            + " ORDER BY start_nanos"
            + direction
            + ", seq"
            + direction
            + " LIMIT ?";
    try (PreparedStatement select = connection.prepareStatement(sql)) {
      int at = 1;
      for (Object parameter : parameters) {
        select.setObject(at++, parameter);
      }
      select.setInt(at, query.limit());
      List<Span> found = new ArrayList<>();
      try (ResultSet rows = select.executeQuery()) {
        while (rows.next()) {
          found.add(SpanJson.read(rows.getString(1)));
        }
      }
      return List.copyOf(found);
    }
  }

  private void whereKey(String condition, @Nullable String value) {
    if (value != null) {
      where(condition, DbText.key(value));
    }
  }

  private void where(String condition, Object... values) {
    conditions.add(condition);
    parameters.addAll(List.of(values));
  }
}

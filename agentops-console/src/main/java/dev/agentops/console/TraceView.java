package dev.agentops.console;

import dev.agentops.Cost;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One trace as the console shows it: a row of the list, and the rows of its waterfall. Rows do not
 * have what the spans were given and answered; {@link #content} has, of one span.
 */
final class TraceView {

  /** How many rows a waterfall has at most. */
  static final int MAX_ROWS = 1_000;

  private final String traceId;
  private final List<Span> spans;
  private final Set<String> ids;
  private final Instant start;

  /**
   * A view of spans that have one trace id.
   *
   * @param spans at least one
   */
  TraceView(Collection<Span> spans) {
    this.spans = spans.stream().sorted(Comparator.comparing(Span::startTime)).toList();
    this.ids = spans.stream().map(Span::spanId).collect(Collectors.toSet());
    this.traceId = this.spans.get(0).traceId();
    this.start = this.spans.get(0).startTime();
  }

  Instant start() {
    return start;
  }

  /** Never throws: a store may give back times that no arithmetic holds. */
  Map<String, @Nullable Object> summary() {
    try {
      return readSummary();
    } catch (RuntimeException e) {
      Map<String, @Nullable Object> row = new LinkedHashMap<>();
      row.put("traceId", traceId);
      row.put("agent", spans.get(0).agentName());
      row.put("action", spans.get(0).action());
      row.put("startTime", start.toString());
      row.put("spans", spans.size());
      row.put("failure", Json.instead(e));
      return row;
    }
  }

  private Map<String, @Nullable Object> readSummary() {
    Span root = spans.stream().filter(this::isRoot).findFirst().orElse(spans.get(0));
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    row.put("traceId", traceId);
    row.put("agent", root.agentName());
    row.put("action", root.action());
    row.put("startTime", start.toString());
    row.put("durationMs", millis(duration()));
    row.put("spans", spans.size());
    row.put("errors", spans.stream().filter(span -> span.status() == SpanStatus.ERROR).count());
    row.put("status", isRunning() ? SpanStatus.RUNNING : root.status());
    row.put("inputTokens", spans.stream().mapToLong(Span::inputTokens).sum());
    row.put("outputTokens", spans.stream().mapToLong(Span::outputTokens).sum());
    row.put(
        "costUsd",
        spans.stream()
            .flatMap(span -> span.cost().stream())
            .reduce(Cost.ZERO, Cost::plus)
            .usd()
            .toPlainString());
    return row;
  }

  /**
   * The summary and the spans, each below its parent and by time among its siblings, up to {@link
   * #MAX_ROWS}.
   */
  Map<String, @Nullable Object> detail() {
    Map<String, @Nullable Object> trace = summary();
    List<Map<String, @Nullable Object>> rows = waterfall();
    trace.put("waterfall", rows);
    trace.put("spansNotShown", ids.size() - rows.size());
    return trace;
  }

  /** What one span was given and answered. */
  static Map<String, @Nullable Object> content(Span span) {
    Map<String, @Nullable Object> content = new LinkedHashMap<>();
    content.put("spanId", span.spanId());
    content.put("status", span.status());
    content.put("startTime", span.startTime().toString());
    content.put("error", Json.plain(span.error()));
    content.put("input", Json.plain(span.input()));
    content.put("output", Json.plain(span.output()));
    content.put("metadata", Json.plain(span.metadata()));
    content.put("attributes", Json.plain(span.attributes().asMap()));
    return content;
  }

  private List<Map<String, @Nullable Object>> waterfall() {
    Map<String, List<Span>> children =
        spans.stream()
            .filter(span -> !isRoot(span))
            .collect(Collectors.groupingBy(span -> String.valueOf(span.parentSpanId())));
    List<Map<String, @Nullable Object>> rows = new ArrayList<>();
    Set<String> shown = new HashSet<>();
    spans.stream().filter(this::isRoot).forEach(root -> addTree(root, children, shown, rows));
    spans.forEach(
        span -> addTree(span, children, shown, rows)); // what only a cycle of parents leads to
    return rows;
  }

  private void addTree(
      Span root,
      Map<String, List<Span>> children,
      Set<String> shown,
      List<Map<String, @Nullable Object>> rows) {
    Deque<Map.Entry<Span, Integer>> stack = new ArrayDeque<>(List.of(Map.entry(root, 0)));
    while (!stack.isEmpty() && rows.size() < MAX_ROWS) {
      Map.Entry<Span, Integer> next = stack.pop();
      Span span = next.getKey();
      if (shown.add(span.spanId())) {
        rows.add(row(span, next.getValue()));
        List<Span> below = children.getOrDefault(span.spanId(), List.of());
        for (int i = below.size() - 1; i >= 0; i--) {
          stack.push(Map.entry(below.get(i), next.getValue() + 1));
        }
      }
    }
  }

  private Map<String, @Nullable Object> row(Span span, int depth) {
    Map<String, @Nullable Object> row = new LinkedHashMap<>();
    try {
      fill(row, span, depth);
    } catch (RuntimeException e) { // as in summary(); what was read until then is shown
      row.put("failure", Json.instead(e));
    }
    return row;
  }

  private void fill(Map<String, @Nullable Object> row, Span span, int depth) {
    row.put("spanId", span.spanId());
    row.put("parentSpanId", span.parentSpanId());
    row.put("depth", depth);
    row.put("name", span.name());
    row.put("agent", span.agentName());
    row.put("action", span.action());
    row.put("status", span.status());
    row.put("startTime", span.startTime().toString());
    row.put("offsetMs", millis(Duration.between(start, span.startTime())));
    row.put("durationMs", millis(span.duration()));
  }

  /**
   * Whether nothing above it is known: a true root, or a span whose parent was dropped or lives
   * elsewhere.
   */
  private boolean isRoot(Span span) {
    String parent = span.parentSpanId();
    return parent == null || !ids.contains(parent);
  }

  private boolean isRunning() {
    return spans.stream().anyMatch(span -> span.status() == SpanStatus.RUNNING);
  }

  private Duration duration() {
    return spans.stream()
        .map(span -> Duration.between(start, span.startTime()).plus(span.duration()))
        .max(Comparator.naturalOrder())
        .orElse(Duration.ZERO);
  }

  private static double millis(Duration duration) {
    return duration.toNanos() / 1e6;
  }
}

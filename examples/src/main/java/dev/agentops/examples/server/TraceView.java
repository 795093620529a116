package dev.agentops.examples.server;

import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.Tracer;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The answer to {@code GET /traces/{traceId}}. */
record TraceView(
    String traceId,
    @JsonPropertyDescription("The earliest start first; parent_span_id makes them a tree.")
        List<SpanView> spans) {

  /** They repeat the input or the output. */
  private static final Set<String> REPEATED =
      Set.of(
          GenAiAttributes.INPUT_MESSAGES,
          GenAiAttributes.OUTPUT_MESSAGES,
          GenAiAttributes.TOOL_CALL_ARGUMENTS,
          GenAiAttributes.TOOL_CALL_RESULT);

  /** The spans of a trace, those that still run among them; none if it is unknown. */
  static TraceView of(Tracer tracer, String traceId) {
    Map<String, Span> byId = new LinkedHashMap<>();
    Stream<Span> open = tracer.openSpans().stream().filter(span -> span.traceId().equals(traceId));
    Stream.concat(open, tracer.spansOfTrace(traceId).stream()) // one that has ended meanwhile wins
        .forEach(span -> byId.put(span.spanId(), span));
    return new TraceView(
        traceId,
        byId.values().stream()
            .sorted(Comparator.comparing(Span::startTime))
            .map(SpanView::of)
            .toList());
  }

  /** One span. */
  record SpanView(
      String spanId,
      @Nullable String parentSpanId,
      String name,
      String agent,
      String action,
      String status,
      @Nullable String error,
      String startTime,
      double durationMs,
      @Nullable String input,
      @Nullable String output,
      Map<String, Object> attributes,
      Map<String, Object> metadata) {

    private static SpanView of(Span span) {
      Map<String, Object> attributes = span.attributes().asMap();
      attributes.keySet().removeAll(REPEATED);
      return new SpanView(
          span.spanId(),
          span.parentSpanId(),
          span.name(),
          span.agentName(),
          span.action(),
          span.status().name().toLowerCase(Locale.ROOT),
          span.error(),
          span.startTime().toString(),
          span.duration().toNanos() / 1e6,
          text(span.input()),
          text(span.output()),
          attributes,
          span.metadata());
    }

    private static @Nullable String text(@Nullable Object content) {
      return content == null ? null : content.toString();
    }
  }
}

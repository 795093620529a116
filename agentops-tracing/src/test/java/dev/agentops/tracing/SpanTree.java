package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Spans as indented text, in the order in which they began. */
public final class SpanTree {

  private SpanTree() {}

  /** Fails where a span is an orphan, in another trace than its parent, or there twice. */
  public static String of(List<Span> spans) {
    Set<String> ids = new HashSet<>();
    spans.forEach(span -> assertThat(ids.add(span.spanId())).isTrue());
    StringBuilder text = new StringBuilder();
    for (Span span : spans) {
      if (span.parentSpanId() == null) {
        write(span, spans, "", text);
      } else {
        assertThat(ids).as(span.name()).contains(span.parentSpanId());
      }
    }
    return text.toString();
  }

  private static void write(Span span, List<Span> spans, String indent, StringBuilder text) {
    text.append(indent).append(span.name()).append('\n');
    for (Span child : spans) {
      if (span.spanId().equals(child.parentSpanId())) {
        assertThat(child.traceId()).isEqualTo(span.traceId());
        write(child, spans, indent + "  ", text);
      }
    }
  }
}

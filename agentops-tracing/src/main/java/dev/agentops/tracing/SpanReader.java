package dev.agentops.tracing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Answers what was recorded: of traces that go on from where they grow, of others from the store.
 */
final class SpanReader {

  private final ActiveTraces active;
  private final @Nullable Pipeline pipeline;
  private final SpanStore store;
  private final ContentPolicy content;

  SpanReader(
      ActiveTraces active, @Nullable Pipeline pipeline, SpanStore store, ContentPolicy content) {
    this.active = active;
    this.pipeline = pipeline;
    this.store = store;
    this.content = content;
  }

  List<Span> find(SpanQuery query) {
    // first those of traces that go on: what moves to the store meanwhile is found twice, not never
    List<Span> ended = new ArrayList<>();
    for (TraceState trace : active.list()) {
      for (TraceContext context : trace.spans(TraceContext::isEnded)) {
        Span span = context.toSpan();
        if (context.isIntact()) {
          Span seen = content.cleaned(span);
          if (query.matches(seen)) {
            ended.add(seen);
          }
        }
      }
    }
    if (pipeline != null) {
      pipeline.drain();
    }
    return query.merge(store.find(query), ended);
  }

  List<Trace> running() {
    List<Trace> traces = new ArrayList<>();
    for (TraceState trace : active.list()) {
      List<Span> spans =
          trace.spans(span -> span.isOpen() || span.isEnded()).stream()
              .map(span -> content.cleaned(span.toSpan()))
              .toList();
      if (spans.stream().anyMatch(span -> span.status() == SpanStatus.RUNNING)) {
        traces.add(Trace.of(spans));
      }
    }
    traces.sort(Comparator.comparing(Trace::startTime));
    return traces;
  }

  List<Span> openSpans() {
    return active.list().stream()
        .flatMap(trace -> trace.spans(TraceContext::isOpen).stream())
        .map(span -> content.cleaned(span.toSpan()))
        .filter(span -> span.status() == SpanStatus.RUNNING) // it may have ended just now
        .sorted(Comparator.comparing(Span::startTime))
        .toList();
  }
}

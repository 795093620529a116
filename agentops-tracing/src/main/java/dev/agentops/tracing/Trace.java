package dev.agentops.tracing;

import dev.agentops.Cost;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The spans of one trace as a tree, with what they add up to. Immutable, hence thread-safe.
 *
 * <p>It may be a part of the whole: while work goes on, and where spans were dropped.
 */
public final class Trace {

  private static final String CHAT = "chat";

  private final String traceId;
  private final List<Span> spans;
  private final List<Score> scores;

  private Trace(String traceId, List<Span> spans, List<Score> scores) {
    this.traceId = traceId;
    this.spans = spans;
    this.scores = scores;
  }

  /** As {@link #of(List, List)}, without scores. */
  public static Trace of(List<Span> spans) {
    return of(spans, List.of());
  }

  /**
   * A trace of these spans, in any order.
   *
   * @throws IllegalArgumentException if there are none, or they are of several traces
   */
  public static Trace of(List<Span> spans, List<Score> scores) {
    if (spans.isEmpty()) {
      throw new IllegalArgumentException("a trace has at least one span");
    }
    String traceId = spans.get(0).traceId();
    for (Span span : spans) {
      if (!span.traceId().equals(traceId)) {
        throw new IllegalArgumentException(
            "spans of two traces: " + traceId + " and " + span.traceId());
      }
    }
    List<Span> ordered = new ArrayList<>(spans);
    ordered.sort(Comparator.comparing(Span::startTime)); // stable
    return new Trace(traceId, List.copyOf(ordered), List.copyOf(scores));
  }

  public String traceId() {
    return traceId;
  }

  /** The earliest span without a parent in this trace: the turn itself, if it is there. */
  public Span root() {
    return roots().get(0);
  }

  /** All spans without a parent in this trace, the earliest start first; at least one. */
  public List<Span> roots() {
    Set<String> ids = new HashSet<>();
    spans.forEach(span -> ids.add(span.spanId()));
    List<Span> roots =
        spans.stream().filter(span -> !ids.contains(String.valueOf(span.parentSpanId()))).toList();
    return roots.isEmpty() ? List.of(spans.get(0)) : roots; // a circle, from a foreign store
  }

  /** The spans right below another one, the earliest start first. */
  public List<Span> children(Span parent) {
    return spans.stream().filter(span -> parent.spanId().equals(span.parentSpanId())).toList();
  }

  public Optional<Span> span(String spanId) {
    return spans.stream().filter(span -> span.spanId().equals(spanId)).findFirst();
  }

  /** All spans, the earliest start first. */
  public List<Span> spans() {
    return spans;
  }

  /** What was said of this trace and its spans, in the order in which it came. */
  public List<Score> scores() {
    return scores;
  }

  public Instant startTime() {
    return spans.get(0).startTime();
  }

  /** From the first start to the last end. */
  public Duration duration() {
    Instant end =
        spans.stream().map(Span::endTime).max(Comparator.naturalOrder()).orElse(startTime());
    return Duration.between(startTime(), end);
  }

  /** {@link SpanStatus#RUNNING} while a span is, else that of the {@link #root()}. */
  public SpanStatus status() {
    return spans.stream().anyMatch(span -> span.status() == SpanStatus.RUNNING)
        ? SpanStatus.RUNNING
        : root().status();
  }

  /**
   * What its model calls cost, as far as their prices are known. A call inside of a model call that
   * tells a cost, such as that of a wrapped model inside of another wrapped one, is not added.
   */
  public Cost cost() {
    return outermost(span -> span.cost().isPresent())
        .flatMap(span -> span.cost().stream())
        .reduce(Cost.ZERO, Cost::plus);
  }

  /**
   * The input tokens of its model calls, as far as providers told; of a call inside of a call as
   * {@link #cost()}.
   */
  public long inputTokens() {
    return outermost(Trace::hasTokens).mapToLong(Span::inputTokens).sum();
  }

  /** The output tokens of its model calls; as {@link #inputTokens()}. */
  public long outputTokens() {
    return outermost(Trace::hasTokens).mapToLong(Span::outputTokens).sum();
  }

  /** All but the model calls right below one for which this holds, too. */
  private Stream<Span> outermost(Predicate<Span> counts) {
    Set<String> counted = new HashSet<>();
    spans.stream()
        .filter(span -> isModelCall(span) && counts.test(span))
        .forEach(span -> counted.add(span.spanId()));
    return spans.stream()
        .filter(
            span -> !isModelCall(span) || !counted.contains(String.valueOf(span.parentSpanId())));
  }

  private static boolean isModelCall(Span span) {
    return CHAT.equals(span.attribute(GenAiAttributes.OPERATION_NAME));
  }

  private static boolean hasTokens(Span span) {
    return span.inputTokens() > 0 || span.outputTokens() > 0;
  }

  @Override
  public String toString() {
    return "Trace{" + traceId + ", " + spans.size() + " spans, " + status() + '}';
  }
}

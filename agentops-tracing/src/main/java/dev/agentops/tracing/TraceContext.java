package dev.agentops.tracing;

import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.Scope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A span that is open: note here what the work is given, what comes of it and what goes wrong.
 *
 * <pre>{@code
 * try (TraceContext span = tracer.startSpan("researcher", "plan")) {
 *   span.setInput(question);
 *   span.setOutput(plan(question));
 * }
 * }</pre>
 *
 * <p>It is the current span of the thread that started it until it is closed, so that spans started
 * and models called in between become its children.
 *
 * <p><b>Errors.</b> A try-with-resources statement closes its resource before a {@code catch}
 * clause runs, and Java does not tell {@link #close()} that something was thrown: a span in such a
 * statement ends with status OK even if its body throws. Use {@link Tracer#trace} where exceptions
 * are to be recorded, or catch inside the statement and call {@link #recordError(Throwable)}.
 *
 * <p>Thread-safe. No method throws, whatever it is given; after the span has ended all setters are
 * ignored.
 */
public final class TraceContext implements AutoCloseable {

  private final Tracer tracer;
  private final Timeline timeline;
  private final long startNanos;
  private final String traceId;
  private final String spanId;
  private final String agentName;
  private final Span.Builder span; // guarded by this
  private boolean ended; // guarded by this
  private OpenSpans.@Nullable Entry entry;
  private @Nullable Scope scope;
  private @Nullable Thread owner;
  private @Nullable TraceContext enclosing;
  private boolean takenOff; // read and written by the owner only

  TraceContext(
      Tracer tracer,
      Timeline timeline,
      String traceId,
      @Nullable String parentSpanId,
      String agentName,
      String action,
      Attributes scopeAttributes) {
    this.tracer = tracer;
    this.timeline = timeline;
    this.startNanos = timeline.nanoTime();
    this.traceId = traceId;
    this.spanId = SpanIds.newSpanId();
    this.agentName = agentName;
    this.span =
        Span.builder()
            .traceId(traceId)
            .spanId(spanId)
            .parentSpanId(parentSpanId)
            .agentName(agentName)
            .action(action)
            .status(SpanStatus.RUNNING)
            .scopeAttributes(scopeAttributes)
            .startTime(timeline.at(startNanos));
  }

  public String traceId() {
    return traceId;
  }

  public String spanId() {
    return spanId;
  }

  /**
   * The value of the W3C header {@code traceparent} that makes work elsewhere a child of this span;
   * empty where the trace id was chosen by the caller and is not 32 lower-case hex digits.
   */
  public Optional<String> traceparent() {
    return SpanIds.isW3cTraceId(traceId)
        ? Optional.of("00-" + traceId + '-' + spanId + "-01")
        : Optional.empty();
  }

  /**
   * What the work is given. A map, list or set is copied, one level deep; any other object is
   * shared and must not change. Ignored where content is not captured.
   */
  public synchronized TraceContext setInput(@Nullable Object input) {
    if (!ended && tracer.capturesContent()) {
      span.input(input);
    }
    return this;
  }

  /** What came of the work; as {@link #setInput}. */
  public synchronized TraceContext setOutput(@Nullable Object output) {
    if (!ended && tracer.capturesContent()) {
      span.output(output);
    }
    return this;
  }

  /**
   * Notes beside the work, in place of earlier ones; copied. Kept even where content is not
   * captured, as are attributes and events.
   */
  public synchronized TraceContext setMetadata(@Nullable Map<String, ?> metadata) {
    if (!ended && metadata != null) {
      try {
        span.metadata(metadata);
      } catch (RuntimeException e) { // the map changed while it was copied, or is broken
        tracer.report("copying the metadata of a span", e);
      }
    }
    return this;
  }

  /**
   * An attribute, in place of an earlier one of this name; a blank name and null are ignored, a
   * name is cut after 256 characters.
   */
  public TraceContext setAttribute(String name, @Nullable String value) {
    return put(name, value);
  }

  /** As {@link #setAttribute(String, String)}. */
  public TraceContext setAttribute(String name, long value) {
    return put(name, value);
  }

  /** As {@link #setAttribute(String, String)}. */
  public TraceContext setAttribute(String name, double value) {
    return put(name, value);
  }

  /** As {@link #setAttribute(String, String)}. */
  public TraceContext setAttribute(String name, boolean value) {
    return put(name, value);
  }

  /** As {@link #setAttribute(String, String)}. */
  public TraceContext setAttribute(String name, @Nullable List<String> values) {
    return put(name, Payloads.copyOf(values));
  }

  /** Something that happened just now; a blank name is ignored. */
  public synchronized TraceContext event(String name, Attributes attributes) {
    if (!ended && name != null && !name.isBlank() && attributes != null) {
      span.event(new SpanEvent(name, timeline.at(timeline.nanoTime()), attributes));
    }
    return this;
  }

  /** A span that caused this one without being its parent; null is ignored. */
  public synchronized TraceContext link(@Nullable SpanLink link) {
    if (!ended && link != null) {
      span.link(link);
    }
    return this;
  }

  /** What went wrong; the last one told counts. */
  public TraceContext recordError(@Nullable Throwable error) {
    return error == null
        ? this
        : fail(SpanStatus.ERROR, describe(error), error.getClass().getName());
  }

  /** What went wrong, where nothing was thrown; the last one told counts. */
  public TraceContext recordError(@Nullable String error) {
    return error == null ? this : fail(SpanStatus.ERROR, error, null);
  }

  /**
   * Tells that the caller broke the work off: the status becomes {@link SpanStatus#CANCELLED},
   * which is no error. In place of an error told earlier, as a later one is in place of this.
   */
  public TraceContext recordCancelled() {
    return fail(SpanStatus.CANCELLED, null, null);
  }

  /**
   * Ends the span and makes the one around it current again. Closing again does nothing. On another
   * thread than the one that started it, it ends the span and leaves that thread's current span
   * alone.
   */
  @Override
  public void close() {
    end();
    if (scope != null && owner == Thread.currentThread()) {
      takenOff = true;
      scope.close();
    }
  }

  /** Whose work it is. */
  public String agentName() {
    return agentName;
  }

  /**
   * This context with the span as its current one. For work elsewhere: make it current there, as
   * often and on as many threads as needed; the span is not closed with that scope.
   */
  public Context in(Context around) {
    return around.with(tracer.key(), this);
  }

  /** The name and kind that OpenTelemetry gives to such a span, in place of the defaults. */
  public synchronized TraceContext describe(String name, SpanKind kind) {
    if (!ended && name != null && kind != null) {
      span.name(Payloads.cutName(name)).kind(kind);
    }
    return this;
  }

  boolean isOf(Tracer other) {
    return tracer == other;
  }

  Timeline timeline() {
    return timeline;
  }

  void registered(OpenSpans.Entry entry) {
    this.entry = entry;
  }

  /** Makes this the current span of the calling thread, inside of another one. */
  void makeCurrent(Scope opened, @Nullable TraceContext around) {
    scope = opened;
    owner = Thread.currentThread();
    enclosing = around;
  }

  /** The current span of the thread before this one became it. */
  @Nullable TraceContext enclosing() {
    return enclosing;
  }

  /** Whether this thread started the span, another one ended it, and this one was not told. */
  synchronized boolean wasClosedElsewhere() {
    return owner == Thread.currentThread() && ended && !takenOff;
  }

  /**
   * Whether this thread still has this context for its current one only because the span was closed
   * on another thread.
   */
  synchronized boolean isLeftBehind(Context current) {
    return ended
        && scope != null
        && scope.context()
            == current // else somebody opened a scope inside of it, which closing this one would
        // end
        && owner == Thread.currentThread();
  }

  synchronized TraceContext put(@Nullable String name, @Nullable Object value) {
    if (!ended) {
      span.attribute(name, value);
    }
    return this;
  }

  synchronized TraceContext fail(
      SpanStatus status, @Nullable String error, @Nullable String errorType) {
    if (!ended) {
      span.status(status).error(error).attribute(GenAiAttributes.ERROR_TYPE, errorType);
    }
    return this;
  }

  /** Ends the span without a look at the thread. */
  void end() {
    Span finished;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      if (span.status() == SpanStatus.RUNNING) {
        span.status(SpanStatus.OK);
      }
      finished = build();
    }
    tracer.ended(entry, finished);
  }

  /** The span as it is now; null once it has ended. */
  synchronized @Nullable Span snapshot() {
    return ended ? null : build();
  }

  private Span build() {
    return span.durationNanos(timeline.nanoTime() - startNanos).build();
  }

  static String describe(Throwable error) {
    try {
      return error.toString();
    } catch (Throwable t) { // it cannot even describe itself, or is a cause of itself
      return error.getClass().getName();
    }
  }
}

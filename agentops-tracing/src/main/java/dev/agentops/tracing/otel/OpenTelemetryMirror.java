package dev.agentops.tracing.otel;

import dev.agentops.ContextMirror;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.TraceParent;
import dev.agentops.tracing.Tracer;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Makes the span of our context that of OpenTelemetry's. */
@SuppressWarnings("MustBeClosedChecker") // exit() closes what enter() has opened
final class OpenTelemetryMirror implements ContextMirror {

  private static final ContextKey<Shown> SHOWN = ContextKey.named("dev.agentops.tracing");

  private final Tracer tracer;

  OpenTelemetryMirror(Tracer tracer) {
    this.tracer = tracer;
  }

  @Override
  public @Nullable Object enter(dev.agentops.Context context) {
    Context current = Context.current();
    Optional<TraceContext> span = tracer.spanOf(context).filter(TraceContext::isRecording);
    return span.isPresent() ? show(span.get(), current) : takeOff(current);
  }

  @Override
  public void exit(@Nullable Object saved) {
    if (saved != null) {
      ((io.opentelemetry.context.Scope) saved).close();
    }
  }

  /** Unless it is shown already: then the host may have opened a span inside of it since. */
  private static @Nullable Object show(TraceContext context, Context current) {
    SpanContext span = W3cIds.context(context.traceId(), context.spanId());
    Shown shown = current.get(SHOWN);
    if (shown != null && shown.isOf(span)) {
      return null;
    }
    Span ours = Span.wrap(span);
    Span hosts = shown != null && isOurs(current) ? shown.hosts : Span.fromContext(current);
    return current.with(ours).with(SHOWN, new Shown(ours, hosts)).makeCurrent();
  }

  /** In a context without a span of ours, one that is still shown would be wrong. */
  private static @Nullable Object takeOff(Context current) {
    Shown shown = current.get(SHOWN);
    return shown == null || !isOurs(current)
        ? null
        : current
            .with(shown.hosts)
            .with(SHOWN, new Shown(Span.getInvalid(), shown.hosts))
            .makeCurrent();
  }

  /** The host's current span; empty where there is none, or where it is one of ours. */
  static Optional<TraceParent> hostsSpan() {
    Context context = Context.current();
    SpanContext span = Span.fromContext(context).getSpanContext();
    return span.isValid() && !isOurs(context)
        ? Optional.of(TraceParent.of(span.getTraceId(), span.getSpanId(), span.isSampled()))
        : Optional.empty();
  }

  private static boolean isOurs(Context context) {
    Shown shown = context.get(SHOWN);
    return shown != null && shown.ours == Span.fromContext(context);
  }

  /**
   * Travels in OpenTelemetry's context beside a span of ours.
   *
   * @param ours the span, or an invalid one where ours was taken off again
   * @param hosts the span that was current before
   */
  private record Shown(Span ours, Span hosts) {

    boolean isOf(SpanContext span) {
      return ours.getSpanContext().equals(span);
    }
  }
}

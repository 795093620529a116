package dev.agentops.tracing.otel;

import dev.agentops.ContextMirror;
import dev.agentops.Scope;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.TraceParent;
import dev.agentops.tracing.Tracer;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.ContextKey;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes one tree of our spans and those of a host that uses OpenTelemetry.
 *
 * <pre>{@code
 * Tracer tracer = Tracer.builder().parentSource(OpenTelemetryBridge.parentSource()).build();
 * OpenTelemetryBridge.install(tracer);
 * }</pre>
 *
 * <p>While a span of ours is current on a thread, it is so for OpenTelemetry, too: the host's HTTP
 * client, say, becomes its child. And the host's current span is the parent of what would be a root
 * of ours. Spans of ours that are not sampled leave the host's where it is. Both sides must send to
 * the same back end for the tree to be seen whole.
 */
public final class OpenTelemetryBridge {

  private static final ContextKey<Shown> SHOWN = ContextKey.named("dev.agentops.tracing");

  private OpenTelemetryBridge() {}

  /**
   * Makes our current span that of OpenTelemetry, on every thread, from the next scope on that
   * opens, until the registration is closed.
   */
  public static ContextMirror.Registration install(Tracer tracer) {
    return Scope.mirror(new Mirror(Objects.requireNonNull(tracer, "tracer")));
  }

  /**
   * Gives the host's current span to {@link Tracer.Builder#parentSource}; empty where there is
   * none, or where it is one of ours that {@link #install} made current.
   */
  public static Supplier<Optional<TraceParent>> parentSource() {
    return OpenTelemetryBridge::hostsSpan;
  }

  private static Optional<TraceParent> hostsSpan() {
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

  @SuppressWarnings("MustBeClosedChecker") // exit() closes what enter() has opened
  private static final class Mirror implements ContextMirror {

    private final Tracer tracer;

    Mirror(Tracer tracer) {
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
      SpanContext span = ExportedSpan.context(context.traceId(), context.spanId());
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
  }
}

package dev.agentops.tracing.otel;

import dev.agentops.ContextMirror;
import dev.agentops.Scope;
import dev.agentops.tracing.TraceParent;
import dev.agentops.tracing.Tracer;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;

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

  private OpenTelemetryBridge() {}

  /**
   * Makes our current span that of OpenTelemetry, on every thread, from the next scope on that
   * opens, until the registration is closed.
   *
   * @throws IllegalStateException if OpenTelemetry is not on the class path
   */
  public static ContextMirror.Registration install(Tracer tracer) {
    Objects.requireNonNull(tracer, "tracer");
    try {
      return Scope.mirror(new OpenTelemetryMirror(tracer));
    } catch (NoClassDefFoundError e) {
      throw missing(e);
    }
  }

  /**
   * Gives the host's current span to {@link dev.agentops.tracing.TracerBuilder#parentSource}; empty
   * where there is none, or where it is one of ours that {@link #install} made current.
   *
   * @throws IllegalStateException if OpenTelemetry is not on the class path
   */
  public static Supplier<Optional<TraceParent>> parentSource() {
    try {
      Optional<TraceParent> unused = OpenTelemetryMirror.hostsSpan(); // fails now or never
      return OpenTelemetryMirror::hostsSpan;
    } catch (NoClassDefFoundError e) {
      throw missing(e);
    }
  }

  private static IllegalStateException missing(NoClassDefFoundError cause) {
    return new IllegalStateException(
        "OpenTelemetryBridge needs io.opentelemetry:opentelemetry-api on the class path", cause);
  }
}

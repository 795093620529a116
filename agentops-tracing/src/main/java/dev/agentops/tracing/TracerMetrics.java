package dev.agentops.tracing;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Meters of a tracer itself: what it follows, drops and exports.
 *
 * <table>
 *   <caption>Meters</caption>
 *   <tr><th>name</th><th>type</th><th>tags</th></tr>
 *   <tr><td>{@code agentops.tracing.traces.active}</td><td>gauge</td><td></td></tr>
 *   <tr><td>{@code agentops.tracing.spans.dropped}</td><td>counter</td><td>{@code reason}: each {@link DropReason} in lower case</td></tr>
 *   <tr><td>{@code agentops.tracing.spans.abandoned}</td><td>counter</td><td></td></tr>
 *   <tr><td>{@code agentops.tracing.spans.exported}</td><td>counter</td><td></td></tr>
 *   <tr><td>{@code agentops.tracing.spans.lost}</td><td>counter</td><td></td></tr>
 *   <tr><td>{@code agentops.tracing.spans.waiting}</td><td>gauge</td><td></td></tr>
 * </table>
 *
 * <p>Thread-safe.
 */
public final class TracerMetrics implements MeterBinder {

  private final Tracer tracer;

  private TracerMetrics(Tracer tracer) {
    this.tracer = Objects.requireNonNull(tracer, "tracer");
  }

  public static TracerMetrics of(Tracer tracer) {
    return new TracerMetrics(tracer);
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    for (DropReason reason : List.of(DropReason.values())) {
      FunctionCounter.builder(
              "agentops.tracing.spans.dropped", tracer, t -> t.dropped(reason).spans())
          .description("Spans that are not kept")
          .tag("reason", reason.name().toLowerCase(Locale.ROOT))
          .register(registry);
    }
    FunctionCounter.builder("agentops.tracing.spans.abandoned", tracer, Tracer::abandonedSpans)
        .description("Spans that nobody ended")
        .register(registry);
    FunctionCounter.builder("agentops.tracing.spans.exported", tracer, Tracer::exportedSpans)
        .description("Spans that exporters have sent")
        .register(registry);
    FunctionCounter.builder("agentops.tracing.spans.lost", tracer, Tracer::lostSpans)
        .description("Spans that exporters could not send")
        .register(registry);
    Gauge.builder("agentops.tracing.spans.waiting", tracer, Tracer::waitingSpans)
        .description("Spans that wait to be exported")
        .register(registry);
    Gauge.builder("agentops.tracing.traces.active", tracer, Tracer::activeTraces)
        .description("Traces that are running")
        .register(registry);
  }
}

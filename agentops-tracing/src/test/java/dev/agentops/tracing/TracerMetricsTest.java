package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;

class TracerMetricsTest {

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  @Test
  void bindTo_showsWhatIsDroppedByReason() {
    Tracer tracer = Tracer.builder().maximumSpans(2).build();
    TracerMetrics.of(tracer).bindTo(registry);
    for (int i = 0; i < 5; i++) {
      tracer.startTrace("agent", "act").close();
    }

    assertThat(dropped("store_full")).isEqualTo(3);
    assertThat(dropped("not_sampled")).isZero();
    assertThat(registry.get("agentops.tracing.spans.exported").functionCounter().count()).isZero();
  }

  @Test
  void bindTo_showsWhatRuns() {
    Tracer tracer = Tracer.create();
    TracerMetrics.of(tracer).bindTo(registry);
    try (TraceContext running = tracer.startTrace("agent", "act")) {
      assertThat(registry.get("agentops.tracing.traces.active").gauge().value()).isOne();
    }
    assertThat(registry.get("agentops.tracing.traces.active").gauge().value()).isZero();
  }

  private double dropped(String reason) {
    return registry
        .get("agentops.tracing.spans.dropped")
        .tag("reason", reason)
        .functionCounter()
        .count();
  }
}

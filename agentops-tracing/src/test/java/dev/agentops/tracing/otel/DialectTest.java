package dev.agentops.tracing.otel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.agentops.Attributes;
import dev.agentops.tracing.Span;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What {@link Dialect#GEN_AI} sends; the other dialects have tests of their own. */
class DialectTest {

  @Test
  void genAi_modelCall_hasTheNamesOfTheConventions() throws IOException {
    Map<String, Object> sent = sent(Dialect.GEN_AI, Spans.modelCall().build());

    assertThat(sent)
        .contains(
            entry("gen_ai.operation.name", "chat"),
            entry("gen_ai.provider.name", "openai"),
            entry("gen_ai.request.model", "gpt-4"),
            entry("gen_ai.response.model", "gpt-4-0613"),
            entry("gen_ai.request.temperature", 0.2),
            entry("gen_ai.response.finish_reasons", List.of("stop")),
            entry("gen_ai.usage.input_tokens", 1_000L),
            entry("gen_ai.usage.cache_read.input_tokens", 600L),
            entry("gen_ai.input.messages", Spans.INPUT),
            entry("gen_ai.output.messages", Spans.OUTPUT),
            entry("agentops.cost.usd", "0.0600001"),
            entry("user.id", "alice"),
            entry("session.id", "s1"),
            entry("agentops.agent", "support"),
            entry("agentops.action", "chat"));
    assertThat(sent).doesNotContainKeys("agentops.input", "agentops.output", "agentops.trace.id");
  }

  @Test
  void genAi_whatTheConventionsHaveNoNameFor_isUnderAgentops() throws IOException {
    Map<String, Object> sent =
        sent(
            Dialect.GEN_AI,
            Spans.span("plan")
                .input(Map.of("query", "hello"))
                .output("hi")
                .metadata(Map.of("tokens", 100))
                .status(dev.agentops.tracing.SpanStatus.CANCELLED)
                .build());

    assertThat(sent)
        .contains(
            entry("agentops.input", "{\"query\":\"hello\"}"),
            entry("agentops.output", "hi"),
            entry("agentops.metadata", "{\"tokens\":100}"),
            entry("agentops.status", "cancelled"));
  }

  @Test
  void genAi_agent_hasTheTotalsThatTheConventionsWant() throws IOException {
    assertThat(sent(Dialect.GEN_AI, Spans.agentCall().build()))
        .contains(
            entry("gen_ai.usage.input_tokens", 2_000L),
            entry("gen_ai.usage.output_tokens", 1_000L),
            entry("agentops.agent.model_calls", 2L));
  }

  /** The attributes of one span as they arrive over HTTP. */
  static Map<String, Object> sent(Dialect dialect, Span span) throws IOException {
    return sent(dialect, List.of(span)).get(0);
  }

  /** As {@link #sent(Dialect, Span)}, of several spans of one batch. */
  static List<Map<String, Object>> sent(Dialect dialect, List<Span> spans) throws IOException {
    try (Collector collector = new Collector();
        OpenTelemetrySpanExporter exporter =
            OpenTelemetrySpanExporter.builder(
                    OtlpHttpSpanExporter.builder().setEndpoint(collector.endpoint()).build())
                .serviceVersion("1.2.3")
                .environment("Production EU")
                .resourceAttributes(Attributes.of("host.name", "h1"))
                .dialect(dialect)
                .build()) {
      exporter.export(spans);
      return collector.spans().stream()
          .map(span -> Collector.map(span.getAttributesList()))
          .toList();
    }
  }
}

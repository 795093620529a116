package dev.agentops.tracing.otel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;
import static org.awaitility.Awaitility.await;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Scope;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.proto.trace.v1.Span;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** From a wrapped model to a collector, through the tracer's own queue. */
class ExportEndToEndTest {

  private static final Duration LONG = Duration.ofSeconds(30);

  private Collector collector;

  @BeforeEach
  void start() throws IOException {
    collector = new Collector();
  }

  @AfterEach
  void stop() {
    collector.close();
  }

  @ParameterizedTest
  @EnumSource
  void modelCallInATurn_arrivesAsATree(Dialect dialect) {
    try (Tracer tracer = tracer(dialect)) {
      turn(tracer);

      assertThat(tracer.flush(LONG)).isTrue();
      assertThat(tracer.exportedSpans()).isEqualTo(2);
    }

    Span turn = collector.span("invoke_agent support");
    Span call = collector.spans().stream().filter(s -> s != turn).findFirst().orElseThrow();
    assertThat(call.getTraceId()).isEqualTo(turn.getTraceId());
    assertThat(call.getParentSpanId()).isEqualTo(turn.getSpanId());
    assertThat(turn.getParentSpanId().isEmpty()).isTrue();
    assertThat(call.getStartTimeUnixNano()).isGreaterThanOrEqualTo(turn.getStartTimeUnixNano());
    assertThat(call.getEndTimeUnixNano()).isLessThanOrEqualTo(turn.getEndTimeUnixNano());
    for (Span span : collector.spans()) {
      Map<String, Object> attributes = Collector.map(span.getAttributesList());
      assertThat(attributes).contains(entry("user.id", "alice"), entry("session.id", "s1"));
    }
    assertThat(call.toString()).contains("what is a cat", "an animal");
  }

  @Test
  void collectorIsDown_theSameSpansArriveLater() {
    collector.status = 503;
    try (Tracer tracer = tracer(Dialect.GEN_AI)) {
      turn(tracer);
      await().atMost(LONG).until(() -> !collector.requests.isEmpty());
      assertThat(tracer.exportedSpans()).isZero();

      collector.status = 200;

      await().atMost(LONG).until(() -> tracer.exportedSpans() == 2);
      assertThat(tracer.lostSpans()).isZero();
    }
    assertThat(collector.spans()).hasSize(2);
  }

  private Tracer tracer(Dialect dialect) {
    return Tracer.builder()
        .exporter(
            OpenTelemetrySpanExporter.builder(
                    OtlpHttpSpanExporter.builder()
                        .setEndpoint(collector.endpoint())
                        .setRetryPolicy(null)
                        .build())
                .dialect(dialect)
                .build())
        .build();
  }

  private static void turn(Tracer tracer) {
    AgentOps ops = AgentOps.with(TracingInterceptor.of(tracer)).build();
    ChatModel model =
        ops.wrap(
            new ChatModel() {
              @Override
              public ChatResponse doChat(ChatRequest request) {
                return ChatResponse.builder()
                    .aiMessage(AiMessage.from("an animal"))
                    .tokenUsage(new TokenUsage(5, 2))
                    .build();
              }
            });
    try (Scope scope = ops.scope(Attributes.of("user.id", "alice", "session.id", "s1"));
        TraceContext turn = tracer.startTrace("support", "invoke_agent")) {
      turn.setOutput(model.chat("what is a cat"));
    }
  }
}

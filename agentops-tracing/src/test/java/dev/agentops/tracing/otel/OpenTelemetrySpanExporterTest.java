package dev.agentops.tracing.otel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import com.google.protobuf.ByteString;
import dev.agentops.Attributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanEvent;
import dev.agentops.tracing.SpanKind;
import dev.agentops.tracing.SpanLink;
import dev.agentops.tracing.SpanStatus;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.proto.trace.v1.Status;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpenTelemetrySpanExporterTest {

  private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
  private static final String ROOT = "00f067aa0ba902b7";
  private static final String CHILD = "00f067aa0ba902b8";
  private static final Instant START = Instant.parse("2026-01-01T00:00:00.123456789Z");
  private static final long START_NANOS = 1_767_225_600_123_456_789L;

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
  @CsvSource({"none, null", "gzip, gzip"})
  void export_arrivesWithAllThatIsOnTheSpans(String compression, String encoding)
      throws IOException {
    Span root =
        span(ROOT)
            .agentName("support")
            .action("invoke_agent")
            .name("invoke_agent support")
            .duration(Duration.ofNanos(2_000_000_001))
            .build();
    Span child =
        span(CHILD)
            .parentSpanId(ROOT)
            .name("chat gpt-4")
            .kind(SpanKind.CLIENT)
            .duration(Duration.ofNanos(7))
            .attributes(
                Attributes.builder()
                    .put("text", "héllo \uD83D\uDE00")
                    .put("long", Long.MAX_VALUE)
                    .put("double", 0.5)
                    .put("flag", true)
                    .put("list", List.of("a", "b"))
                    .put("none", List.of())
                    .build())
            .event(new SpanEvent("retry", START.plusNanos(3), Attributes.of("attempt", 2)))
            .link(new SpanLink(TRACE, ROOT, Attributes.of("reason", "asked")))
            .build();

    try (OpenTelemetrySpanExporter exporter =
        OpenTelemetrySpanExporter.builder(otlp(compression))
            .serviceName("support-bot")
            .serviceVersion("1.2.3")
            .environment("production")
            .resourceAttributes(Attributes.of("host.name", "h1"))
            .build()) {
      exporter.export(List.of(child, root));
      exporter.flush();
    }

    assertThat(collector.encodings).containsExactly(encoding);
    assertThat(Collector.map(collector.only().getResource().getAttributesList()))
        .contains(
            entry("service.name", "support-bot"),
            entry("service.version", "1.2.3"),
            entry("deployment.environment.name", "production"),
            entry("host.name", "h1"),
            entry("telemetry.sdk.language", "java"));
    assertThat(collector.only().getScopeSpans(0).getScope().getName())
        .isEqualTo("dev.agentops.tracing");
    io.opentelemetry.proto.trace.v1.Span sentRoot = collector.span("invoke_agent support");
    assertThat(hex(sentRoot.getTraceId())).isEqualTo(TRACE);
    assertThat(hex(sentRoot.getSpanId())).isEqualTo(ROOT);
    assertThat(sentRoot.getParentSpanId().isEmpty()).isTrue();
    assertThat(sentRoot.getKind())
        .isEqualTo(io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_INTERNAL);
    assertThat(sentRoot.getStartTimeUnixNano()).isEqualTo(START_NANOS);
    assertThat(sentRoot.getEndTimeUnixNano()).isEqualTo(START_NANOS + 2_000_000_001L);
    io.opentelemetry.proto.trace.v1.Span sent = collector.span("chat gpt-4");
    assertThat(hex(sent.getTraceId())).isEqualTo(TRACE);
    assertThat(hex(sent.getParentSpanId())).isEqualTo(ROOT);
    assertThat(sent.getKind())
        .isEqualTo(io.opentelemetry.proto.trace.v1.Span.SpanKind.SPAN_KIND_CLIENT);
    assertThat(sent.getEndTimeUnixNano()).isEqualTo(START_NANOS + 7);
    assertThat(Collector.map(sent.getAttributesList()))
        .contains(
            entry("text", "héllo \uD83D\uDE00"),
            entry("long", Long.MAX_VALUE),
            entry("double", 0.5),
            entry("flag", true),
            entry("list", List.of("a", "b")),
            entry("none", List.of()));
    assertThat(sent.getStatus().getCode()).isEqualTo(Status.StatusCode.STATUS_CODE_UNSET);
    assertThat(sent.getEventsList())
        .singleElement()
        .satisfies(
            event -> {
              assertThat(event.getName()).isEqualTo("retry");
              assertThat(event.getTimeUnixNano()).isEqualTo(START_NANOS + 3);
              assertThat(Collector.map(event.getAttributesList()))
                  .containsOnly(entry("attempt", 2L));
            });
    assertThat(sent.getLinksList())
        .singleElement()
        .satisfies(
            link -> {
              assertThat(hex(link.getTraceId())).isEqualTo(TRACE);
              assertThat(hex(link.getSpanId())).isEqualTo(ROOT);
              assertThat(Collector.map(link.getAttributesList()))
                  .containsOnly(entry("reason", "asked"));
            });
  }

  @ParameterizedTest
  @CsvSource({
    "ERROR, java.io.IOException: gone, STATUS_CODE_ERROR, java.io.IOException: gone",
    "ERROR, , STATUS_CODE_ERROR, ''",
    "REJECTED, over budget, STATUS_CODE_ERROR, over budget",
    "REJECTED, , STATUS_CODE_ERROR, rejected",
    "ABANDONED, , STATUS_CODE_ERROR, abandoned",
    "CANCELLED, , STATUS_CODE_UNSET, ''",
    "OK, , STATUS_CODE_UNSET, ''"
  })
  void export_status_isThatOfTheConventions(
      SpanStatus status, String error, Status.StatusCode code, String description)
      throws IOException {
    io.opentelemetry.proto.trace.v1.Span sent =
        send(span(ROOT).status(status).error(error).build());

    assertThat(sent.getStatus().getCode()).isEqualTo(code);
    assertThat(sent.getStatus().getMessage()).isEqualTo(description);
    assertThat(sent.getEventsCount()).isEqualTo(error == null ? 0 : 1);
  }

  @Test
  void export_error_isAnExceptionEvent() throws IOException {
    io.opentelemetry.proto.trace.v1.Span sent =
        send(
            span(ROOT)
                .status(SpanStatus.ERROR)
                .error("java.io.IOException: gone")
                .attributes(Attributes.of("error.type", "java.io.IOException"))
                .duration(Duration.ofSeconds(1))
                .build());

    assertThat(sent.getEvents(0).getName()).isEqualTo("exception");
    assertThat(sent.getEvents(0).getTimeUnixNano()).isEqualTo(START_NANOS + 1_000_000_000L);
    assertThat(Collector.map(sent.getEvents(0).getAttributesList()))
        .containsOnly(
            entry("exception.type", "java.io.IOException"), entry("exception.message", "gone"));
  }

  @Test
  void export_exceptionEventOfTheCaller_isNotToldTwice() throws IOException {
    io.opentelemetry.proto.trace.v1.Span sent =
        send(
            span(ROOT)
                .status(SpanStatus.ERROR)
                .error("gone")
                .event(
                    new SpanEvent("exception", START, Attributes.of("exception.message", "mine")))
                .build());

    assertThat(sent.getEventsList()).hasSize(1);
  }

  @Test
  void export_idsThatAreNotW3c_areHashedAlikeAndTheIdIsKept() throws IOException {
    List<String> ids =
        List.of("order 66", TRACE.toUpperCase(java.util.Locale.ROOT), "0".repeat(32));
    for (String id : ids) {
      Span root = span(ROOT).traceId(id).build();
      Span child = span("not hex").traceId(id).parentSpanId(ROOT).name("child").build();
      try (OpenTelemetrySpanExporter exporter =
          OpenTelemetrySpanExporter.builder(otlp("none")).build()) {
        exporter.export(List.of(root));
        String traceId = hex(collector.spans().get(0).getTraceId());
        exporter.export(List.of(child));

        io.opentelemetry.proto.trace.v1.Span sent = collector.span("child");
        assertThat(traceId).matches("[0-9a-f]{32}").isNotEqualTo(id);
        assertThat(hex(sent.getTraceId())).isEqualTo(traceId);
        assertThat(hex(sent.getSpanId())).matches("[0-9a-f]{16}");
        assertThat(hex(sent.getParentSpanId())).isEqualTo(ROOT);
        assertThat(Collector.map(sent.getAttributesList())).containsEntry("agentops.trace.id", id);
      }
    }
    // a change of the hash would tear traces apart that two releases report
    assertThat(W3cIds.traceId("order 66")).isEqualTo("7860496e8189460a264ced7feb924bbc");
  }

  @Test
  void export_dropped_isCounted() throws IOException {
    Span.Builder full = span(ROOT);
    for (int i = 0; i < 200; i++) {
      full.attributes(Attributes.of("name" + i, i));
      full.event(new SpanEvent("event" + i, START, Attributes.empty()));
    }
    Span span = full.build();

    io.opentelemetry.proto.trace.v1.Span sent = send(span);

    assertThat(span.droppedAttributes()).isPositive();
    assertThat(sent.getDroppedAttributesCount()).isEqualTo(span.droppedAttributes());
    assertThat(sent.getDroppedEventsCount()).isEqualTo(span.droppedEvents());
  }

  @Test
  void export_payloadsThatCannotBeWritten_doNotStopTheOthers() throws IOException {
    Map<String, Object> cyclic = new HashMap<>();
    cyclic.put("self", cyclic);
    Object broken =
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("no");
          }
        };
    Span bad = span(CHILD).input(cyclic).output(broken).name("bad \uD800").build();

    try (OpenTelemetrySpanExporter exporter =
        OpenTelemetrySpanExporter.builder(otlp("none")).build()) {
      exporter.export(List.of(bad, span(ROOT).name("good").build()));
    }

    assertThat(collector.spans()).hasSize(2);
    assertThat(Collector.map(collector.spans().get(0).getAttributesList()))
        .hasEntrySatisfying("agentops.input", v -> assertThat((String) v).contains("(cut)"))
        .hasEntrySatisfying(
            "agentops.output", v -> assertThat((String) v).contains("IllegalStateException"));
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 429, 500, 503})
  void export_refused_isToBeSentAgain(int status) throws IOException {
    collector.status = status;
    try (OpenTelemetrySpanExporter exporter =
        OpenTelemetrySpanExporter.builder(otlp("none")).build()) {
      assertThatThrownBy(() -> exporter.export(List.of(span(ROOT).build())))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("sending 1 spans");

      collector.status = 200;
      exporter.export(List.of(span(ROOT).build()));
    }
    assertThat(collector.requests).hasSize(2);
    assertThat(collector.requests.get(0)).isEqualTo(collector.requests.get(1));
  }

  @Test
  void export_collectorHangs_endsAtTheTimeout() {
    collector.hangs = true;
    OpenTelemetrySpanExporter exporter =
        OpenTelemetrySpanExporter.builder(otlp("none")).timeout(Duration.ofMillis(50)).build();

    assertThatThrownBy(() -> exporter.export(List.of(span(ROOT).build())))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("PT0.05S");
    exporter.close();
  }

  @Test
  void export_collectorIsDead_isToBeSentAgain() {
    OpenTelemetrySpanExporter exporter = OpenTelemetrySpanExporter.builder(otlp("none")).build();
    collector.close();

    assertThatThrownBy(() -> exporter.export(List.of(span(ROOT).build())))
        .isInstanceOf(IOException.class);
    exporter.close();
  }

  @Test
  void export_interrupted_failsAndKeepsTheInterrupt() {
    collector.hangs = true;
    OpenTelemetrySpanExporter exporter = OpenTelemetrySpanExporter.builder(otlp("none")).build();
    Thread.currentThread().interrupt();

    assertThatThrownBy(() -> exporter.export(List.of(span(ROOT).build())))
        .isInstanceOf(IOException.class);
    assertThat(Thread.interrupted()).isTrue();
    collector.close();
    exporter.close();
  }

  @Test
  void export_afterClose_fails() {
    OpenTelemetrySpanExporter exporter = OpenTelemetrySpanExporter.builder(otlp("none")).build();
    exporter.close();

    assertThatThrownBy(() -> exporter.export(List.of(span(ROOT).build())))
        .isInstanceOf(IOException.class);
  }

  @Test
  void builder_invalidValues_areQuoted() {
    OtlpHttpSpanExporter otlp = otlp("none");
    OpenTelemetrySpanExporter.Builder builder = OpenTelemetrySpanExporter.builder(otlp);

    assertThatThrownBy(() -> OpenTelemetrySpanExporter.builder(null)).hasMessage("delegate");
    assertThatThrownBy(() -> builder.serviceName(" "))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("service.name must not be blank: ' '");
    assertThatThrownBy(() -> builder.timeout(Duration.ZERO))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("PT0S");
    assertThatThrownBy(() -> builder.dialect(null)).hasMessage("dialect");
    otlp.close();
  }

  private io.opentelemetry.proto.trace.v1.Span send(Span span) throws IOException {
    try (OpenTelemetrySpanExporter exporter =
        OpenTelemetrySpanExporter.builder(otlp("none")).build()) {
      exporter.export(List.of(span));
    }
    return collector.spans().get(0);
  }

  private OtlpHttpSpanExporter otlp(String compression) {
    return OtlpHttpSpanExporter.builder()
        .setEndpoint(collector.endpoint())
        .setCompression(compression)
        .setRetryPolicy(null)
        .build();
  }

  private static Span.Builder span(String id) {
    return Span.builder()
        .traceId(TRACE)
        .spanId(id)
        .agentName("agent")
        .action("act")
        .startTime(START);
  }

  private static String hex(ByteString id) {
    return HexFormat.of().formatHex(id.toByteArray());
  }
}

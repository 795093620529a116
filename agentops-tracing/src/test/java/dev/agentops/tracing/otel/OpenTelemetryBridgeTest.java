package dev.agentops.tracing.otel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.ContextMirror;
import dev.agentops.Scope;
import dev.agentops.tracing.Sampler;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.agentops.tracing.TracingInterceptor;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class OpenTelemetryBridgeTest {

  private final Finished finished = new Finished();
  private final SdkTracerProvider sdk =
      SdkTracerProvider.builder().addSpanProcessor(SimpleSpanProcessor.create(finished)).build();
  private final io.opentelemetry.api.trace.Tracer host = sdk.get("host");
  private final Tracer tracer =
      Tracer.builder().parentSource(OpenTelemetryBridge.parentSource()).build();
  private final ContextMirror.Registration installed = OpenTelemetryBridge.install(tracer);
  private final ExecutorService pool = Executors.newFixedThreadPool(2);

  @AfterEach
  void nothingIsLeftBehind() throws Exception {
    Callable<Boolean> clean =
        () -> io.opentelemetry.context.Context.current() == io.opentelemetry.context.Context.root();
    assertThat(clean.call()).isTrue();
    assertThat(pool.submit(clean).get(10, TimeUnit.SECONDS)).isTrue();
    pool.shutdownNow();
    installed.close();
    tracer.close();
    sdk.close();
    assertThat(Context.current()).isSameAs(Context.root());
  }

  @Test
  void install_hostOursHost_isOneTree() {
    inHostsSpan(
        "http server",
        () -> {
          try (TraceContext agent = tracer.startSpan("support", "invoke_agent")) {
            inHostsSpan("http client", () -> {});
          }
        });

    Span agent = tracer.spans("support").get(0);
    assertThat(agent.traceId()).isEqualTo(hosts("http server").getTraceId());
    assertThat(agent.parentSpanId()).isEqualTo(hosts("http server").getSpanId());
    assertThat(hosts("http client").getTraceId()).isEqualTo(agent.traceId());
    assertThat(hosts("http client").getParentSpanId()).isEqualTo(agent.spanId());
    assertThat(hosts("http client").getSpanContext().isSampled()).isTrue();
  }

  @Test
  void install_poolThreads_keepTheTree() throws Exception {
    try (TraceContext agent = tracer.startTrace("support", "invoke_agent")) {
      pool.submit(
              Scope.wrap(
                  () -> {
                    try (TraceContext step = tracer.startSpan("step", "act")) {
                      inHostsSpan("http client", () -> {});
                    }
                    inHostsSpan("database", () -> {});
                  }))
          .get(10, TimeUnit.SECONDS);
      pool.submit(() -> inHostsSpan("unrelated", () -> {})).get(10, TimeUnit.SECONDS);
    }

    Span agent = tracer.spans("support").get(0);
    Span step = tracer.spans("step").get(0);
    assertThat(step.parentSpanId()).isEqualTo(agent.spanId());
    assertThat(hosts("http client").getParentSpanId()).isEqualTo(step.spanId());
    assertThat(hosts("database").getParentSpanId()).isEqualTo(agent.spanId());
    assertThat(hosts("unrelated").getParentSpanContext().isValid()).isFalse();
  }

  @Test
  void install_modelCall_isTheParentOfTheClientsRequest() {
    ChatModel model =
        AgentOps.with(TracingInterceptor.of(tracer))
            .build()
            .wrap(
                new ChatModel() {
                  @Override
                  public ChatResponse doChat(ChatRequest request) {
                    inHostsSpan("POST", () -> {});
                    return ChatResponse.builder().aiMessage(AiMessage.from("hi")).build();
                  }
                });

    inHostsSpan("http server", () -> model.chat("hello"));

    Span call = tracer.spans().get(0);
    assertThat(call.action()).isEqualTo("chat");
    assertThat(call.parentSpanId()).isEqualTo(hosts("http server").getSpanId());
    assertThat(hosts("POST").getParentSpanId()).isEqualTo(call.spanId());
    assertThat(hosts("POST").getTraceId()).isEqualTo(call.traceId());
  }

  @Test
  void install_scopeInsideTheHostsSpan_doesNotHideIt() {
    try (TraceContext agent = tracer.startTrace("support", "act")) {
      inHostsSpan(
          "outer",
          () -> {
            try (Scope scope =
                Context.current().with(Attributes.of("user.id", "alice")).makeCurrent()) {
              inHostsSpan("inner", () -> {});
            }
          });
    }

    assertThat(hosts("inner").getParentSpanId()).isEqualTo(hosts("outer").getSpanId());
    assertThat(hosts("outer").getParentSpanId()).isEqualTo(tracer.spans().get(0).spanId());
  }

  @Test
  void install_detachedContext_showsTheHostsSpanAgain() {
    inHostsSpan(
        "server",
        () -> {
          try (TraceContext agent = tracer.startSpan("support", "act")) {
            Context inside = Context.current();
            try (Scope detached = Context.root().makeCurrent()) {
              inHostsSpan("detached", () -> {});
              tracer.startSpan("detached", "act").close();
              try (Scope back = inside.makeCurrent()) {
                inHostsSpan("back", () -> {});
              }
            }
          }
        });

    String server = hosts("server").getSpanId();
    assertThat(hosts("detached").getParentSpanId()).isEqualTo(server);
    assertThat(tracer.spans("detached").get(0).parentSpanId()).isEqualTo(server);
    assertThat(hosts("back").getParentSpanId()).isEqualTo(tracer.spans("support").get(0).spanId());
  }

  @Test
  void startTrace_insideTheHostsSpan_isARoot() {
    inHostsSpan("server", () -> tracer.startTrace("support", "act").close());

    assertThat(tracer.spans().get(0).parentSpanId()).isNull();
    assertThat(tracer.spans().get(0).traceId()).isNotEqualTo(hosts("server").getTraceId());
  }

  @Test
  void install_traceIdThatIsNotW3c_isTheOneThatIsExported() {
    try (TraceContext agent = tracer.startTrace("order 66", "support", "act")) {
      inHostsSpan("http client", () -> {});
    }

    SpanData client = hosts("http client");
    assertThat(client.getTraceId()).isEqualTo(W3cIds.traceId("order 66"));
    assertThat(client.getParentSpanId()).isEqualTo(tracer.spans().get(0).spanId());
  }

  @Test
  void parentSource_oursClosedElsewhere_isNotTheParentOfTheNextRoot() throws Exception {
    TraceContext forgotten = tracer.startTrace("forgotten", "act");
    pool.submit(forgotten::close).get(10, TimeUnit.SECONDS);

    try (TraceContext next = tracer.startSpan("next", "act")) {
      inHostsSpan("client", () -> {});
    }

    assertThat(tracer.spans("next").get(0).parentSpanId()).isNull();
    assertThat(hosts("client").getParentSpanId()).isEqualTo(tracer.spans("next").get(0).spanId());
  }

  @Test
  void parentSource_unsampledHost_isStillTheParent() {
    SdkTracerProvider never =
        SdkTracerProvider.builder()
            .addSpanProcessor(SimpleSpanProcessor.create(finished))
            .setSampler(io.opentelemetry.sdk.trace.samplers.Sampler.alwaysOff())
            .build();
    io.opentelemetry.api.trace.Span span = never.get("host").spanBuilder("off").startSpan();
    try (io.opentelemetry.context.Scope scope = span.makeCurrent()) {
      assertThat(OpenTelemetryBridge.parentSource().get().orElseThrow().sampled()).isFalse();
    } finally {
      never.close();
    }
    assertThat(OpenTelemetryBridge.parentSource().get()).isEmpty();
  }

  @Test
  void parentSource_thatFails_givesARoot() {
    try (Tracer failing =
        Tracer.builder()
            .parentSource(
                () -> {
                  throw new IllegalStateException("no parent");
                })
            .build()) {
      failing.startSpan("agent", "act").close();

      assertThat(failing.spans().get(0).parentSpanId()).isNull();
    }
  }

  @Test
  void install_spanThatIsNotSampled_leavesTheHostsSpan() {
    try (Tracer never =
            Tracer.builder()
                .sampler(Sampler.never())
                .parentSource(OpenTelemetryBridge.parentSource())
                .build();
        ContextMirror.Registration bridge = OpenTelemetryBridge.install(never)) {
      inHostsSpan(
          "server",
          () -> {
            try (TraceContext span = never.startSpan("support", "act")) {
              inHostsSpan("client", () -> {});
            }
          });
    }

    assertThat(hosts("client").getParentSpanId()).isEqualTo(hosts("server").getSpanId());
  }

  @Test
  void headers_carryTheSpanToAnotherProcess() {
    try (TraceContext span = tracer.startTrace("agent", "act");
        TraceContext custom = tracer.startTrace("not W3C", "agent", "act")) {
      assertThat(span.headers())
          .containsOnlyKeys("traceparent")
          .containsEntry("traceparent", span.traceparent().orElseThrow());
      assertThat(custom.headers()).isEmpty();
    }
  }

  @Test
  void install_null_isRefused() {
    assertThatThrownBy(() -> OpenTelemetryBridge.install(null)).hasMessage("tracer");
  }

  private void inHostsSpan(String name, Runnable body) {
    io.opentelemetry.api.trace.Span span = host.spanBuilder(name).startSpan();
    try (io.opentelemetry.context.Scope scope = span.makeCurrent()) {
      body.run();
    } finally {
      span.end();
    }
  }

  private SpanData hosts(String name) {
    return finished.spans.stream()
        .filter(span -> span.getName().equals(name))
        .findFirst()
        .orElseThrow();
  }

  /** The host's back end. */
  private static final class Finished implements SpanExporter {

    final List<SpanData> spans = new CopyOnWriteArrayList<>();

    @Override
    public CompletableResultCode export(Collection<SpanData> batch) {
      spans.addAll(batch);
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }
}

package dev.agentops.tracing;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import java.util.Collection;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.NullMarked;

/** The SDK of OpenTelemetry with its batch processor, and an exporter that accepts everything. */
@NullMarked
final class OpenTelemetryContestant implements Contestant {

  private static final AttributeKey<String> OPERATION =
      AttributeKey.stringKey(GenAiAttributes.OPERATION_NAME);
  private static final AttributeKey<String> PROVIDER =
      AttributeKey.stringKey(GenAiAttributes.PROVIDER_NAME);
  private static final AttributeKey<String> REQUEST_MODEL =
      AttributeKey.stringKey(GenAiAttributes.REQUEST_MODEL);
  private static final AttributeKey<String> CONVERSATION_ID =
      AttributeKey.stringKey(GenAiAttributes.CONVERSATION_ID);
  private static final AttributeKey<Long> INPUT =
      AttributeKey.longKey(GenAiAttributes.USAGE_INPUT_TOKENS);
  private static final AttributeKey<Long> OUTPUT =
      AttributeKey.longKey(GenAiAttributes.USAGE_OUTPUT_TOKENS);

  private final SdkTracerProvider provider;
  private final Tracer tracer;

  OpenTelemetryContestant(boolean sampled) {
    provider =
        SdkTracerProvider.builder()
            .setSampler(sampled ? Sampler.alwaysOn() : Sampler.alwaysOff())
            .addSpanProcessor(BatchSpanProcessor.builder(new Accepting()).build())
            .build();
    tracer = provider.get("benchmark");
  }

  @Override
  public Object step(long inputTokens, long outputTokens) {
    Span span = tracer.spanBuilder("chat gpt-4o-mini").setSpanKind(SpanKind.CLIENT).startSpan();
    put(span, "chat", inputTokens, outputTokens);
    span.end();
    return span;
  }

  @Override
  public Object tree(long inputTokens, long outputTokens) {
    Span root = tracer.spanBuilder("invoke_agent researcher").startSpan();
    try (Scope ignored = root.makeCurrent()) {
      put(root, "invoke_agent", inputTokens, outputTokens);
      child("chat", "chat gpt-4o-mini", inputTokens, outputTokens);
      child("execute_tool", "execute_tool search", inputTokens, outputTokens);
      child("chat", "chat gpt-4o-mini", inputTokens, outputTokens);
    } finally {
      root.end();
    }
    return root;
  }

  @Override
  public void drain() {
    provider.forceFlush().join(10, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    provider.close();
  }

  private void child(String operation, String name, long inputTokens, long outputTokens) {
    Span span = tracer.spanBuilder(name).setSpanKind(SpanKind.CLIENT).startSpan();
    try (Scope ignored = span.makeCurrent()) {
      put(span, operation, inputTokens, outputTokens);
    } finally {
      span.end();
    }
  }

  private static void put(Span span, String operation, long input, long output) {
    span.setAttribute(OPERATION, operation)
        .setAttribute(PROVIDER, "openai")
        .setAttribute(REQUEST_MODEL, MODEL)
        .setAttribute(CONVERSATION_ID, CONVERSATION)
        .setAttribute(INPUT, input)
        .setAttribute(OUTPUT, output);
  }

  private static final class Accepting implements SpanExporter {

    @Override
    public CompletableResultCode export(Collection<SpanData> spans) {
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

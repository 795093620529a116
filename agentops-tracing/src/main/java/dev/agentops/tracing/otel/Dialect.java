package dev.agentops.tracing.otel;

import dev.agentops.tracing.Span;
import io.opentelemetry.api.common.Attributes;

/** The names under which a back end looks for what is on a span. */
public enum Dialect {

  /**
   * The OpenTelemetry semantic conventions for generative AI, version 1.41.1. What they have no
   * name for is under {@code agentops.}: {@code agentops.input}, {@code .output}, {@code
   * .metadata}, {@code .agent}, {@code .action}, {@code .status}, {@code .cost.usd}. As the
   * conventions want it, an agent has the tokens of its model calls once more; the other dialects
   * leave them out, since those back ends add up all spans.
   */
  GEN_AI(new GenAiMapping()),

  /**
   * That of Langfuse 4, which filters each span by its own attributes: session, user, tags,
   * environment and release are on every span. So is the trace name where the scope says {@link
   * dev.agentops.tracing.GenAiAttributes#TRACE_NAME}; else it is the name of the root, and missing
   * on spans that were sent in a batch before that of the root. Tokens are told part by part, so
   * that cached and reasoning tokens count once; attributes it does not know become metadata of the
   * observation.
   */
  LANGFUSE(new LangfuseMapping()),

  /** OpenInference, that of Arize Phoenix: messages and tool calls are flattened. */
  OPENINFERENCE(new OpenInferenceMapping());

  private final AttributeMapping mapping;

  Dialect(AttributeMapping mapping) {
    this.mapping = mapping;
  }

  Attributes attributes(Span span, Origin origin) {
    AttributeWriter writer = new AttributeWriter();
    mapping.write(span, origin, writer);
    if (!W3cIds.isW3cTraceId(span.traceId())) {
      writer.put("agentops.trace.id", span.traceId());
    }
    return writer.build();
  }
}

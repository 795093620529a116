package dev.agentops.tracing.otel;

import dev.agentops.Attributes;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What Langfuse reads, with the precedence of its ingestion: its own names win over all others. */
final class LangfuseMapping implements AttributeMapping {

  private static final String METADATA = "langfuse.observation.metadata.";
  private static final int MAXIMUM_ENVIRONMENT = 40;
  private static final double NANOS_PER_SECOND = 1e9;

  /** It maps only some operations by itself, and takes an unknown one for a plain span. */
  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("chat", "generation"),
          Map.entry("text_completion", "generation"),
          Map.entry("generate_content", "generation"),
          Map.entry("embeddings", "embedding"),
          Map.entry("retrieval", "retriever"),
          Map.entry("execute_tool", "tool"),
          Map.entry("invoke_agent", "agent"),
          Map.entry("create_agent", "agent"),
          Map.entry("invoke_workflow", "chain"),
          Map.entry("guardrail", "guardrail"),
          Map.entry("evaluate", "evaluator"));

  @Override
  public void write(Span span, Origin origin, AttributeWriter to) {
    span.attributes().forEach((name, value) -> copy(name, value, to));
    span.metadata().forEach((name, value) -> to.put(METADATA + name, value));
    writeTrace(span, origin, to);
    to.put("langfuse.observation.type", TYPES.get(AttributeMapping.operation(span)));
    to.put("langfuse.observation.input", AttributeMapping.input(span));
    to.put("langfuse.observation.output", AttributeMapping.output(span));
    writeStatus(span, to);
    writeFirstChunk(span, to);
    writeUsage(span, to);
    span.cost()
        .ifPresent(
            cost ->
                to.put(
                    "langfuse.observation.cost_details",
                    "{\"total\":" + cost.usd().toPlainString() + '}'));
  }

  /** Attributes that it does not read, it does not show either, unless they are metadata. */
  private static void copy(String name, Object value, AttributeWriter to) {
    if (AttributeMapping.isContent(name)
        || AttributeMapping.isUsage(name)
        || name.equals(Attributes.TAGS)
        || name.equals(GenAiAttributes.TRACE_NAME)
        || name.equals(Attributes.ENVIRONMENT)
        || name.equals(Attributes.RELEASE)) {
      return; // told under another name
    }
    boolean known =
        name.startsWith("gen_ai.")
            || name.startsWith("langfuse.")
            || name.equals(Attributes.USER_ID)
            || name.equals(Attributes.SESSION_ID);
    to.put(known ? name : METADATA + name, value);
  }

  private static void writeTrace(Span span, Origin origin, AttributeWriter to) {
    to.put("langfuse.trace.name", origin.traceName(span));
    to.put("langfuse.trace.tags", span.attribute(Attributes.TAGS));
    to.put(Attributes.SESSION_ID, span.sessionId());
    to.put("langfuse.environment", environment(origin.environment(span)));
    to.put("langfuse.release", origin.release(span));
  }

  /** It refuses any other character, and the whole span with it. */
  private static @Nullable String environment(@Nullable String any) {
    if (any == null) {
      return null;
    }
    String valid = any.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9_-]", "-");
    return valid.substring(0, Math.min(MAXIMUM_ENVIRONMENT, valid.length()));
  }

  private static void writeStatus(Span span, AttributeWriter to) {
    if (span.status() == SpanStatus.OK) {
      return;
    }
    to.put("langfuse.observation.level", span.status().isError() ? "ERROR" : "WARNING");
    to.put(
        "langfuse.observation.status_message",
        span.error() != null ? span.error() : AttributeMapping.unusualStatus(span));
  }

  private static void writeFirstChunk(Span span, AttributeWriter to) {
    if (span.attribute(GenAiAttributes.RESPONSE_TIME_TO_FIRST_CHUNK) instanceof Double seconds) {
      to.put(
          "langfuse.observation.completion_start_time",
          span.startTime()
              .plusNanos(Math.round(seconds * NANOS_PER_SECOND))
              .truncatedTo(ChronoUnit.MICROS)
              .toString());
    }
  }

  /** It adds all parts up, so that each token must be in one of them only. */
  private static void writeUsage(Span span, AttributeWriter to) {
    if (AttributeMapping.hasTotals(span)) {
      return; // it adds up observations, too
    }
    if (span.attribute(GenAiAttributes.USAGE_INPUT_TOKENS) == null
        && span.attribute(GenAiAttributes.USAGE_OUTPUT_TOKENS) == null) {
      return;
    }
    long cacheRead = AttributeMapping.tokens(span, GenAiAttributes.USAGE_CACHE_READ_INPUT_TOKENS);
    long cacheWrite =
        AttributeMapping.tokens(span, GenAiAttributes.USAGE_CACHE_CREATION_INPUT_TOKENS);
    long reasoning = AttributeMapping.tokens(span, GenAiAttributes.USAGE_REASONING_OUTPUT_TOKENS);
    Map<String, Object> parts = new LinkedHashMap<>();
    parts.put("input", Math.max(0, span.inputTokens() - cacheRead - cacheWrite));
    putPart("input_cache_read", cacheRead, parts);
    putPart("input_cache_creation", cacheWrite, parts);
    parts.put("output", Math.max(0, span.outputTokens() - reasoning));
    putPart("output_reasoning", reasoning, parts);
    parts.put("total", span.inputTokens() + span.outputTokens());
    to.put("langfuse.observation.usage_details", PayloadText.json(parts));
  }

  private static void putPart(String name, long tokens, Map<String, Object> parts) {
    if (tokens > 0) {
      parts.put(name, tokens);
    }
  }
}

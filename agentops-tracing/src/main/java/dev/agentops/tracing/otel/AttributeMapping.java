package dev.agentops.tracing.otel;

import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes what is on a span under the names of one back end. Stateless. */
interface AttributeMapping {

  void write(Span span, Origin origin, AttributeWriter to);

  /** What was done, in the words of the GenAI conventions where they have one. */
  static String operation(Span span) {
    return span.attribute(GenAiAttributes.OPERATION_NAME) instanceof String name
        ? name
        : span.action();
  }

  /** What the work was given, else the attribute that says so, as text; null where unknown. */
  static @Nullable String input(Span span) {
    return text(
        span.input(), span, GenAiAttributes.INPUT_MESSAGES, GenAiAttributes.TOOL_CALL_ARGUMENTS);
  }

  /** What came of the work; as {@link #input}. */
  static @Nullable String output(Span span) {
    return text(
        span.output(), span, GenAiAttributes.OUTPUT_MESSAGES, GenAiAttributes.TOOL_CALL_RESULT);
  }

  private static @Nullable String text(
      @Nullable Object payload, Span span, String messages, String ofTool) {
    Object found = payload != null ? payload : span.attribute(messages);
    found = found != null ? found : span.attribute(ofTool);
    return found == null ? null : PayloadText.of(found);
  }

  /** Whether {@link #input} and {@link #output} have told this attribute. */
  static boolean isContent(String attribute) {
    return attribute.equals(GenAiAttributes.INPUT_MESSAGES)
        || attribute.equals(GenAiAttributes.OUTPUT_MESSAGES)
        || attribute.equals(GenAiAttributes.TOOL_CALL_ARGUMENTS)
        || attribute.equals(GenAiAttributes.TOOL_CALL_RESULT);
  }

  /** Of a status that is neither good nor an error for OpenTelemetry; null for the others. */
  static @Nullable String unusualStatus(Span span) {
    return span.status() == SpanStatus.OK || span.status() == SpanStatus.ERROR
        ? null
        : span.status().name().toLowerCase(Locale.ROOT);
  }

  /** Whether its tokens are those of the spans below it, which a back end would add once more. */
  static boolean hasTotals(Span span) {
    return span.attribute(GenAiAttributes.AGENT_MODEL_CALLS) != null;
  }

  static boolean isUsage(String attribute) {
    return attribute.startsWith("gen_ai.usage.");
  }

  static long tokens(Span span, String attribute) {
    return span.attribute(attribute) instanceof Long tokens ? tokens : 0;
  }
}

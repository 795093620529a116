package dev.agentops.tracing.replay;

import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanKind;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Tells the model and tool calls among the spans of a trace. */
final class Calls {

  private static final String CHAT = "chat";
  private static final String EXECUTE_TOOL = "execute_tool";

  private Calls() {}

  /**
   * The spans that are model or tool calls, in their order. Of a model call that was attempted
   * several times, the one around the attempts; of a tool call that an MCP client carried out, that
   * of the tool around it.
   */
  static List<Span> of(List<Span> spans) {
    Map<String, Span> calls = new HashMap<>();
    spans.stream()
        .filter(span -> isModelCall(span) || isToolCall(span))
        .forEach(span -> calls.put(span.spanId(), span));
    return spans.stream()
        .filter(span -> isModelCall(span) || isToolCall(span))
        .filter(span -> !isSameCall(calls.get(String.valueOf(span.parentSpanId())), span))
        .toList();
  }

  /** Whether the inner span tells of the call that the outer one tells of. */
  private static boolean isSameCall(@Nullable Span outer, Span inner) {
    if (outer == null || isModelCall(outer) || isModelCall(inner)) {
      return outer != null && isModelCall(outer) && isModelCall(inner);
    }
    String id = text(inner, GenAiAttributes.TOOL_CALL_ID); // a tool that calls itself has another
    return toolName(outer).equals(toolName(inner))
        && (id == null
            ? inner.kind() == SpanKind.CLIENT
            : id.equals(text(outer, GenAiAttributes.TOOL_CALL_ID)));
  }

  static boolean isModelCall(Span span) {
    return CHAT.equals(span.attribute(GenAiAttributes.OPERATION_NAME));
  }

  static boolean isToolCall(Span span) {
    return EXECUTE_TOOL.equals(span.attribute(GenAiAttributes.OPERATION_NAME));
  }

  static String toolName(Span span) {
    return String.valueOf(span.attribute(GenAiAttributes.TOOL_NAME));
  }

  /** What the tool was given; null where it is not known. */
  static @Nullable String arguments(Span span) {
    return text(span, GenAiAttributes.TOOL_CALL_ARGUMENTS, span.input());
  }

  /** What the tool gave back; null where it is not known. */
  static @Nullable String result(Span span) {
    return text(span, GenAiAttributes.TOOL_CALL_RESULT, span.output());
  }

  private static @Nullable String text(Span span, String attribute, @Nullable Object payload) {
    String known = text(span, attribute);
    return known == null && payload instanceof String text ? text : known;
  }

  static @Nullable String text(Span span, String attribute) {
    Object value = span.attribute(attribute);
    return value == null ? null : value.toString();
  }
}

package dev.agentops.tracing.replay;

import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells the model and tool calls among the spans of a trace. */
final class Calls {

  private static final String CHAT = "chat";
  private static final String EXECUTE_TOOL = "execute_tool";

  private Calls() {}

  /**
   * The spans that are model or tool calls, in their order. Of a model call that was attempted
   * several times, the one around the attempts.
   */
  static List<Span> of(List<Span> spans) {
    Set<String> chats = new HashSet<>();
    spans.stream().filter(Calls::isModelCall).forEach(span -> chats.add(span.spanId()));
    return spans.stream()
        .filter(
            span ->
                isToolCall(span)
                    || (isModelCall(span) && !chats.contains(String.valueOf(span.parentSpanId()))))
        .toList();
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

  static @Nullable String text(Span span, String attribute) {
    Object value = span.attribute(attribute);
    return value == null ? null : value.toString();
  }
}

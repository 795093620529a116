package dev.agentops.tracing;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Counts how often a trace called the same tool with the same arguments. */
final class ToolRepetitions {

  private ToolRepetitions() {}

  static int most(Trace trace) {
    Map<String, Span> tools = new HashMap<>();
    for (Span span : trace.spans()) {
      if (span.attribute(GenAiAttributes.TOOL_NAME) != null) {
        tools.put(span.spanId(), span);
      }
    }
    Map<String, Integer> calls = new HashMap<>();
    for (Span span : tools.values()) {
      if (!isSameCall(tools.get(String.valueOf(span.parentSpanId())), span)) {
        String call = span.attribute(GenAiAttributes.TOOL_NAME) + "\n" + span.input();
        calls.merge(call, 1, Integer::sum);
      }
    }
    return calls.values().stream().mapToInt(Integer::intValue).max().orElse(0);
  }

  /**
   * Whether the inner span tells of the call that the outer one tells of, as that of an MCP client
   * inside of the execution of its tool.
   */
  private static boolean isSameCall(@Nullable Span outer, Span inner) {
    Object id = inner.attribute(GenAiAttributes.TOOL_CALL_ID);
    return outer != null
        && Objects.equals(
            outer.attribute(GenAiAttributes.TOOL_NAME), inner.attribute(GenAiAttributes.TOOL_NAME))
        && (id == null
            ? inner.kind() == SpanKind.CLIENT
            : id.equals(outer.attribute(GenAiAttributes.TOOL_CALL_ID)));
  }
}

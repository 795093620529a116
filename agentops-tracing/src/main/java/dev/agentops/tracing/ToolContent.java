package dev.agentops.tracing;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import org.jspecify.annotations.Nullable;

/** Notes on the span of a tool what it was asked and answered. */
final class ToolContent {

  static final String EXECUTE_TOOL = "execute_tool";

  private static final String TOOL_ERROR = "tool_error";

  private ToolContent() {}

  static void request(ToolExecutionRequest request, TraceContext span) {
    span.put(GenAiAttributes.TOOL_NAME, request.name());
    span.put(GenAiAttributes.TOOL_CALL_ID, request.id());
    span.put(GenAiAttributes.TOOL_TYPE, "function");
    if (span.trace().tracer().capturesContent()) {
      span.setInput(request.arguments());
      span.put(GenAiAttributes.TOOL_CALL_ARGUMENTS, request.arguments());
    }
  }

  static void result(@Nullable String text, boolean isError, TraceContext span) {
    if (isError) {
      // not the result's text, which is content
      span.fail(SpanStatus.ERROR, "the tool's result is marked as an error", TOOL_ERROR);
    }
    if (span.trace().tracer().capturesContent()) {
      span.setOutput(text);
      span.put(GenAiAttributes.TOOL_CALL_RESULT, text);
    }
  }
}

package dev.agentops.tracing.mcp;

import dev.agentops.Context;
import dev.agentops.ToolCall;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.SpanKind;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import dev.langchain4j.exception.ToolArgumentsException;
import dev.langchain4j.exception.ToolExecutionException;
import dev.langchain4j.mcp.client.McpException;
import dev.langchain4j.mcp.protocol.McpCallToolParams;
import dev.langchain4j.mcp.protocol.McpClientMessage;
import dev.langchain4j.mcp.protocol.McpClientRequest;
import dev.langchain4j.mcp.protocol.McpGetPromptParams;
import dev.langchain4j.mcp.protocol.McpReadResourceParams;
import dev.langchain4j.service.tool.ToolExecutionResult;
import java.util.Locale;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** What is noted on the span of a request. */
final class McpSpans {

  private static final String EXECUTE_TOOL = "execute_tool";
  private static final String TOOL_ERROR = "tool_error";
  private static final String UNKNOWN = "mcp";

  private McpSpans() {}

  static TraceContext open(Tracer tracer, McpClientMessage message) {
    String method = message.method.name().toLowerCase(Locale.ROOT).replace('_', '/');
    String agent = tracer.currentSpan().map(TraceContext::agentName).orElse(UNKNOWN);
    TraceContext span = tracer.open(Context.current(), agent, method);
    span.describe(method, SpanKind.CLIENT);
    span.setAttribute(McpAttributes.METHOD_NAME, method);
    span.setAttribute(
        McpAttributes.REQUEST_ID, message.getId() == null ? null : message.getId().toString());
    Object params = message instanceof McpClientRequest request ? request.getParams() : null;
    if (params instanceof McpCallToolParams tool) {
      span.describe(method + ' ' + tool.getName(), SpanKind.CLIENT);
      span.setAttribute(GenAiAttributes.OPERATION_NAME, EXECUTE_TOOL);
      span.setAttribute(GenAiAttributes.TOOL_NAME, tool.getName());
      span.setInput(String.valueOf(tool.getArguments()));
    } else if (params instanceof McpGetPromptParams prompt) {
      span.describe(method + ' ' + prompt.getName(), SpanKind.CLIENT);
      span.setAttribute(GenAiAttributes.PROMPT_NAME, prompt.getName());
      span.setInput(prompt.getArguments());
    } else if (params instanceof McpReadResourceParams resource) {
      span.setInput(resource.getUri()); // no attribute, for these are kept without content, too
    }
    return span;
  }

  static void recordResult(TraceContext span, ToolExecutionResult result) {
    span.setOutput(ToolCall.text(result));
    if (result.isError()) {
      // not the result's text, which is content
      span.recordError("the tool's result is marked as an error");
      span.setAttribute(GenAiAttributes.ERROR_TYPE, TOOL_ERROR);
    }
  }

  static void recordError(TraceContext span, Throwable error) {
    Throwable cause = error;
    while ((cause.getClass() == RuntimeException.class
            || cause instanceof ExecutionException
            || cause instanceof CompletionException)
        && cause.getCause() != null) {
      cause = cause.getCause();
    }
    span.recordError(cause);
    String code = code(cause);
    if (code != null) {
      span.setAttribute(GenAiAttributes.ERROR_TYPE, code);
      span.setAttribute(McpAttributes.RESPONSE_STATUS_CODE, code);
    }
  }

  /** The code of the JSON-RPC error; null where the server did not answer with one. */
  private static @Nullable String code(Throwable error) {
    Integer code =
        error instanceof McpException mcp
            ? Integer.valueOf(mcp.errorCode())
            : error instanceof ToolExecutionException tool
                ? tool.errorCode()
                : error instanceof ToolArgumentsException arguments ? arguments.errorCode() : null;
    return code == null ? null : code.toString();
  }
}

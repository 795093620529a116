package dev.agentops.tracing;

import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.Key;
import dev.agentops.ToolCall;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import org.jspecify.annotations.Nullable;

/**
 * One execution of a tool that somebody announces, before and after: for instrumentation of what
 * executes tools by itself.
 *
 * <p>It is recorded as {@code execute_tool}. A tool that is wrapped as well, and runs in {@link
 * #context()}, is recorded on the very same span. Thread-safe; to be ended once.
 */
public final class AnnouncedTool {

  private static final Key<AnnouncedTool> KEY = Key.of("announced execution of a tool");

  private final ToolExecutionRequest request;
  private final TraceContext span;
  private final Context context;

  private AnnouncedTool(ToolExecutionRequest request, TraceContext span, Context around) {
    this.request = request;
    this.span = span;
    this.context = span.in(around).with(KEY, this);
  }

  /** The tool is about to run; its span is a child of the context's. */
  public static AnnouncedTool begin(Tracer tracer, Context around, ToolExecutionRequest request) {
    TraceContext parent = tracer.spanIn(around);
    String agent = parent == null ? request.name() : parent.agentName();
    TraceContext span = tracer.open(around, agent, ToolContent.EXECUTE_TOOL);
    span.describe(ToolContent.EXECUTE_TOOL + ' ' + request.name(), SpanKind.INTERNAL);
    span.put(GenAiAttributes.OPERATION_NAME, ToolContent.EXECUTE_TOOL);
    span.put(GenAiAttributes.CONVERSATION_ID, around.attributes().text(Attributes.SESSION_ID));
    ToolContent.request(request, span);
    return new AnnouncedTool(request, span, around);
  }

  /** The context in which the tool is to run. */
  public Context context() {
    return context;
  }

  /** Whether this is the execution of that very request. */
  public boolean isOf(ToolExecutionRequest other) {
    return request == other;
  }

  /** The tool has answered; nothing where it was recorded as a wrapped one. */
  public void end(@Nullable String result, boolean isError) {
    ToolContent.result(result, isError, span);
    span.end();
  }

  /** The tool, or what handles its errors, has thrown; nothing where it has ended. */
  public void fail(@Nullable Throwable error) {
    if (error == null) {
      span.recordError("its end was not reported");
    } else {
      span.recordError(error);
    }
    span.end();
  }

  /** The span on which this call is announced already; null for none. */
  static @Nullable TraceContext spanOf(ToolCall call, Tracer tracer) {
    AnnouncedTool announced = call.callerContext().get(KEY);
    return announced != null && announced.isOf(call.request()) && announced.span.isOf(tracer)
        ? announced.span
        : null;
  }
}

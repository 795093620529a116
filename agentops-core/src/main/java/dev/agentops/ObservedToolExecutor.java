package dev.agentops;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.service.tool.ToolExecutionResult;
import dev.langchain4j.service.tool.ToolExecutor;
import org.jspecify.annotations.Nullable;

/** A tool behind the chain. Each of the two methods calls the same one of the delegate. */
final class ObservedToolExecutor implements ToolExecutor {

  private final AgentOps ops;
  private final ToolExecutor delegate;

  ObservedToolExecutor(AgentOps ops, ToolExecutor delegate) {
    this.ops = ops;
    this.delegate = delegate;
  }

  boolean isOf(AgentOps other) {
    return ops == other;
  }

  @Override
  public String execute(ToolExecutionRequest request, Object memoryId) {
    return Observation.run(
        call(request, null),
        ops.chains().tools(),
        () -> delegate.execute(request, memoryId),
        text -> ToolExecutionResult.builder().resultText(text).build(),
        ToolCall::text);
  }

  @Override
  public ToolExecutionResult executeWithContext(
      ToolExecutionRequest request, InvocationContext invocation) {
    return Observation.run(
        call(request, invocation),
        ops.chains().tools(),
        () -> delegate.executeWithContext(request, invocation));
  }

  /**
   * In the thread's own context; on a foreign thread, which has none, in that of the model call
   * that asked for the tool.
   */
  private ToolCall call(ToolExecutionRequest request, @Nullable InvocationContext invocation) {
    ToolCallOrigins.Origin origin = ops.toolCallOrigins().take(request);
    Context current = Context.current();
    Context context = current == Context.root() && origin != null ? origin.context() : current;
    return new ToolCall(ops, context, request, invocation, origin);
  }
}

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
   * In the context of the AI service that executes the tool; where that is not known and the thread
   * has none of its own, in that of the model call that asked for it.
   */
  private ToolCall call(ToolExecutionRequest request, @Nullable InvocationContext invocation) {
    Context service = ops.invocations().find(invocation);
    Context context = service == null ? Context.current() : service.orCurrent();
    ToolCallOrigins.Origin origin = ops.toolCallOrigins().take(request, context.get(AgentCall.KEY));
    if (service == null && origin != null && context.hasOnlyAttributes()) {
      context = origin.context().over(context.attributes());
    }
    return new ToolCall(ops, context, request, invocation, origin);
  }
}

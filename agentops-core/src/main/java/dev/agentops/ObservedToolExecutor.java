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
        ops.toolChain(),
        () -> delegate.execute(request, memoryId),
        text -> ToolExecutionResult.builder().resultText(text).build(),
        ToolCall::text,
        ops::finish);
  }

  @Override
  public ToolExecutionResult executeWithContext(
      ToolExecutionRequest request, InvocationContext invocation) {
    return Observation.run(
        call(request, invocation),
        ops.toolChain(),
        () -> delegate.executeWithContext(request, invocation),
        ops::finish);
  }

  private ToolCall call(ToolExecutionRequest request, @Nullable InvocationContext invocation) {
    return new ToolCall(ops, contextOf(request), request, invocation);
  }

  /**
   * The thread's own context; on a foreign thread, which has none, that of the model call that
   * asked for the tool.
   */
  private Context contextOf(ToolExecutionRequest request) {
    Context asked = ops.toolCallOrigins().take(request);
    Context current = Context.current();
    return current == Context.root() && asked != null ? asked : current;
  }
}

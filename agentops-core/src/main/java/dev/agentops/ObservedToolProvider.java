package dev.agentops;

import dev.langchain4j.service.tool.AiServiceTool;
import dev.langchain4j.service.tool.ToolProvider;
import dev.langchain4j.service.tool.ToolProviderRequest;
import dev.langchain4j.service.tool.ToolProviderResult;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tool provider, every tool of which is behind the chain; all else about a tool stays as it is.
 */
final class ObservedToolProvider implements ToolProvider {

  private final AgentOps ops;
  private final ToolProvider delegate;

  ObservedToolProvider(AgentOps ops, ToolProvider delegate) {
    this.ops = ops;
    this.delegate = delegate;
  }

  boolean isOf(AgentOps other) {
    return ops == other;
  }

  @Override
  public ToolProviderResult provideTools(ToolProviderRequest request) {
    ToolProviderResult result = delegate.provideTools(request);
    if (result == null) {
      return result;
    }
    List<AiServiceTool> tools =
        result.aiServiceTools().stream()
            .map(tool -> tool.toBuilder().toolExecutor(ops.wrap(tool.toolExecutor())).build())
            .toList();
    return new ToolProviderResult(tools);
  }

  @Override
  public boolean isDynamic() {
    return delegate.isDynamic();
  }

  /** An AI service keeps its providers in a set: one that is given twice must be there once. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof ObservedToolProvider that
        && ops == that.ops
        && delegate.equals(that.delegate);
  }

  @Override
  public int hashCode() {
    return delegate.hashCode();
  }
}

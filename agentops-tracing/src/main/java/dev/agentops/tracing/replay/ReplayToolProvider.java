package dev.agentops.tracing.replay;

import dev.langchain4j.service.tool.AiServiceTool;
import dev.langchain4j.service.tool.ToolProvider;
import dev.langchain4j.service.tool.ToolProviderRequest;
import dev.langchain4j.service.tool.ToolProviderResult;
import java.util.List;

/** The tools of another provider, with recorded results in place of their executors. */
final class ReplayToolProvider implements ToolProvider {

  private final ToolProvider delegate;
  private final Replay replay;

  ReplayToolProvider(ToolProvider delegate, Replay replay) {
    this.delegate = delegate;
    this.replay = replay;
  }

  @Override
  public ToolProviderResult provideTools(ToolProviderRequest request) {
    List<AiServiceTool> tools =
        delegate.provideTools(request).aiServiceTools().stream()
            .map(tool -> tool.toBuilder().toolExecutor(replay.toolExecutor(tool.name())).build())
            .toList();
    return new ToolProviderResult(tools);
  }

  @Override
  public boolean isDynamic() {
    return delegate.isDynamic();
  }
}

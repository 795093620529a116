package dev.agentops.tracing.agentic;

import dev.agentops.Scope;
import dev.agentops.tracing.AnnouncedTool;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.service.tool.ToolExecution;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A tool of an agent, current on the thread that it runs on. */
final class RunningTool {

  private final AnnouncedTool tool;
  private final Invocation agent;
  private @Nullable Scope scope;

  RunningTool(AnnouncedTool tool, Invocation agent) {
    this.tool = tool;
    this.agent = agent;
  }

  AnnouncedTool tool() {
    return tool;
  }

  void entered(Scope opened) {
    scope = opened;
  }

  void end(ToolExecution execution) {
    try {
      tool.end(textOf(execution), execution.hasFailed());
    } finally {
      agent.ended(tool);
      if (scope != null) {
        scope.close();
      }
    }
  }

  /** Pictures and the like as LangChain4j describes them. */
  private static String textOf(ToolExecution execution) {
    List<Content> contents = execution.resultContents();
    return contents.size() == 1 && contents.get(0) instanceof TextContent single
        ? single.text()
        : contents.toString();
  }
}

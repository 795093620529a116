package dev.agentops;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.service.tool.ToolExecutionResult;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One execution of a tool. */
public final class ToolCall extends Call {

  private final ToolExecutionRequest request;
  private final @Nullable InvocationContext invocation;

  ToolCall(
      AgentOps ops,
      Context callerContext,
      ToolExecutionRequest request,
      @Nullable InvocationContext invocation) {
    super(ops, callerContext);
    this.request = request;
    this.invocation = invocation;
  }

  /**
   * What the model asked for: the tool's name, its arguments as JSON, and the id of the request.
   */
  public ToolExecutionRequest request() {
    return request;
  }

  /** A tool's result as text; pictures and the like as LangChain4j describes them. */
  public static String text(ToolExecutionResult result) {
    List<Content> contents = result.resultContents();
    return contents.size() == 1 && contents.get(0) instanceof TextContent single
        ? single.text()
        : contents.toString();
  }

  public String name() {
    return request.name();
  }

  /**
   * The invocation of the AI service that this execution belongs to; null where the caller gave
   * none.
   */
  public @Nullable InvocationContext invocation() {
    return invocation;
  }
}

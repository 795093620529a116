package dev.agentops;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
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
  private final ToolCallOrigins.@Nullable Origin origin;
  private volatile boolean cached;

  ToolCall(
      AgentOps ops,
      Context callerContext,
      ToolExecutionRequest request,
      @Nullable InvocationContext invocation,
      ToolCallOrigins.@Nullable Origin origin) {
    super(ops, callerContext);
    this.request = request;
    this.invocation = invocation;
    this.origin = origin;
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

  /** The span of the model call that asked for this; null where it is not known or not traced. */
  public @Nullable String askingSpanId() {
    return origin == null ? null : origin.spanId();
  }

  /** The trace of {@link #askingSpanId()}; null where that is. */
  public @Nullable String askingTraceId() {
    return origin == null ? null : origin.traceId();
  }

  /** The tool, as the model that asked for it was told; null where that is not known. */
  public @Nullable ToolSpecification specification() {
    return origin == null ? null : origin.specification();
  }

  /** Whether a cache answered. */
  public boolean cached() {
    return cached;
  }

  /** Tells that a cache answered, so that the tool does not run. */
  public void markCached() {
    this.cached = true;
  }
}

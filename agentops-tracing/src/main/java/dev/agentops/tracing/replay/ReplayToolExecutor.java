package dev.agentops.tracing.replay;

import dev.agentops.ToolCall;
import dev.agentops.tracing.SpanStatus;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.exception.ToolArgumentsException;
import dev.langchain4j.invocation.InvocationContext;
import dev.langchain4j.service.tool.ToolExecutionResult;
import dev.langchain4j.service.tool.ToolExecutor;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Gives a tool's recorded results, and after the fork those of the live tool where there is one.
 */
final class ReplayToolExecutor implements ToolExecutor {

  private final String name;
  private final Playback playback;
  private final @Nullable ToolExecutor live;

  ReplayToolExecutor(String name, Playback playback, @Nullable ToolExecutor live) {
    this.name = name;
    this.playback = playback;
    this.live = live;
  }

  @Override
  public String execute(ToolExecutionRequest request, @Nullable Object memoryId) {
    RecordedCall call = recorded(request);
    return call == null ? live().execute(request, memoryId) : ToolCall.text(result(call));
  }

  @Override
  public ToolExecutionResult executeWithContext(
      ToolExecutionRequest request, InvocationContext invocation) {
    RecordedCall call = recorded(request);
    return call == null ? live().executeWithContext(request, invocation) : result(call);
  }

  private @Nullable RecordedCall recorded(ToolExecutionRequest request) {
    return playback.toolCall(name, request.id(), request.arguments(), live != null);
  }

  private ToolExecutor live() {
    return Objects.requireNonNull(live, name); // else the playback has found a recorded call
  }

  private static ToolExecutionResult result(RecordedCall call) {
    String result = Calls.result(call.span());
    if (result == null) {
      RecordedErrorException error = call.error();
      // LangChain4j tells errors in arguments from others by this class
      throw error.errorType().equals(ToolArgumentsException.class.getName())
          ? new ToolArgumentsException(error)
          : error;
    }
    return ToolExecutionResult.builder()
        .resultText(result)
        .isError(call.span().status() != SpanStatus.OK)
        .build();
  }
}

package dev.agentops;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer that several calls get, made one call's own.
 *
 * <p>A request to run a tool is known by its identity, to tell the conversations apart that make an
 * equal one at the same time: each call gets new ones, the same ones while it streams and at its
 * end. Used by one thread at a time.
 */
final class OwnAnswer {

  private final List<ToolExecutionRequest> theirs = new ArrayList<>();
  private final List<ToolExecutionRequest> own = new ArrayList<>();

  /** The answer with tool calls of its own; itself where it has none. */
  static @Nullable ChatResponse of(@Nullable ChatResponse answer) {
    return answer == null ? null : new OwnAnswer().complete(answer);
  }

  CompleteToolCall toolCall(CompleteToolCall call) {
    ToolExecutionRequest copy = call.toolExecutionRequest().toBuilder().build();
    theirs.add(call.toolExecutionRequest());
    own.add(copy);
    return new CompleteToolCall(call.index(), copy);
  }

  ChatResponse complete(ChatResponse answer) {
    AiMessage message = answer.aiMessage();
    if (message == null || !message.hasToolExecutionRequests()) { // null in a mock
      return answer;
    }
    List<ToolExecutionRequest> requests =
        message.toolExecutionRequests().stream().map(this::mine).toList();
    return answer.toBuilder()
        .aiMessage(message.toBuilder().toolExecutionRequests(requests).build())
        .build();
  }

  private ToolExecutionRequest mine(ToolExecutionRequest request) {
    int at = theirs.indexOf(request);
    if (at < 0) {
      return request.toBuilder().build();
    }
    theirs.remove(at);
    return own.remove(at);
  }
}

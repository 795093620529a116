package dev.agentops;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.List;

/**
 * Gives a whole answer to a streaming handler, in the order in which a provider would have sent its
 * parts.
 */
final class StreamReplay implements StreamingHandle {

  private volatile boolean cancelled;

  private StreamReplay() {}

  static void replay(ChatResponse answer, StreamingChatResponseHandler handler) {
    StreamReplay stream = new StreamReplay();
    AiMessage message = answer.aiMessage();
    if (message.thinking() != null && !message.thinking().isEmpty()) {
      handler.onPartialThinking(
          new PartialThinking(message.thinking()), new PartialThinkingContext(stream));
    }
    if (!stream.cancelled && message.text() != null && !message.text().isEmpty()) {
      handler.onPartialResponse(
          new PartialResponse(message.text()), new PartialResponseContext(stream));
    }
    List<ToolExecutionRequest> tools = message.toolExecutionRequests();
    for (int i = 0; i < tools.size() && !stream.cancelled; i++) {
      handler.onCompleteToolCall(new CompleteToolCall(i, tools.get(i)));
    }
    if (!stream.cancelled) {
      handler.onCompleteResponse(answer);
    }
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }
}

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
 *
 * <p>What a callback throws is treated as LangChain4j's own models treat it: it is reported to
 * {@code onError}, and the stream goes on.
 */
final class StreamReplay implements StreamingHandle {

  private final StreamingChatResponseHandler handler;
  private volatile boolean cancelled;

  private StreamReplay(StreamingChatResponseHandler handler) {
    this.handler = handler;
  }

  static void replay(ChatResponse answer, StreamingChatResponseHandler handler) {
    new StreamReplay(handler).replay(answer);
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  private void replay(ChatResponse answer) {
    AiMessage message = answer.aiMessage();
    String thinking = message.thinking();
    if (thinking != null && !thinking.isEmpty()) {
      deliver(
          () ->
              handler.onPartialThinking(
                  new PartialThinking(thinking), new PartialThinkingContext(this)));
    }
    String text = message.text();
    if (text != null && !text.isEmpty()) {
      deliver(
          () ->
              handler.onPartialResponse(
                  new PartialResponse(text), new PartialResponseContext(this)));
    }
    List<ToolExecutionRequest> tools = message.toolExecutionRequests();
    for (int i = 0; i < tools.size(); i++) {
      CompleteToolCall tool = new CompleteToolCall(i, tools.get(i));
      deliver(() -> handler.onCompleteToolCall(tool));
    }
    deliver(() -> handler.onCompleteResponse(answer));
  }

  private void deliver(Runnable callback) {
    if (cancelled) {
      return;
    }
    try {
      callback.run();
    } catch (Exception e) {
      handler.onError(e);
    }
  }
}

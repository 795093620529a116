package dev.agentops;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.List;

/**
 * Gives an answer that is already there to a streaming handler, in the order in which a provider
 * would have sent its parts, on the thread of whoever calls. Nothing more comes once the handler
 * has cancelled.
 *
 * <p>What a callback throws is treated as LangChain4j's own models treat it: it is reported to
 * {@code onError}, and the stream goes on.
 */
public final class StreamReplay {

  private final StreamingChatResponseHandler handler;
  private final Handle handle = new Handle();

  private StreamReplay(StreamingChatResponseHandler handler) {
    this.handler = handler;
  }

  /** A stream to this handler, into which nothing has been given yet. */
  public static StreamReplay to(StreamingChatResponseHandler handler) {
    return new StreamReplay(handler);
  }

  /** The whole answer, its thinking and its text in one piece each. */
  static void replay(ChatResponse answer, StreamingChatResponseHandler handler) {
    StreamReplay stream = to(handler);
    AiMessage message = answer.aiMessage();
    stream.thinking(message.thinking() == null ? "" : message.thinking());
    stream.text(message.text() == null ? "" : message.text());
    stream.toolCalls(message.toolExecutionRequests());
    stream.complete(answer);
  }

  /** A piece of thinking; nothing if it is empty. */
  public void thinking(String piece) {
    if (!piece.isEmpty()) {
      deliver(
          () ->
              handler.onPartialThinking(
                  new PartialThinking(piece), new PartialThinkingContext(handle)));
    }
  }

  /** A piece of text; nothing if it is empty. */
  public void text(String piece) {
    if (!piece.isEmpty()) {
      deliver(
          () ->
              handler.onPartialResponse(
                  new PartialResponse(piece), new PartialResponseContext(handle)));
    }
  }

  /** A piece as it came, a whole tool call as one of the handler's own. */
  void chunk(StreamChunk chunk, OwnAnswer own) {
    PartialToolCall partial = chunk.partialToolCall();
    CompleteToolCall complete = chunk.completeToolCall();
    if (partial != null) {
      deliver(() -> handler.onPartialToolCall(partial, new PartialToolCallContext(handle)));
    } else if (complete != null) {
      CompleteToolCall mine = own.toolCall(complete);
      deliver(() -> handler.onCompleteToolCall(mine));
    } else if (chunk.kind() == StreamChunk.Kind.THINKING) {
      thinking(chunk.text());
    } else {
      text(chunk.text());
    }
  }

  /** All tool calls of the answer, each complete. */
  public void toolCalls(List<ToolExecutionRequest> calls) {
    for (int i = 0; i < calls.size(); i++) {
      CompleteToolCall call = new CompleteToolCall(i, calls.get(i));
      deliver(() -> handler.onCompleteToolCall(call));
    }
  }

  /** The end of the stream. */
  public void complete(ChatResponse answer) {
    deliver(() -> handler.onCompleteResponse(answer));
  }

  /** Whether the handler has cancelled the stream. */
  public boolean isCancelled() {
    return handle.isCancelled();
  }

  private void deliver(Runnable callback) {
    if (isCancelled()) {
      return;
    }
    try {
      callback.run();
    } catch (Exception e) {
      handler.onError(e);
    }
  }

  private static final class Handle implements StreamingHandle {

    private volatile boolean cancelled;

    @Override
    public void cancel() {
      cancelled = true;
    }

    @Override
    public boolean isCancelled() {
      return cancelled;
    }
  }
}

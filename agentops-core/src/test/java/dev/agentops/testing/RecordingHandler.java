package dev.agentops.testing;

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
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Writes down each callback of a stream, overload by overload. */
public final class RecordingHandler implements StreamingChatResponseHandler {

  private final List<String> calls = new CopyOnWriteArrayList<>();
  private volatile @Nullable StreamingHandle handle;
  private volatile @Nullable Throwable error;

  /** One line a callback, such as {@code text+ctx:Hello}. */
  public List<String> calls() {
    return calls;
  }

  /** The handle of the last callback that had one. */
  public @Nullable StreamingHandle handle() {
    return handle;
  }

  public @Nullable Throwable error() {
    return error;
  }

  @Override
  public void onPartialResponse(String partial) {
    calls.add("text:" + partial);
  }

  @Override
  public void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
    handle = context.streamingHandle();
    calls.add("text+ctx:" + partial.text());
  }

  @Override
  public void onPartialThinking(PartialThinking partial) {
    calls.add("thinking:" + partial.text());
  }

  @Override
  public void onPartialThinking(PartialThinking partial, PartialThinkingContext context) {
    handle = context.streamingHandle();
    calls.add("thinking+ctx:" + partial.text());
  }

  @Override
  public void onPartialToolCall(PartialToolCall partial) {
    calls.add("tool:" + partial.partialArguments());
  }

  @Override
  public void onPartialToolCall(PartialToolCall partial, PartialToolCallContext context) {
    handle = context.streamingHandle();
    calls.add("tool+ctx:" + partial.partialArguments());
  }

  @Override
  public void onCompleteToolCall(CompleteToolCall complete) {
    calls.add("completeTool:" + complete.toolExecutionRequest().name());
  }

  @Override
  public void onUnmappedRawEvent(Object rawEvent) {
    calls.add("raw:" + rawEvent);
  }

  @Override
  public void onCompleteResponse(ChatResponse response) {
    calls.add("complete:" + response.aiMessage().text());
  }

  @Override
  public void onError(Throwable error) {
    this.error = error;
    calls.add("error:" + error.getMessage());
  }
}

package dev.agentops;

import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;

/**
 * A handler of a stream that stands before another handler and gets each callback in its own
 * overload, as LangChain4j's tools that run concurrently need it.
 */
public interface StreamDecorator extends StreamingChatResponseHandler {

  /** The handler behind this one. */
  StreamingChatResponseHandler handler();

  /** Passes a callback on that is not the last one, or keeps it back. */
  void relay(Runnable callback);

  /** What the handler behind this one gets in place of the stream's handle. */
  StreamingHandle handle(StreamingHandle original);

  @Override
  default void onPartialResponse(String partial) {
    relay(() -> handler().onPartialResponse(partial));
  }

  @Override
  default void onPartialResponse(PartialResponse partial, PartialResponseContext context) {
    PartialResponseContext mine = new PartialResponseContext(handle(context.streamingHandle()));
    relay(() -> handler().onPartialResponse(partial, mine));
  }

  @Override
  default void onPartialThinking(PartialThinking partial) {
    relay(() -> handler().onPartialThinking(partial));
  }

  @Override
  default void onPartialThinking(PartialThinking partial, PartialThinkingContext context) {
    PartialThinkingContext mine = new PartialThinkingContext(handle(context.streamingHandle()));
    relay(() -> handler().onPartialThinking(partial, mine));
  }

  @Override
  default void onPartialToolCall(PartialToolCall partial) {
    relay(() -> handler().onPartialToolCall(partial));
  }

  @Override
  default void onPartialToolCall(PartialToolCall partial, PartialToolCallContext context) {
    PartialToolCallContext mine = new PartialToolCallContext(handle(context.streamingHandle()));
    relay(() -> handler().onPartialToolCall(partial, mine));
  }

  @Override
  default void onCompleteToolCall(CompleteToolCall complete) {
    relay(() -> handler().onCompleteToolCall(complete));
  }

  @Override
  default void onUnmappedRawEvent(Object rawEvent) {
    relay(() -> handler().onUnmappedRawEvent(rawEvent));
  }
}

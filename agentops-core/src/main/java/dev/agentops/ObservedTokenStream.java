package dev.agentops;

import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.rag.content.Content;
import dev.langchain4j.service.TokenStream;
import dev.langchain4j.service.tool.BeforeToolExecution;
import dev.langchain4j.service.tool.ToolExecution;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The stream of an AI service as one run of an agent. It starts in the run's context; the two
 * callbacks that come last run in the caller's, where the next turn belongs.
 */
final class ObservedTokenStream implements TokenStream {

  private final AgentCall call;
  private final TokenStream delegate;

  ObservedTokenStream(AgentCall call, TokenStream delegate) {
    this.call = call;
    this.delegate = delegate;
  }

  @Override
  public void start() {
    call.started();
    try (Scope ignored = call.context().makeCurrent()) {
      delegate.start();
    } catch (Throwable t) {
      call.end(Outcome.failed(t));
      throw t;
    }
  }

  @Override
  public TokenStream onCompleteResponse(Consumer<ChatResponse> handler) {
    delegate.onCompleteResponse(inCallersContext(handler));
    return this;
  }

  @Override
  public TokenStream onError(Consumer<Throwable> handler) {
    delegate.onError(inCallersContext(handler));
    return this;
  }

  @Override
  public TokenStream ignoreErrors() {
    delegate.ignoreErrors();
    return this;
  }

  @Override
  public TokenStream onPartialResponse(Consumer<String> handler) {
    delegate.onPartialResponse(handler);
    return this;
  }

  @Override
  public TokenStream onPartialResponseWithContext(
      BiConsumer<PartialResponse, PartialResponseContext> handler) {
    delegate.onPartialResponseWithContext(handler);
    return this;
  }

  @Override
  public TokenStream onPartialThinking(Consumer<PartialThinking> handler) {
    delegate.onPartialThinking(handler);
    return this;
  }

  @Override
  public TokenStream onPartialThinkingWithContext(
      BiConsumer<PartialThinking, PartialThinkingContext> handler) {
    delegate.onPartialThinkingWithContext(handler);
    return this;
  }

  @Override
  public TokenStream onPartialToolCall(Consumer<PartialToolCall> handler) {
    delegate.onPartialToolCall(handler);
    return this;
  }

  @Override
  public TokenStream onPartialToolCallWithContext(
      BiConsumer<PartialToolCall, PartialToolCallContext> handler) {
    delegate.onPartialToolCallWithContext(handler);
    return this;
  }

  @Override
  public TokenStream onRetrieved(Consumer<List<Content>> handler) {
    delegate.onRetrieved(handler);
    return this;
  }

  @Override
  public TokenStream onIntermediateResponse(Consumer<ChatResponse> handler) {
    delegate.onIntermediateResponse(handler);
    return this;
  }

  @Override
  public TokenStream beforeToolExecution(Consumer<BeforeToolExecution> handler) {
    delegate.beforeToolExecution(handler);
    return this;
  }

  @Override
  public TokenStream onUnmappedRawEvent(Consumer<Object> handler) {
    delegate.onUnmappedRawEvent(handler);
    return this;
  }

  @Override
  public TokenStream onToolExecuted(Consumer<ToolExecution> handler) {
    delegate.onToolExecuted(handler);
    return this;
  }

  private <T> Consumer<T> inCallersContext(Consumer<T> handler) {
    return handler == null // LangChain4j's to judge
        ? handler
        : value -> {
          try (Scope ignored = call.callerContext().makeCurrent()) {
            handler.accept(value);
          }
        };
  }
}

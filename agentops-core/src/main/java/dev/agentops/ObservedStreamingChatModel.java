package dev.agentops;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;

/** A streaming chat model behind the chain; the rules are those of {@link ObservedChatModel}. */
final class ObservedStreamingChatModel implements StreamingChatModel {

  private final AgentOps ops;
  private final StreamingChatModel delegate;

  ObservedStreamingChatModel(AgentOps ops, StreamingChatModel delegate) {
    this.ops = ops;
    this.delegate = delegate;
  }

  boolean isOf(AgentOps other) {
    return ops == other;
  }

  @Override
  public void chat(ChatRequest request, StreamingChatResponseHandler handler) {
    observe(request, handler, relay -> delegate.chat(request, relay));
  }

  @Override
  public void chat(
      ChatRequest request, ChatRequestOptions options, StreamingChatResponseHandler handler) {
    observe(request, handler, relay -> delegate.chat(request, options, relay));
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    observe(request, handler, relay -> delegate.doChat(request, relay));
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return delegate.defaultRequestParameters();
  }

  @Override
  public List<ChatModelListener> listeners() {
    return delegate.listeners();
  }

  @Override
  public ModelProvider provider() {
    return delegate.provider();
  }

  @Override
  public Set<Capability> supportedCapabilities() {
    return delegate.supportedCapabilities();
  }

  private void observe(
      ChatRequest request,
      StreamingChatResponseHandler handler,
      Consumer<StreamingChatResponseHandler> ask) {
    Objects.requireNonNull(handler, "handler");
    ModelCall call =
        new ModelCall(
            ops,
            Context.current(),
            request,
            ops.ask("defaultRequestParameters() of a model", delegate::defaultRequestParameters),
            ops.ask("provider() of a model", delegate::provider),
            true);
    Outcome<ChatResponse> early = ops.modelChain().enter(call);
    if (early != null) {
      ops.finish(call, early);
      deliver(early, handler);
      return;
    }
    StreamRelay relay = new StreamRelay(ops, call, handler);
    try (Scope ignored = call.context().makeCurrent()) {
      relay.watch();
      ask.accept(relay);
    } catch (Throwable t) { // refused before the stream began: no callback will ever come
      relay.end(Outcome.failed(t));
      throw t;
    }
    relay.returned();
  }

  private void deliver(Outcome<ChatResponse> early, StreamingChatResponseHandler handler) {
    ChatResponse answer = early.response();
    if (answer != null) {
      ops.attempt("a handler of a replayed stream", () -> StreamReplay.replay(answer, handler));
    } else {
      // not thrown: from the second round of an AI service on, a throw would end in LangChain4j's
      // log and the stream would never end
      ops.attempt(
          "onError of a stream's handler",
          () -> handler.onError(Objects.requireNonNull(early.error())));
    }
  }
}

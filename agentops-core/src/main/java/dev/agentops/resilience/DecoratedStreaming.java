package dev.agentops.resilience;

import dev.agentops.ModelDecorator;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** A streaming chat model that asks others; the rules are those of {@link Decorated}. */
final class DecoratedStreaming implements StreamingChatModel, ModelDecorator {

  private final Targets targets;
  private final StreamingChatModel first;
  private final Asking asking;

  DecoratedStreaming(Targets targets, Asking asking) {
    this.targets = targets;
    this.first = (StreamingChatModel) targets.models().get(0);
    this.asking = asking;
  }

  @Override
  public List<?> delegates() {
    return targets.models();
  }

  @Override
  public void chat(ChatRequest request, StreamingChatResponseHandler handler) {
    run(request, handler, StreamingChatModel::chat);
  }

  @Override
  public void chat(
      ChatRequest request, ChatRequestOptions options, StreamingChatResponseHandler handler) {
    run(request, handler, (model, asked, relay) -> model.chat(asked, options, relay));
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    run(request, handler, StreamingChatModel::doChat);
  }

  @Override
  public ChatRequestParameters defaultRequestParameters() {
    return first.defaultRequestParameters();
  }

  @Override
  public List<ChatModelListener> listeners() {
    return first.listeners();
  }

  @Override
  public ModelProvider provider() {
    return first.provider();
  }

  @Override
  public Set<Capability> supportedCapabilities() {
    return first.supportedCapabilities();
  }

  private void run(ChatRequest request, StreamingChatResponseHandler handler, Ask ask) {
    asking.run(request, Objects.requireNonNull(handler, "handler"), ask);
  }

  /** How the models are asked, and which. */
  interface Asking {

    void run(ChatRequest request, StreamingChatResponseHandler handler, Ask ask);
  }

  /** Asks one of them. */
  interface Ask {

    void ask(StreamingChatModel model, ChatRequest request, StreamingChatResponseHandler handler);
  }
}

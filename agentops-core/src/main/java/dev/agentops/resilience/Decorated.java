package dev.agentops.resilience;

import dev.agentops.ModelDecorator;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.ChatRequestOptions;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import java.util.List;
import java.util.Set;

/**
 * A chat model that asks others, each by the very overload that it is asked by: only they merge
 * their defaults and fire their listeners. To its caller it looks like the first of them.
 */
final class Decorated implements ChatModel, ModelDecorator {

  private final Targets targets;
  private final ChatModel first;
  private final Asking asking;

  Decorated(Targets targets, Asking asking) {
    this.targets = targets;
    this.first = (ChatModel) targets.models().get(0);
    this.asking = asking;
  }

  @Override
  public List<?> delegates() {
    return targets.models();
  }

  @Override
  public ChatResponse chat(ChatRequest request) {
    return asking.run(request, ChatModel::chat);
  }

  @Override
  public ChatResponse chat(ChatRequest request, ChatRequestOptions options) {
    return asking.run(request, (model, asked) -> model.chat(asked, options));
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    return asking.run(request, ChatModel::doChat);
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

  /** How the models are asked, and which. */
  interface Asking {

    ChatResponse run(ChatRequest request, Ask ask);
  }

  /** Asks one of them. */
  interface Ask {

    ChatResponse ask(ChatModel model, ChatRequest request);
  }
}

package dev.agentops;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.UserMessage;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A chat model behind the chain.
 *
 * <p>Each overload calls the same overload of the delegate with the caller's own request: only the
 * delegate merges its defaults and fires its listeners, so neither happens twice, and a delegate
 * that overrides just one overload keeps working. The overloads of texts and messages, the answers
 * of which need not tell of tokens, lead to the one of a request, unless the delegate has none.
 */
final class ObservedChatModel implements ChatModel {

  private final AgentOps ops;
  private final ChatModel delegate;

  ObservedChatModel(AgentOps ops, ChatModel delegate) {
    this.ops = ops;
    this.delegate = delegate;
  }

  AgentOps ops() {
    return ops;
  }

  ChatModel delegate() {
    return delegate;
  }

  @Override
  public ChatResponse chat(ChatRequest request) {
    return observe(request, delegate::chat);
  }

  @Override
  public ChatResponse chat(ChatRequest request, ChatRequestOptions options) {
    return observe(request, asked -> delegate.chat(asked, options));
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    return observe(request, delegate::doChat);
  }

  @Override
  public String chat(String message) {
    return implementsRequests()
        ? ChatModel.super.chat(message)
        : observe(
                ChatRequest.builder().messages(UserMessage.from(message)).build(),
                asked -> textOnly(delegate.chat(message)))
            .aiMessage()
            .text();
  }

  @Override
  public ChatResponse chat(ChatMessage... messages) {
    return implementsRequests()
        ? ChatModel.super.chat(messages)
        : observe(
            ChatRequest.builder().messages(messages).build(), asked -> delegate.chat(messages));
  }

  @Override
  public ChatResponse chat(List<ChatMessage> messages) {
    return implementsRequests()
        ? ChatModel.super.chat(messages)
        : observe(
            ChatRequest.builder().messages(messages).build(), asked -> delegate.chat(messages));
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

  /** Whether the delegate answers requests, as all but a few models of tests do. */
  private boolean implementsRequests() {
    return overrides("chat", ChatRequest.class)
        || overrides("doChat", ChatRequest.class)
        || overrides("chat", ChatRequest.class, ChatRequestOptions.class);
  }

  private boolean overrides(String method, Class<?>... parameters) {
    try {
      return delegate.getClass().getMethod(method, parameters).getDeclaringClass()
          != ChatModel.class;
    } catch (NoSuchMethodException e) { // not with this LangChain4j
      return true;
    }
  }

  private static ChatResponse textOnly(String text) {
    return ChatResponse.builder().aiMessage(AiMessage.from(text)).build();
  }

  private ChatResponse observe(ChatRequest request, Function<ChatRequest, ChatResponse> ask) {
    ModelCall call =
        new ModelCall(
            ops,
            Context.current(),
            request,
            ops.ask("defaultRequestParameters() of a model", delegate::defaultRequestParameters),
            ops.ask("provider() of a model", delegate::provider),
            false);
    return Observation.run(
        call,
        ops.chains().models(),
        () -> enter(call),
        () -> ask.apply(call.outgoingRequest()),
        Function.identity(),
        Function.identity());
  }

  private @Nullable Outcome<ChatResponse> enter(ModelCall call) {
    Outcome<ChatResponse> early = ops.chains().models().enter(call);
    Following following = call.following();
    while (early == null && following != null) {
      early = following.await(call);
      if (early == null) {
        call.stopFollowing();
        early = ops.chains().models().enterAgain(call);
      }
      following = call.following();
    }
    return early;
  }
}

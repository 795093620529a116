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
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A streaming chat model behind the chain; the rules are those of {@link ObservedChatModel}. */
final class ObservedStreamingChatModel implements StreamingChatModel {

  private final AgentOps ops;
  private final StreamingChatModel delegate;
  private final boolean ofAgent;

  ObservedStreamingChatModel(AgentOps ops, StreamingChatModel delegate) {
    this(ops, delegate, false);
  }

  private ObservedStreamingChatModel(AgentOps ops, StreamingChatModel delegate, boolean ofAgent) {
    this.ops = ops;
    this.delegate = delegate;
    this.ofAgent = ofAgent;
  }

  /** This model in the hands of an AI service, the runs of which fail when its streams do. */
  ObservedStreamingChatModel ofAgent() {
    return new ObservedStreamingChatModel(ops, delegate, true);
  }

  AgentOps ops() {
    return ops;
  }

  StreamingChatModel delegate() {
    return delegate;
  }

  @Override
  public void chat(ChatRequest request, StreamingChatResponseHandler handler) {
    observe(request, handler, delegate::chat);
  }

  @Override
  public void chat(
      ChatRequest request, ChatRequestOptions options, StreamingChatResponseHandler handler) {
    observe(request, handler, (asked, relay) -> delegate.chat(asked, options, relay));
  }

  @Override
  public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
    observe(request, handler, delegate::doChat);
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
      BiConsumer<ChatRequest, StreamingChatResponseHandler> ask) {
    Objects.requireNonNull(handler, "handler");
    Context context = ofAgent ? ops.contextOf(request) : Context.current();
    AgentCall agent = ofAgent ? context.get(AgentCall.KEY) : null;
    if (agent != null) {
      agent.started();
    }
    ModelCall call =
        new ModelCall(
            ops,
            context,
            request,
            ops.ask("defaultRequestParameters() of a model", delegate::defaultRequestParameters),
            ops.ask("provider() of a model", delegate::provider),
            true);
    Outcome<ChatResponse> early = ops.chains().models().enter(call);
    if (early != null) {
      ops.chains().models().finish(call, early);
      deliver(early, call, agent, handler);
      return;
    }
    StreamRelay relay = new StreamRelay(ops, call, agent, handler);
    Runnable askModel =
        () -> {
          if (relay.hasEnded()) { // broken off before it began
            return;
          }
          try (Scope ignored = call.context().makeCurrent()) {
            ask.accept(call.outgoingRequest(), relay);
          } catch (Throwable t) { // refused before the stream began: no callback will ever come
            relay.end(Outcome.failed(t));
            throw t;
          }
          relay.returned();
        };
    relay.start();
    Following following = call.following();
    if (following == null) {
      relay.watch(null);
      askModel.run();
    } else {
      follow(
          call,
          following,
          relay,
          askModel,
          answer -> {
            if (relay.end(answer)) {
              deliver(answer, call, agent, handler);
            }
          });
    }
  }

  /**
   * Gives a call the stream of another one; if that comes to nothing, what the chain says next.
   *
   * @param early takes what an interceptor answered then
   */
  private void follow(
      ModelCall call,
      Following following,
      StreamRelay relay,
      Runnable askModel,
      Consumer<Outcome<ChatResponse>> early) {
    LiveAnswerFeed feed =
        new LiveAnswerFeed(call, following, relay, () -> takeOver(call, relay, askModel, early));
    relay.watch(feed::giveUp);
    feed.start();
  }

  private void takeOver(
      ModelCall call, StreamRelay relay, Runnable askModel, Consumer<Outcome<ChatResponse>> early) {
    call.stopFollowing();
    Outcome<ChatResponse> answer;
    try (Scope ignored = call.callerContext().makeCurrent()) {
      answer = ops.chains().models().enterAgain(call);
    }
    Following other = call.following();
    if (answer != null) {
      early.accept(answer);
    } else if (other != null) {
      follow(call, other, relay, askModel, early);
    } else {
      relay.watch(null);
      try {
        askModel.run();
      } catch (Throwable t) { // the caller is not here to catch it
        relay.onError(t);
      }
    }
  }

  /** Never throws: LangChain4j would hear of it as little as of what a handler throws. */
  private void deliver(
      Outcome<ChatResponse> early,
      ModelCall call,
      @Nullable AgentCall agent,
      StreamingChatResponseHandler handler) {
    ChatResponse answer = early.response();
    Throwable refusal = early.error();
    if (agent != null && refusal != null) {
      agent.end(Outcome.failed(refusal));
    }
    try (Scope ignored = call.callerContext().makeCurrent()) {
      if (answer != null) {
        StreamReplay.replay(answer, handler);
      } else {
        // not thrown: from the second round of an AI service on, a throw would end in LangChain4j's
        // log and the stream would never end
        handler.onError(Objects.requireNonNull(refusal));
      }
    } catch (Throwable t) {
      if (agent != null) {
        agent.end(Outcome.failed(t));
      }
      ops.report("the handler of a stream that an interceptor answered", t);
    }
  }
}

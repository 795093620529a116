package dev.agentops;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A decorator of streaming models in the hands of an AI service: the run of the agent fails when
 * the decorator does, and not with an attempt that it makes up for.
 */
final class AgentStreamingChatModel implements StreamingChatModel, ModelDecorator {

  private final AgentOps ops;
  private final StreamingChatModel delegate;

  AgentStreamingChatModel(AgentOps ops, StreamingChatModel delegate) {
    this.ops = ops;
    this.delegate = delegate;
  }

  @Override
  public List<?> delegates() {
    return List.of(delegate);
  }

  @Override
  public void chat(ChatRequest request, StreamingChatResponseHandler handler) {
    Context context = ops.contextOf(request);
    AgentCall agent = context.get(AgentCall.KEY);
    if (agent == null) {
      delegate.chat(request, handler);
      return;
    }
    agent.started();
    Relay relay = new Relay(agent, handler);
    try (Scope ignored = context.makeCurrent()) {
      delegate.chat(request, relay);
    } catch (Throwable t) {
      agent.end(Outcome.failed(t));
      throw t;
    }
    relay.returned();
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

  /** Tells the run of the ends that LangChain4j does not tell it of. */
  private static final class Relay implements StreamDecorator {

    private final AgentCall agent;
    private final StreamingChatResponseHandler handler;
    private volatile @Nullable Throwable thrownByHandler;
    private volatile @Nullable Thread toldItsOwn;
    private volatile boolean cancelling;

    Relay(AgentCall agent, StreamingChatResponseHandler handler) {
      this.agent = agent;
      this.handler = handler;
    }

    @Override
    public StreamingChatResponseHandler handler() {
      return handler;
    }

    @Override
    public void relay(Runnable callback) {
      try {
        callback.run();
        thrownByHandler = null;
        toldItsOwn = null;
      } catch (Throwable t) {
        thrownByHandler = t;
        throw t;
      }
    }

    @Override
    public StreamingHandle handle(StreamingHandle original) {
      return new StreamingHandle() {

        @Override
        public void cancel() {
          cancelling = true; // a provider may report its own closing as an error
          try {
            original.cancel();
          } catch (Throwable t) { // cannot be cancelled: the stream goes on
            cancelling = false;
            throw t;
          }
          agent.end(Outcome.cancelled());
        }

        @Override
        public boolean isCancelled() {
          return original.isCancelled();
        }
      };
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
      try {
        handler.onCompleteResponse(response);
      } catch (Throwable t) { // its tools or its next question failed, and nobody will be told
        agent.end(Outcome.failed(t));
        throw t;
      }
    }

    @Override
    public void onError(Throwable error) {
      if (error == thrownByHandler) { // the stream goes on, mostly: see StreamRelay
        toldItsOwn = Thread.currentThread();
      } else {
        agent.end(cancelling ? Outcome.cancelled() : Outcome.failed(error));
      }
      handler.onError(error);
    }

    /** The model that streamed right here, and stopped at what the handler threw, has failed. */
    void returned() {
      Throwable thrown = thrownByHandler;
      if (thrown != null && toldItsOwn == Thread.currentThread()) {
        agent.end(Outcome.failed(thrown));
      }
    }
  }
}

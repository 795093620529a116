package dev.agentops;

import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.OpsEventListener;
import dev.agentops.event.ToolCallEvent;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.rag.RetrievalAugmentor;
import dev.langchain4j.rag.content.retriever.ContentRetriever;
import dev.langchain4j.service.AiServices;
import dev.langchain4j.service.tool.ToolExecutor;
import dev.langchain4j.service.tool.ToolProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Wraps the models and tools of an agent, so that every call passes through a chain of
 * interceptors.
 *
 * <pre>{@code
 * AgentOps ops = AgentOps.with(tracing, caching, limiting, costing).listener(alerts).build();
 * ChatModel model = ops.wrap(new OpenAiChatModel(...));
 * }</pre>
 *
 * <p>The order of the arguments is the order of the chain, the first is the outermost:
 *
 * <pre>
 *   caller ──> tracing ──> caching ──> limiting ──> costing ──> model     before, in this order
 *   caller &lt;── tracing &lt;── caching &lt;── limiting &lt;── costing &lt;── model     after, in reverse
 *      └─> one ModelCallEvent to every listener, before the caller gets the answer
 * </pre>
 *
 * <p>So: tracing first, to see everything; the cache before what a hit must not use up, the limiter
 * and the budget; the cost next to the model. A refusal of an interceptor ({@link
 * CallRejectedException}) is thrown to the caller, or handed to {@code onError} of a stream. Every
 * other failure of an interceptor or a listener is counted ({@link #faults()}), logged once a
 * minute at most, and never reaches the agent.
 *
 * <p>Thread-safe. Holds no resources: nothing needs to be closed.
 */
public final class AgentOps {

  private final Clock clock;
  private final Duration firstChunkTimeout;
  private final Duration idleTimeout;
  private final FaultLog faults;
  private final OpsEventListener listeners;
  private final Attributes attributes;
  private final @Nullable TokenCounter tokenCounter;
  private final Chains chains;
  private final ToolCallOrigins toolCallOrigins = new ToolCallOrigins();
  private final Origins<ChatRequest, Context> requestOrigins =
      new Origins<>((a, b) -> a == b, context -> false);
  private final Invocations invocations = new Invocations();

  private AgentOps(Builder from) {
    clock = from.clock;
    firstChunkTimeout = from.firstChunkTimeout;
    idleTimeout = from.idleTimeout;
    faults = new FaultLog(AgentOps.class, clock);
    listeners = OpsEventListener.all(from.allListeners(), faults);
    attributes = from.attributes;
    tokenCounter = from.tokenCounter;
    chains = new Chains(this, from.interceptors);
  }

  /**
   * Starts a chain; the first interceptor is the outermost.
   *
   * @throws IllegalArgumentException if one interceptor is given twice
   */
  public static Builder with(ChatInterceptor... interceptors) {
    return new Builder(List.of(interceptors));
  }

  /**
   * The model, behind this chain.
   *
   * <p>A model whose {@code baseUrl} leads to another host (Groq, xAI, DeepSeek, OpenRouter, a
   * gateway) is its client's provider to LangChain4j, mostly {@code openai}: tell tracing, prices
   * and events who it is with {@link Attributes#PROVIDER_NAME}, in a {@link #scope} or, for an
   * {@code AgentOps} of its own, in {@link Builder#attributes}.
   *
   * <p>The wrapped model keeps its default parameters, capabilities, provider and listeners; its
   * listeners fire as they did before, and not for answers of an interceptor. Wrapping a model that
   * this chain wraps already returns it as it is, and so for a {@link ModelDecorator} of such.
   *
   * @throws IllegalArgumentException if some models of a {@link ModelDecorator} are behind this
   *     chain and others are not: their calls would be counted twice, or not at all
   */
  public ChatModel wrap(ChatModel model) {
    Objects.requireNonNull(model, "model");
    return isBehind(model) ? model : new ObservedChatModel(this, model);
  }

  /**
   * The streaming model, behind this chain.
   *
   * <p>A refusal is handed to the handler's {@code onError}. An answer of an interceptor is
   * replayed on the caller's thread. A stream that is silent for too long ends with a {@link
   * StreamTimeoutException}, at its {@link Deadline} with a {@link DeadlineExceededException}.
   * Callbacks run in the {@link Context} of the caller.
   */
  public StreamingChatModel wrap(StreamingChatModel model) {
    Objects.requireNonNull(model, "model");
    return isBehind(model) ? model : new ObservedStreamingChatModel(this, model);
  }

  /**
   * The embedding model, behind the interceptors of this chain that are {@link
   * EmbeddingInterceptor}s.
   */
  public EmbeddingModel wrap(EmbeddingModel model) {
    Objects.requireNonNull(model, "model");
    return model instanceof ObservedEmbeddingModel observed && observed.isOf(this)
        ? model
        : new ObservedEmbeddingModel(this, model);
  }

  /**
   * The tool, behind the interceptors of this chain that are {@link ToolInterceptor}s.
   *
   * <p>On another thread, as when tools run concurrently, the tool runs in the context of the agent
   * that executes it, where {@link #aiServices} built that, plus the attributes of the thread's own
   * scopes; else, if the thread has no more than those, in the context of the model call that asked
   * for it, provided that model is wrapped by the same {@code AgentOps} and its answer is not an
   * object that several calls share.
   */
  public ToolExecutor wrap(ToolExecutor tool) {
    Objects.requireNonNull(tool, "tool");
    return tool instanceof ObservedToolExecutor observed && observed.isOf(this)
        ? tool
        : new ObservedToolExecutor(this, tool);
  }

  /** The provider, every tool of which is behind this chain; see {@link #wrap(ToolExecutor)}. */
  public ToolProvider wrap(ToolProvider provider) {
    Objects.requireNonNull(provider, "provider");
    return provider instanceof ObservedToolProvider observed && observed.isOf(this)
        ? provider
        : new ObservedToolProvider(this, provider);
  }

  /**
   * The retriever, behind the interceptors of this chain that are {@link RetrievalInterceptor}s,
   * under the simple name of its class.
   *
   * <p>On the pool of a {@code DefaultRetrievalAugmentor} it runs in the context of that, provided
   * that is wrapped by the same {@code AgentOps}, or of its agent, provided that {@link
   * #aiServices} built it; where neither is so, give the augmentor {@code
   * .executor(Scope.wrap(executor))}.
   */
  public ContentRetriever wrapRetriever(ContentRetriever retriever) {
    return wrapRetriever(retriever, nameOf(Objects.requireNonNull(retriever, "retriever")));
  }

  /**
   * As {@link #wrapRetriever(ContentRetriever)}, under a name of yours.
   *
   * @param dataSource where it looks, such as the name of a collection
   */
  public ContentRetriever wrapRetriever(ContentRetriever retriever, String dataSource) {
    Objects.requireNonNull(retriever, "retriever");
    if (dataSource.isBlank()) {
      throw new IllegalArgumentException("dataSource must not be blank: '" + dataSource + "'");
    }
    return retriever instanceof ObservedContentRetriever observed && observed.isOf(this)
        ? retriever
        : new ObservedContentRetriever(this, retriever, dataSource);
  }

  /**
   * The augmentor, behind the interceptors of this chain that are {@link RetrievalInterceptor}s:
   * one retrieval, inside of which are those of its retrievers as far as they are wrapped, too.
   */
  public RetrievalAugmentor wrapAugmentor(RetrievalAugmentor augmentor) {
    Objects.requireNonNull(augmentor, "augmentor");
    return augmentor instanceof ObservedRetrievalAugmentor observed && observed.isOf(this)
        ? augmentor
        : new ObservedRetrievalAugmentor(this, augmentor, nameOf(augmentor));
  }

  /**
   * LangChain4j's builder of an AI service, in place of {@code AiServices.builder(type)}: what it
   * builds is an agent behind this chain, and so are the models, tools, tool providers and
   * retrievers that it is given, which need not be wrapped.
   *
   * <p>Each call of a method is one {@link AgentCall} for the {@link AgentInterceptor}s, from the
   * call to the result or exception; where the method returns a stream or a future, to the end of
   * that. Default methods, those of {@code Object} and of {@code ChatMemoryAccess} are left alone.
   * What the service throws passes through unchanged.
   */
  public <T> AiServices<T> aiServices(Class<T> type) {
    return new ObservedAiServices<>(this, Objects.requireNonNull(type, "type"));
  }

  /**
   * Adds attributes to every call, span and record made by this thread until the scope is closed.
   */
  public Scope scope(Attributes attributes) {
    return Context.current().over(this.attributes).with(attributes).makeCurrent();
  }

  /**
   * Hears what is published at the chain that a model is behind, be it with decorators before it;
   * of several chains at the outermost one, and at none where there is none. Never throws.
   */
  public static OpsEventListener listenerOf(Object model) {
    AgentOps ops = chainOf(model);
    if (ops != null) {
      return ops::publish;
    }
    return model instanceof ModelDecorator decorator
        ? listenerOf(decorator.delegates().get(0))
        : event -> {};
  }

  /**
   * Whether the calls of a chat model pass a chain, of whatever {@code AgentOps}; those of a {@link
   * ModelDecorator} do if those of all its models do.
   */
  public static boolean isObserved(Object model) {
    return model instanceof ModelDecorator decorator
        ? decorator.delegates().stream().allMatch(AgentOps::isObserved)
        : chainOf(model) != null;
  }

  /**
   * The model that a chat model leads to, through chains and those decorators that have only one;
   * itself where it is neither.
   */
  public static Object innermost(Object model) {
    Object inner = model;
    while (true) {
      if (inner instanceof ObservedChatModel observed) {
        inner = observed.delegate();
      } else if (inner instanceof ObservedStreamingChatModel observed) {
        inner = observed.delegate();
      } else if (inner instanceof ModelDecorator decorator && decorator.delegates().size() == 1) {
        inner = decorator.delegates().get(0);
      } else {
        return inner;
      }
    }
  }

  /** How many failures of interceptors and listeners were kept from the agent. */
  public long faults() {
    return faults.count();
  }

  /** As {@link #wrap(StreamingChatModel)}, for an agent that ends when a stream breaks. */
  StreamingChatModel wrapForAgent(StreamingChatModel model) {
    StreamingChatModel wrapped = wrap(model);
    if (wrapped instanceof AgentStreamingChatModel) {
      return wrapped;
    }
    return wrapped instanceof ObservedStreamingChatModel observed
        ? observed.ofAgent()
        : new AgentStreamingChatModel(this, wrapped);
  }

  private boolean isBehind(Object model) {
    if (!(model instanceof ModelDecorator decorator)) {
      return chainOf(model) == this;
    }
    List<?> delegates = decorator.delegates();
    long behind = delegates.stream().filter(this::isBehind).count();
    if (behind > 0 && behind < delegates.size()) {
      throw new IllegalArgumentException(
          "wrap all models of a decorator or none, but "
              + behind
              + " of "
              + delegates.size()
              + " are wrapped: "
              + decorator);
    }
    return behind > 0;
  }

  private static @Nullable AgentOps chainOf(Object model) {
    if (model instanceof ObservedChatModel observed) {
      return observed.ops();
    }
    return model instanceof ObservedStreamingChatModel observed ? observed.ops() : null;
  }

  /** A reactive stream starts on the thread of its subscriber, which knows nothing of the agent. */
  Context contextOf(ChatRequest request) {
    Context issued = requestOrigins.take(request);
    Context current = Context.current();
    return issued == null || issued.get(AgentCall.KEY) == current.get(AgentCall.KEY)
        ? current
        : issued;
  }

  /** The simple name of an object's class; of a lambda, too, the beginning that tells something. */
  private static String nameOf(Object object) {
    String name = object.getClass().getSimpleName();
    int lambda = name.indexOf("$$Lambda");
    return lambda > 0 ? name.substring(0, lambda) : name.isEmpty() ? "unknown" : name;
  }

  Clock clock() {
    return clock;
  }

  Duration firstChunkTimeout() {
    return firstChunkTimeout;
  }

  Duration idleTimeout() {
    return idleTimeout;
  }

  ToolCallOrigins toolCallOrigins() {
    return toolCallOrigins;
  }

  Origins<ChatRequest, Context> requestOrigins() {
    return requestOrigins;
  }

  Invocations invocations() {
    return invocations;
  }

  Chains chains() {
    return chains;
  }

  Attributes attributes() {
    return attributes;
  }

  TokenCounter tokenCounter() {
    return tokenCounter == null ? TokenCounters.standard() : tokenCounter;
  }

  /**
   * What foreign code tells beside the call, or null where it fails: that is no reason to fail the
   * call.
   */
  <T> @Nullable T ask(String what, Supplier<@Nullable T> source) {
    try {
      return source.get();
    } catch (Throwable t) {
      report(what, t);
      return null;
    }
  }

  /** Runs foreign code whose failure must not stop ours. */
  void attempt(String what, Runnable action) {
    try {
      action.run();
    } catch (Throwable t) {
      report(what, t);
    }
  }

  void report(String what, Throwable failure) {
    faults.report(what, failure);
  }

  void publish(OpsEvent event) {
    listeners.onEvent(event);
  }

  /** Configures an {@link AgentOps}. Not thread-safe. */
  public static final class Builder {

    /** {@value} seconds: reasoning models think for minutes before they say a word. */
    public static final long DEFAULT_FIRST_CHUNK_TIMEOUT_SECONDS = 300;

    /** {@value} seconds. */
    public static final long DEFAULT_IDLE_TIMEOUT_SECONDS = 60;

    private final List<ChatInterceptor> interceptors;
    private final List<OpsEventListener> listeners = new ArrayList<>();
    private Clock clock = Clock.system();
    private Duration firstChunkTimeout = Duration.ofSeconds(DEFAULT_FIRST_CHUNK_TIMEOUT_SECONDS);
    private Duration idleTimeout = Duration.ofSeconds(DEFAULT_IDLE_TIMEOUT_SECONDS);
    private Attributes attributes = Attributes.empty();
    private @Nullable TokenCounter tokenCounter;

    private Builder(List<ChatInterceptor> interceptors) {
      Set<ChatInterceptor> different = Collections.newSetFromMap(new IdentityHashMap<>());
      for (ChatInterceptor interceptor : interceptors) {
        if (!different.add(interceptor)) {
          // its state in a call would be that of the later place
          throw new IllegalArgumentException(
              "an interceptor can stand in a chain once: " + interceptor);
        }
      }
      this.interceptors = interceptors;
    }

    /**
     * Adds a listener that is told of every event: a {@link ModelCallEvent} for each model call, a
     * {@link ToolCallEvent} for each tool, and what interceptors publish. It runs on the thread of
     * the call, before the caller gets its answer, and should be quick; what it throws is logged
     * and ignored. It is told of the calls that it makes itself, too: one that answers each event
     * with a call never ends. An interceptor that is a listener hears events without being added.
     */
    public Builder listener(OpsEventListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * How long a stream may take to its first chunk; 300 seconds unless said. Clients' own timeouts
     * often cover the headers only.
     */
    public Builder firstChunkTimeout(Duration timeout) {
      this.firstChunkTimeout = positive("firstChunkTimeout", timeout);
      return this;
    }

    /** How long a stream may be silent between two chunks; 60 seconds unless said. */
    public Builder idleTimeout(Duration timeout) {
      this.idleTimeout = positive("idleTimeout", timeout);
      return this;
    }

    /**
     * Attributes of every call, such as {@link Attributes#RELEASE} and {@link
     * Attributes#ENVIRONMENT}; those of a scope go before. In place of what was given earlier.
     */
    public Builder attributes(Attributes attributes) {
      this.attributes = Objects.requireNonNull(attributes, "attributes");
      return this;
    }

    /**
     * Counts the tokens of calls of which the provider tells no usage, and of streams that were
     * cancelled or broke. Unless said, {@link dev.agentops.usage.JTokkitTokenCounter} where {@code
     * com.knuddels:jtokkit} is on the class path, else four characters are a token. It is shown
     * 200,000 characters of a call; what is beyond is taken to have as many tokens a character.
     */
    public Builder tokenCounter(TokenCounter counter) {
      this.tokenCounter = Objects.requireNonNull(counter, "counter");
      return this;
    }

    /**
     * The chain. Unless a {@link #tokenCounter} was given, JTokkit, where it is on the class path,
     * begins to read its table on a daemon thread, once in a process.
     */
    public AgentOps build() {
      if (tokenCounter == null) {
        TokenCounters.warmUp();
      }
      return new AgentOps(this);
    }

    /** Those that were added and the interceptors that listen, each once. */
    private List<OpsEventListener> allListeners() {
      Set<OpsEventListener> all = Collections.newSetFromMap(new IdentityHashMap<>());
      List<OpsEventListener> ordered = new ArrayList<>();
      for (ChatInterceptor interceptor : interceptors) {
        if (interceptor instanceof OpsEventListener listener && all.add(listener)) {
          ordered.add(listener);
        }
      }
      for (OpsEventListener listener : listeners) {
        if (!(listener instanceof ChatInterceptor) || all.add(listener)) {
          ordered.add(listener);
        }
      }
      return List.copyOf(ordered);
    }

    private static Duration positive(String name, @Nullable Duration duration) {
      if (duration == null || duration.isZero() || duration.isNegative()) {
        throw new IllegalArgumentException(name + " must be positive: " + duration);
      }
      return duration;
    }
  }
}

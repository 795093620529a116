package dev.agentops;

import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.OpsEventListener;
import dev.agentops.event.ToolCallEvent;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import dev.langchain4j.service.tool.ToolExecutionResult;
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
  private final List<OpsEventListener> listeners;
  private final FaultLog faults;
  private final Chain<ModelCall, ChatResponse> modelChain;
  private final Chain<EmbeddingCall, EmbeddingResponse> embeddingChain;
  private final Chain<ToolCall, ToolExecutionResult> toolChain;
  private final ToolCallOrigins toolCallOrigins = new ToolCallOrigins();

  private AgentOps(Builder from) {
    clock = from.clock;
    firstChunkTimeout = from.firstChunkTimeout;
    idleTimeout = from.idleTimeout;
    listeners = List.copyOf(from.listeners);
    faults = new FaultLog(AgentOps.class, clock);
    List<Chain.Link<ModelCall, ChatResponse>> models = new ArrayList<>();
    List<Chain.Link<EmbeddingCall, EmbeddingResponse>> embeddings = new ArrayList<>();
    List<Chain.Link<ToolCall, ToolExecutionResult>> tools = new ArrayList<>();
    for (ChatInterceptor interceptor : from.interceptors) {
      models.add(new Chain.Link<>(interceptor, interceptor::before, interceptor::after));
      if (interceptor instanceof EmbeddingInterceptor embedding) {
        embeddings.add(new Chain.Link<>(interceptor, embedding::before, embedding::after));
      }
      if (interceptor instanceof ToolInterceptor tool) {
        tools.add(new Chain.Link<>(interceptor, tool::before, tool::after));
      }
    }
    modelChain = new Chain<>(models, faults);
    embeddingChain = new Chain<>(embeddings, faults);
    toolChain = new Chain<>(tools, faults);
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
   * <p>The wrapped model keeps its default parameters, capabilities, provider and listeners; its
   * listeners fire as they did before, and not for answers of an interceptor. Wrapping a model that
   * this chain wraps already returns it as it is.
   */
  public ChatModel wrap(ChatModel model) {
    Objects.requireNonNull(model, "model");
    return model instanceof ObservedChatModel observed && observed.isOf(this)
        ? model
        : new ObservedChatModel(this, model);
  }

  /**
   * The streaming model, behind this chain.
   *
   * <p>A refusal is handed to the handler's {@code onError}. An answer of an interceptor is
   * replayed on the caller's thread. A stream that is silent for too long ends with a {@link
   * StreamTimeoutException}. Callbacks run in the {@link Context} of the caller.
   */
  public StreamingChatModel wrap(StreamingChatModel model) {
    Objects.requireNonNull(model, "model");
    return model instanceof ObservedStreamingChatModel observed && observed.isOf(this)
        ? model
        : new ObservedStreamingChatModel(this, model);
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
   * <p>On a thread without a context of its own, as when tools run concurrently, the tool runs in
   * the context of the model call that asked for it, provided that model is wrapped by the same
   * {@code AgentOps}.
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
   * Adds attributes to every call, span and record made by this thread until the scope is closed.
   */
  public Scope scope(Attributes attributes) {
    return Context.current().with(attributes).makeCurrent();
  }

  /** How many failures of interceptors and listeners were kept from the agent. */
  public long faults() {
    return faults.count();
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

  Chain<ModelCall, ChatResponse> modelChain() {
    return modelChain;
  }

  Chain<EmbeddingCall, EmbeddingResponse> embeddingChain() {
    return embeddingChain;
  }

  Chain<ToolCall, ToolExecutionResult> toolChain() {
    return toolChain;
  }

  /** Ends a call: back up the chain, then one event. To be called once a call; never throws. */
  void finish(ModelCall call, Outcome<ChatResponse> outcome) {
    ChatResponse response = outcome.response();
    if (response != null) {
      if (!outcome.shortCircuited()) {
        call.recordUsage(
            ask("the token usage of a model", () -> UsageReader.read(response.tokenUsage())));
      }
      if (!call.toolCallsAnnounced) {
        attempt(
            "remembering tool calls",
            () -> toolCallOrigins.remember(response.aiMessage(), call.callerContext()));
      }
    }
    modelChain.exit(call, outcome);
    attempt("the event of a model call", () -> publish(CallEvents.of(call, outcome)));
  }

  /** As {@link #finish(ModelCall, Outcome)}. */
  void finish(EmbeddingCall call, Outcome<EmbeddingResponse> outcome) {
    EmbeddingResponse response = outcome.response();
    if (response != null && !outcome.shortCircuited()) {
      call.recordUsage(
          ask("the token usage of a model", () -> UsageReader.read(response.tokenUsage())));
    }
    embeddingChain.exit(call, outcome);
    attempt("the event of an embedding call", () -> publish(CallEvents.of(call, outcome)));
  }

  /** As {@link #finish(ModelCall, Outcome)}. */
  void finish(ToolCall call, Outcome<ToolExecutionResult> outcome) {
    toolChain.exit(call, outcome);
    attempt("the event of a tool call", () -> publish(CallEvents.of(call, outcome)));
  }

  /**
   * What foreign code tells beside the call, or null where it fails: that is no reason to fail the
   * call.
   */
  <T> @Nullable T ask(String what, Supplier<@Nullable T> source) {
    try {
      return source.get();
    } catch (Throwable t) {
      faults.report(what, t);
      return null;
    }
  }

  /** Runs foreign code whose failure must not stop ours. */
  void attempt(String what, Runnable action) {
    try {
      action.run();
    } catch (Throwable t) {
      faults.report(what, t);
    }
  }

  void publish(OpsEvent event) {
    for (OpsEventListener listener : listeners) {
      try {
        listener.onEvent(event);
      } catch (Throwable t) {
        faults.report("listener " + listener.getClass().getName(), t);
      }
    }
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
     * with a call never ends.
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

    public AgentOps build() {
      return new AgentOps(this);
    }

    private static Duration positive(String name, @Nullable Duration duration) {
      if (duration == null || duration.isZero() || duration.isNegative()) {
        throw new IllegalArgumentException(name + " must be positive: " + duration);
      }
      return duration;
    }
  }
}

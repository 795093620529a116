package dev.agentops.examples.llm;

import static java.util.Objects.requireNonNull;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.net.URI;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.LowResourceMonitor;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.session.DefaultSessionIdManager;
import org.eclipse.jetty.session.HouseKeeper;
import org.eclipse.jetty.util.thread.QueuedThreadPool;
import org.eclipse.jetty.util.thread.ScheduledExecutorScheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A local language model behind an OpenAI-compatible endpoint: chat completions, streamed or not,
 * embeddings and a list of models, over real HTTP on the loopback interface.
 *
 * <pre>{@code
 * try (LocalLlm llm = LocalLlm.start()) {
 *   String url = llm.baseUrl().toString();
 *   ChatModel model = OpenAiChatModel.builder().baseUrl(url).modelName("gpt-4o-mini").build();
 * }
 * }</pre>
 *
 * <p>The answers come from rules, not from a neural network, and say so. The rules behave like an
 * agent's model: they call the calculator, clock, search and other tools they are offered and
 * answer from the results. The embeddings are real (all-MiniLM-L6-v2). {@link Fault} lists the ways
 * to make it fail. All threads are daemons. Thread-safe.
 */
public final class LocalLlm implements AutoCloseable {
  /** Name of the chat model that {@code GET /v1/models} lists by default. */
  public static final String CHAT_MODEL = "local-rules-1";

  /** Name of the embedding model that {@code GET /v1/models} lists by default. */
  public static final String EMBEDDING_MODEL = "all-minilm-l6-v2";

  private static final Logger log = LoggerFactory.getLogger(LocalLlm.class);
  private static final int MAX_BODY_BYTES = 32 * 1024 * 1024;

  /** Longer than any fault lasts, or Jetty would end a stalled stream first. */
  private static final long IDLE_MILLIS = Duration.ofMinutes(6).toMillis();

  private final Activity activity = new Activity();
  private final FaultGate faultGate = new FaultGate();
  private final Builder options;
  private final Javalin server;
  private final URI baseUrl;

  private LocalLlm(Builder builder) {
    options = new Builder(builder);
    server = Javalin.create(this::configure).start();
    baseUrl = URI.create("http://127.0.0.1:" + server.port() + "/v1");
    log.debug("Local model listens on {}", baseUrl);
  }

  /** Starts a model with every default, on a free port. */
  public static LocalLlm start() {
    return builder().start();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Returns the address to give an OpenAI client: {@code http://127.0.0.1:PORT/v1}. */
  public URI baseUrl() {
    return baseUrl;
  }

  /** Returns how many HTTP requests have arrived, the refused ones included. */
  public long requests() {
    return activity.requests();
  }

  /** Returns how many streams are being sent at this moment. */
  public int openStreams() {
    return activity.openStreams();
  }

  /** Returns how many streams ended early because the client went away. */
  public long abortedStreams() {
    return activity.abortedStreams();
  }

  /** Stops listening and ends the open streams. Closing twice is harmless. */
  @Override
  public void close() {
    activity.close();
    server.stop();
  }

  private void configure(JavalinConfig config) {
    config.startup.showJavalinBanner = false;
    config.startup.showOldJavalinVersionWarning = false;
    config.startup.startupWatcherEnabled = false;
    config.http.compressionStrategy = CompressionStrategy.NONE;
    config.http.maxRequestSize = MAX_BODY_BYTES;
    config.http.prefer405over404 = true;
    QueuedThreadPool threads = new QueuedThreadPool(options.maxThreads);
    threads.setName("local-llm");
    threads.setDaemon(true);
    config.jetty.threadPool = threads;
    config.jetty.modifyServer(LocalLlm::withoutTimers);
    config.jetty.addConnector(
        (jetty, http) -> {
          ServerConnector connector =
              new ServerConnector(
                  jetty,
                  null,
                  new ScheduledExecutorScheduler("local-llm-timer", true),
                  null,
                  1,
                  1,
                  new HttpConnectionFactory(http));
          connector.setHost("127.0.0.1");
          connector.setPort(options.port);
          connector.setIdleTimeout(IDLE_MILLIS);
          return connector;
        });
    routes(config);
  }

  /**
   * Takes away the two timers that run on a thread of Jetty's that is no daemon: the sweep of HTTP
   * sessions, of which there are none, and the watch over low resources.
   */
  private static void withoutTimers(Server jetty) {
    jetty.getBeans(LowResourceMonitor.class).forEach(jetty::removeBean);
    HouseKeeper never = new HouseKeeper();
    try {
      never.setIntervalSec(0);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
    DefaultSessionIdManager sessions = new DefaultSessionIdManager(jetty);
    sessions.setSessionHouseKeeper(never);
    jetty.addBean(sessions, true);
  }

  private void routes(JavalinConfig config) {
    ChatCompletionsHandler chat =
        new ChatCompletionsHandler(options.contextWindow, options.chunkDelay);
    EmbeddingsHandler embeddings = new EmbeddingsHandler();
    config.routes.before(this::admit);
    config.routes.get("/v1/models", context -> exchange(context).send(models()));
    config.routes.post("/v1/chat/completions", context -> chat.handle(exchange(context)));
    config.routes.post("/v1/embeddings", context -> embeddings.handle(exchange(context)));
    config.routes.exception(ApiError.class, LocalLlm::answer);
    config.routes.exception(
        HttpResponseException.class,
        (e, context) ->
            answer(
                ApiError.unknownUrl(e.getStatus(), context.method().name(), context.path()),
                context));
    config.routes.exception(
        Exception.class,
        (e, context) -> {
          log.warn("Request to {} failed", context.path(), e);
          answer(ApiError.internal(), context);
        });
  }

  private void admit(Context context) {
    activity.requestArrived();
    if (options.apiKey == null) {
      return;
    }
    String header = context.header("Authorization");
    String key = header != null && header.startsWith("Bearer ") ? header.substring(7) : null;
    if (!options.apiKey.equals(key)) {
      throw ApiError.unauthorized(key);
    }
  }

  private Exchange exchange(Context context) {
    FaultKnobs knobs;
    try {
      knobs =
          FaultKnobs.parse(
              fault -> {
                String header = context.header(fault.header());
                return header != null ? header : options.faults.get(fault);
              });
    } catch (IllegalArgumentException e) {
      throw ApiError.invalid(null, String.valueOf(e.getMessage()));
    }
    Exchange exchange = new Exchange(context, faultGate.pass(knobs), activity, options.models);
    exchange.failIfAsked();
    return exchange;
  }

  private Wire.Listing models() {
    Set<String> names =
        options.models.isEmpty() ? Set.of(CHAT_MODEL, EMBEDDING_MODEL) : options.models;
    List<Wire.Model> data =
        names.stream().sorted().map(name -> new Wire.Model(name, "model", 0, "local")).toList();
    return new Wire.Listing("list", data, null, null);
  }

  private static void answer(ApiError error, Context context) {
    context.status(error.status()).contentType(Exchange.JSON).result(Json.write(error.body()));
  }

  /** A builder of {@link LocalLlm}; each setter checks its value at once. */
  public static final class Builder {
    private final Map<Fault, String> faults = new EnumMap<>(Fault.class);
    private int port;
    private int maxThreads = 250;
    private int contextWindow = 128_000;
    private Duration chunkDelay = Duration.ZERO;
    private Set<String> models = Set.of();
    private @Nullable String apiKey;

    private Builder() {}

    private Builder(Builder other) {
      faults.putAll(other.faults);
      port = other.port;
      maxThreads = other.maxThreads;
      contextWindow = other.contextWindow;
      chunkDelay = other.chunkDelay;
      models = other.models;
      apiKey = other.apiKey;
    }

    /** Sets the port to listen on; 0, the default, takes a free one. */
    public Builder port(int port) {
      require(port >= 0 && port <= 65_535, "port must be from 0 to 65535: %s", port);
      this.port = port;
      return this;
    }

    /** Sets the most threads, and so the most concurrent streams; 250 by default. */
    public Builder maxThreads(int maxThreads) {
      require(maxThreads >= 8, "maxThreads must be at least 8: %s", maxThreads);
      this.maxThreads = maxThreads;
      return this;
    }

    /** Sets the most tokens of a prompt, above which it is refused; 128,000 by default. */
    public Builder contextWindow(int tokens) {
      require(tokens > 0, "contextWindow must be positive: %s", tokens);
      contextWindow = tokens;
      return this;
    }

    /** Sets the pause before each chunk of a stream; none by default. */
    public Builder chunkDelay(Duration delay) {
      require(!delay.isNegative(), "chunkDelay cannot be negative: %s", delay);
      chunkDelay = delay;
      return this;
    }

    /** Sets the only model names that exist; by default every name is answered to. */
    public Builder models(String... names) {
      models = Set.of(names);
      return this;
    }

    /** Refuses requests that do not carry this bearer token; by default none is needed. */
    public Builder requireApiKey(String apiKey) {
      this.apiKey = requireNonNull(apiKey, "apiKey");
      return this;
    }

    /**
     * Breaks every request this way, unless its header says otherwise.
     *
     * @throws IllegalArgumentException if the value is not one the fault takes
     */
    public Builder fault(Fault fault, String value) {
      if (fault != Fault.KEY) {
        fault.number(value, -1);
      }
      faults.put(fault, value);
      return this;
    }

    /**
     * Starts the model.
     *
     * @throws IllegalArgumentException if the faults do not go together
     * @throws io.javalin.util.JavalinException if the port is taken
     */
    public LocalLlm start() {
      FaultKnobs.parse(faults::get);
      return new LocalLlm(this);
    }

    private static void require(boolean condition, String message, Object value) {
      if (!condition) {
        throw new IllegalArgumentException(String.format(message, value));
      }
    }
  }
}

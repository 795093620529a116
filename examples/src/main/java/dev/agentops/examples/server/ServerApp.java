package dev.agentops.examples.server;

import static java.util.Objects.requireNonNull;

import dev.agentops.AgentOps;
import dev.agentops.Attributes;
import dev.agentops.Scope;
import dev.agentops.examples.llm.LocalLlm;
import io.javalin.Javalin;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import io.javalin.http.HttpStatus;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.jetty.server.AbstractConnector;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The example server: an assistant with tools behind HTTP, operated by agentops.
 *
 * <p>Talks to the endpoint of {@code OPENAI_API_KEY} and {@code OPENAI_BASE_URL}; without them it
 * starts a {@link LocalLlm} and needs no key. {@link #main} reads its environment, see {@link
 * ServerConfig}.
 */
public final class ServerApp implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(ServerApp.class);
  private static final int MAX_SESSIONS = 1_000;
  private static final long MAX_SESSION_CHARACTERS = 32_000_000;

  /** Longer than any model may think: Jetty would break off an answer that is still to come. */
  private static final Duration IDLE_TIMEOUT = Duration.ofMinutes(6);

  private final ServerConfig config;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private final AtomicBoolean closed = new AtomicBoolean();
  private final Instant started = Instant.now();
  private final InFlight inFlight;
  private final Sessions sessions = new Sessions(MAX_SESSIONS, MAX_SESSION_CHARACTERS);
  private final @Nullable LocalLlm localLlm;
  private final ModelEndpoint endpoint;
  private final Operations operations;
  private final Javalin server;
  private final int port;

  private ServerApp(ServerConfig config) {
    this.config = config;
    this.inFlight = new InFlight(config.maxTurns());
    try {
      URI configured = config.baseUrl();
      localLlm = configured == null ? opened(LocalLlm.start()) : null;
      URI baseUrl = localLlm == null ? requireNonNull(configured) : localLlm.baseUrl();
      endpoint = new ModelEndpoint(baseUrl, config.apiKey());
      PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
      opened(registry::close);
      opened(JvmMeters.bindTo(registry));
      operations = opened(new Operations(config, registry));
      AgentOps ops = operations.ops();
      Models models = Models.of(config, baseUrl, ops);
      Documents documents = opened(new Documents(models.embedding()));
      AssistantAgent agent =
          new AssistantAgent(
              operations,
              models,
              sessions,
              new CalculatorTool(),
              new ClockTool(Clock.systemUTC()),
              documents);
      register(registry);
      server = Javalin.create(javalin -> configure(javalin, agent, registry)).start();
      opened(this::stopServer);
      port = server.port();
      index(documents);
    } catch (Throwable t) {
      closeParts();
      throw t;
    }
  }

  /** Starts the server, says where to look, and stops it when the process is told to end. */
  public static void main(String[] args) {
    ServerApp app;
    try {
      app = start(ServerConfig.from(System.getenv()));
    } catch (RuntimeException e) {
      log.debug("The server did not start", e);
      System.err.println("The server did not start: " + e.getMessage());
      System.exit(1);
      return;
    }
    Runtime.getRuntime().addShutdownHook(new Thread(app::close, "shutdown"));
    System.out.println(Banner.of(app.uri(), app.config, app.localLlm != null));
  }

  /**
   * Starts the server; when this returns it answers.
   *
   * @throws io.javalin.util.JavalinException if the port is taken
   */
  static ServerApp start(ServerConfig config) {
    return new ServerApp(config);
  }

  /** Where it listens. */
  URI uri() {
    String host = config.host();
    String reachable = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
    return URI.create("http://" + reachable + ":" + port);
  }

  Operations operations() {
    return operations;
  }

  InFlight inFlight() {
    return inFlight;
  }

  Sessions sessions() {
    return sessions;
  }

  /**
   * Stops: accepts nothing new, lets the messages that are worked on finish for as long as the
   * configuration says, breaks off the rest, and closes what the server is made of. Closing again
   * does nothing.
   */
  @Override
  public void close() {
    if (!closed.compareAndSet(false, true)) {
      return;
    }
    log.info("Stopping; {} messages are worked on", inFlight.running());
    inFlight.close();
    closeParts();
    log.info("Stopped");
  }

  private void configure(
      JavalinConfig javalin, AssistantAgent agent, PrometheusMeterRegistry registry) {
    javalin.startup.showJavalinBanner = false;
    javalin.startup.showOldJavalinVersionWarning = false;
    javalin.startup.startupWatcherEnabled = false;
    javalin.concurrency.useVirtualThreads = true; // where there are any
    javalin.http.prefer405over404 = true;
    javalin.http.maxRequestSize = RequestBody.MAX_BYTES;
    javalin.jetty.host = config.host();
    javalin.jetty.port = config.port();
    javalin.jetty.modifyServer(this::configure);
    HttpMetrics metrics = new HttpMetrics(registry);
    javalin.routes.before(RequestIds::assign);
    javalin.requestLogger.http(
        (context, millis) -> {
          metrics.record(context, millis);
          RequestIds.clear();
        });
    routes(javalin, agent, registry);
    javalin.routes.exception(HttpResponseException.class, ServerApp::answer);
    javalin.routes.exception(Exception.class, (e, context) -> Failures.toApiError(e).send(context));
  }

  private void configure(Server jetty) {
    // Jetty's own, because it alone knows when the last byte of an answer is sent
    jetty.setHandler(new GracefulHandler());
    jetty.setStopTimeout(config.shutdownGrace().toMillis());
    for (Connector connector : jetty.getConnectors()) {
      ((AbstractConnector) connector).setIdleTimeout(IDLE_TIMEOUT.toMillis());
    }
    jetty.setErrorHandler(new BrokenRequests());
  }

  private void routes(
      JavalinConfig javalin, AssistantAgent agent, PrometheusMeterRegistry registry) {
    OpenApi document = new OpenApi("agentops example server", Banner.ABOUT, version());
    Api api = new Api(javalin.routes, document);
    new ChatRoutes(agent, inFlight).mount(api);
    api.get("/health", "Whether the server and its model are well", Health.class, this::health);
    new OpsRoutes(operations, registry).mount(api, javalin.routes);
    byte[] json = document.document();
    javalin.routes.get(
        "/openapi.json", context -> context.contentType(Json.CONTENT_TYPE).result(json));
    javalin.routes.get("/", context -> context.redirect("/docs", HttpStatus.FOUND));
    try {
      Docs.mount(javalin.routes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Health health(Context context) {
    boolean reachable = endpoint.reachable();
    boolean stopping = inFlight.closing();
    context.status(stopping ? HttpStatus.SERVICE_UNAVAILABLE : HttpStatus.OK);
    return new Health(
        stopping ? "stopping" : reachable ? "ok" : "degraded",
        version(),
        Duration.between(started, Instant.now()).toSeconds(),
        new Health.ModelHealth(
            config.model(), localLlm == null ? "configured" : "local", reachable),
        inFlight.running(),
        sessions.size());
  }

  /** Javalin's own refusals: no such route, no such method. */
  private static void answer(HttpResponseException e, Context context) {
    switch (e.getStatus()) {
      case 404 -> ApiError.of(404, "not_found", "There is no such page", "path").send(context);
      case 405 -> {
        String allowed = e.getDetails().get("availableMethods");
        if (allowed != null) {
          context.header("Allow", allowed);
        }
        ApiError.of(405, "method_not_allowed", "This page does not take this method", "method")
            .send(context);
      }
      default -> ApiError.of(e.getStatus(), "http_error", "The request was refused").send(context);
    }
  }

  /** In the background: the server is useful before, and a failure is tried again when asked. */
  private void index(Documents documents) {
    Thread thread =
        new Thread(
            () -> {
              try (Scope ignored =
                  operations.ops().scope(Attributes.of(Attributes.USER_ID, "server"))) {
                operations.tracer().trace("server", "index_handbook", span -> documents.index());
              } catch (RuntimeException e) {
                if (!closed.get()) {
                  log.warn("The handbook is not indexed yet: {}", e.toString());
                }
              }
            },
            "index-handbook");
    thread.setDaemon(true);
    thread.start();
    opened(thread::interrupt);
  }

  private void register(PrometheusMeterRegistry registry) {
    Gauge.builder("chat.in.flight", inFlight, InFlight::running)
        .description("Messages that are worked on")
        .register(registry);
    Gauge.builder("chat.sessions", sessions, Sessions::size)
        .description("Conversations that are remembered")
        .register(registry);
  }

  /** Not Javalin's own stop, which makes an error of answers that do not end in time. */
  private void stopServer() throws Exception {
    try {
      server.jettyServer().server().stop();
    } catch (TimeoutException e) {
      log.warn("What did not end within {} is broken off", config.shutdownGrace());
    }
  }

  private <T extends AutoCloseable> T opened(T part) {
    parts.push(part);
    return part;
  }

  private void closeParts() {
    while (!parts.isEmpty()) {
      AutoCloseable part = parts.pop();
      try {
        part.close();
      } catch (Exception e) {
        log.warn("Closing {} failed", part.getClass().getName(), e);
      }
    }
  }

  private static String version() {
    String version = ServerApp.class.getPackage().getImplementationVersion();
    return version == null ? "development" : version;
  }
}

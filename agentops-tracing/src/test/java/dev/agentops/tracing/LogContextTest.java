package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.ContextMirror;
import dev.agentops.Scope;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.Logger;
import org.slf4j.MDC;
import reactor.core.publisher.Hooks;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Schedulers;

class LogContextTest {

  private static final Attributes WHO = Attributes.of("user.id", "alice", "session.id", "s1");

  private final Tracer tracer = Tracer.create();
  private final ExecutorService pool = Executors.newSingleThreadExecutor();
  private final ContextMirror.Registration installed = LogContext.install(tracer);

  @BeforeEach
  void startsEmpty() {
    MDC.clear();
  }

  @AfterEach
  void nothingIsLeftBehind() throws Exception {
    assertThat(mdc()).isEmpty();
    assertThat(pool.submit(LogContextTest::mdc).get(10, TimeUnit.SECONDS)).isEmpty();
    pool.shutdownNow();
    installed.close();
    tracer.close();
    assertThat(Context.current()).isSameAs(Context.root());
  }

  @Test
  void install_spanInAScope_putsItsIdsAndTakesThemOff() {
    try (Scope scope = Context.current().with(WHO).makeCurrent()) {
      assertThat(mdc()).isEqualTo(Map.of("session_id", "s1", "user_id", "alice"));
      try (TraceContext root = tracer.startTrace("support", "invoke_agent")) {
        assertThat(mdc()).isEqualTo(ids(root));
        try (TraceContext child = tracer.startSpan("tool", "lookup")) {
          assertThat(mdc()).isEqualTo(ids(child));
        }
        assertThat(mdc()).isEqualTo(ids(root));
      }
      assertThat(mdc()).isEqualTo(Map.of("session_id", "s1", "user_id", "alice"));
    }
  }

  @Test
  void install_entriesOfTheHost_areBackAfterwardsAndStayWhereWeHaveNone() {
    MDC.put("trace_id", "of the host");
    MDC.put("user_id", "of the host");
    MDC.put("request_id", "r1");
    try (Scope scope = Context.current().with(WHO).makeCurrent()) {
      assertThat(MDC.get("trace_id")).isEqualTo("of the host");
      assertThat(MDC.get("user_id")).isEqualTo("alice");
      try (TraceContext root = tracer.startTrace("support", "act")) {
        assertThat(MDC.get("trace_id")).isEqualTo(root.traceId());
        assertThat(MDC.get("request_id")).isEqualTo("r1");
        try (Scope detached = Context.root().makeCurrent()) {
          assertThat(MDC.get("trace_id")).isEqualTo("of the host");
          assertThat(MDC.get("span_id")).isNull();
          assertThat(MDC.get("user_id")).isEqualTo("of the host");
        }
        MDC.put("session_id", "set by the host inside");
        try (Scope detached = Context.root().makeCurrent()) {
          assertThat(MDC.get("session_id")).isEqualTo("set by the host inside");
        }
      }
    }
    assertThat(mdc())
        .isEqualTo(Map.of("trace_id", "of the host", "user_id", "of the host", "request_id", "r1"));
    MDC.clear();
  }

  @Test
  void install_otherThreads_haveTheIdsWhileTheTaskRuns() throws Exception {
    try (TraceContext root = tracer.startTrace("support", "act")) {
      Callable<Map<String, String>> wrapped =
          Scope.wrap((Callable<Map<String, String>>) LogContextTest::mdc);

      assertThat(pool.submit(wrapped).get(10, TimeUnit.SECONDS))
          .isEqualTo(Map.of("trace_id", root.traceId(), "span_id", root.spanId()));
      assertThat(pool.submit(LogContextTest::mdc).get(10, TimeUnit.SECONDS)).isEmpty();
    }
  }

  @Test
  void install_reactor_hasTheIdsOnEachThread() {
    Hooks.enableAutomaticContextPropagation();
    try (TraceContext root = tracer.startTrace("support", "act")) {
      assertThat(
              Mono.fromCallable(() -> String.valueOf(MDC.get("span_id")))
                  .subscribeOn(Schedulers.boundedElastic())
                  .map(first -> first + " " + MDC.get("span_id"))
                  .contextCapture()
                  .block())
          .isEqualTo(root.spanId() + " " + root.spanId());
    } finally {
      Hooks.disableAutomaticContextPropagation();
    }
  }

  @Test
  void close_leavesTheMdcAlone() {
    installed.close();

    try (TraceContext root = tracer.startTrace("support", "act")) {
      assertThat(mdc()).isEmpty();
    }
  }

  @Test
  void install_null_isRefused() {
    assertThatThrownBy(() -> LogContext.install(null)).hasMessage("tracer");
  }

  @Test
  void documentedLogback_writesTheIdsAsJson() throws Exception {
    Path configuration = Path.of("../docs/logback-json.xml");
    ByteArrayOutputStream written = new ByteArrayOutputStream();
    LoggerContext logging = new LoggerContext();
    logging.setMDCAdapter(MDC.getMDCAdapter());
    PrintStream console = System.out;
    String spanId;
    String traceId;
    System.setOut(new PrintStream(written, true, StandardCharsets.UTF_8));
    try {
      JoranConfigurator configurator = new JoranConfigurator();
      configurator.setContext(logging);
      configurator.doConfigure(Files.newInputStream(configuration));
      Logger logger = logging.getLogger("support");
      try (Scope scope = Context.current().with(WHO).makeCurrent();
          TraceContext span = tracer.startTrace("support", "act")) {
        traceId = span.traceId();
        spanId = span.spanId();
        logger.info("found {} \"orders\"", 3);
      }
      logger.info("outside");
    } finally {
      logging.stop();
      System.setOut(console);
    }

    String[] lines = written.toString(StandardCharsets.UTF_8).split("\n");
    JsonNode line = json(lines, "orders");
    assertThat(line.path("formattedMessage").asText()).isEqualTo("found 3 \"orders\"");
    assertThat(line.path("level").asText()).isEqualTo("INFO");
    assertThat(line.path("mdc").path("trace_id").asText()).isEqualTo(traceId);
    assertThat(line.path("mdc").path("span_id").asText()).isEqualTo(spanId);
    assertThat(line.path("mdc").path("session_id").asText()).isEqualTo("s1");
    assertThat(line.path("mdc").path("user_id").asText()).isEqualTo("alice");
    assertThat(json(lines, "outside").path("mdc").size()).isZero();
  }

  private static JsonNode json(String[] lines, String containing) throws Exception {
    return new ObjectMapper()
        .readTree(
            Arrays.stream(lines)
                .filter(text -> text.contains(containing))
                .findFirst()
                .orElseThrow());
  }

  private static Map<String, String> ids(TraceContext span) {
    return Map.of(
        "trace_id",
        span.traceId(),
        "span_id",
        span.spanId(),
        "session_id",
        "s1",
        "user_id",
        "alice");
  }

  private static Map<String, String> mdc() {
    Map<String, String> all = MDC.getCopyOfContextMap();
    return all == null ? Map.of() : new HashMap<>(all);
  }
}

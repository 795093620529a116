package dev.agentops.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.agentops.TestClock;
import dev.agentops.alerts.AlertLevel;
import dev.agentops.alerts.AlertManager;
import dev.agentops.cost.CostMonitor;
import dev.agentops.tracing.Score;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanQuery;
import dev.agentops.tracing.SpanStore;
import dev.agentops.tracing.TraceContext;
import dev.agentops.tracing.Tracer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.ConcurrentModificationException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.mockito.Mockito;

class ConsoleTest {

  private static final String HOSTILE = "<script>alert('&\u2028')</script>";

  private final TestClock clock = TestClock.at(Instant.parse("2026-03-31T23:59:00Z"));
  private final Tracer tracer = Tracer.builder().clock(clock).build();
  private final CostMonitor costs = CostMonitor.builder().clock(clock).build();
  private final AlertManager alerts = AlertManager.builder().clock(clock).build();
  private final Console console = new Console(tracer, costs, alerts, clock);

  @AfterEach
  void close() {
    alerts.close();
    costs.close();
    tracer.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/"})
  void page_isServedUnderItsOwnPolicy(String path) throws Exception {
    ConsoleResponse page = console.handle("GET", path, Map.of());

    assertThat(page.status()).isEqualTo(200);
    assertThat(page.contentType()).isEqualTo("text/html; charset=utf-8");
    String policy = page.headers().get("Content-Security-Policy");
    assertThat(policy).startsWith("default-src 'none'; ").doesNotContain("unsafe");
    assertThat(policy).contains("script-src 'sha256-" + hashOf(text(page), "script") + "'");
    assertThat(policy).contains("style-src 'sha256-" + hashOf(text(page), "style") + "'");
  }

  @Test
  void page_asksNothingOfOtherServersAndBuildsNoMarkupFromText() {
    assertThat(text(console.handle("GET", "/", Map.of())))
        .doesNotContain("http:", "https:", "//cdn", "src=", "style=\"", "onclick")
        .doesNotContain("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(");
  }

  @Test
  void overview_tellsSpendOfTodayAndOfTheMonth() throws Exception {
    costs.recordUsage("gpt-4", 1_000, 500);
    clock.advance(Duration.ofMinutes(2)); // into the next day and month
    costs.recordUsage("gpt-4", 2_000, 0);
    costs.recordUsage("no-such-model-9", 1, 1);

    JsonNode spend = json("/api/overview").get("spend");
    assertThat(spend.get("todayUsd").textValue()).isEqualTo("0.06");
    assertThat(spend.get("monthUsd").textValue()).isEqualTo("0.06");
    assertThat(spend.get("totalUsd").textValue()).isEqualTo("0.12");
    assertThat(spend.get("requests").longValue()).isEqualTo(3);
    assertThat(spend.get("unpricedRequests").longValue()).isEqualTo(1);
  }

  @Test
  void costs_areListedByModelTheDearestFirst() throws Exception {
    costs.recordUsage("gpt-4o-mini", 1_000, 0);
    costs.recordUsage("gpt-4", 1_000, 500);

    assertThat(json("/api/costs").get("models"))
        .extracting(model -> model.get("model").textValue())
        .containsExactly("gpt-4", "gpt-4o-mini");
    assertThat(json("/api/costs").get("models").get(0).get("usd").textValue()).isEqualTo("0.06");
  }

  @Test
  void traces_areListedTheLatestFirst() throws Exception {
    trace("t1");
    clock.advance(Duration.ofSeconds(1));
    trace("t2");
    clock.advance(Duration.ofSeconds(1));
    try (TraceContext running = tracer.startTrace("t3", "agent", "plan")) {
      running.setInput("x");
      JsonNode list = json("/api/traces");
      assertThat(list.get("total").intValue()).isEqualTo(3);
      assertThat(list.get("traces"))
          .extracting(t -> t.get("traceId").textValue(), t -> t.get("status").textValue())
          .containsExactly(tuple("t3", "RUNNING"), tuple("t2", "OK"), tuple("t1", "OK"));
    }
    JsonNode first = json("/api/traces", Map.of("limit", "1")).get("traces");
    assertThat(first).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "501", "-1", "x", "", "99999999999"})
  void traces_withABadLimit_answer400(String limit) throws Exception {
    ConsoleResponse response = console.handle("GET", "/api/traces", Map.of("limit", limit));

    assertThat(response.status()).isEqualTo(400);
    assertThat(parse(response).get("error").textValue()).contains("'" + limit + "'");
  }

  @Test
  void trace_isAWaterfallOfParentsBeforeChildren() throws Exception {
    try (TraceContext root = tracer.startTrace("t1", "agent", "answer")) {
      root.setInput(Map.of("question", "why", "n", 3));
      clock.advance(Duration.ofMillis(10));
      try (TraceContext tool = tracer.startSpan("search", "execute_tool")) {
        tool.setAttribute("gen_ai.usage.input_tokens", 7);
        tool.setAttribute("agentops.cost.usd", "0.0000001");
        clock.advance(Duration.ofMillis(5));
      }
      try (TraceContext failed = tracer.startSpan("writer", "chat")) {
        failed.recordError(new IllegalStateException("boom"));
        failed.setAttribute("agentops.cost.usd", "a lot");
      }
    }

    JsonNode trace = json("/api/traces/t1");
    assertThat(trace.get("agent").textValue()).isEqualTo("agent");
    assertThat(trace.get("durationMs").doubleValue()).isEqualTo(15);
    assertThat(trace.get("errors").intValue()).isEqualTo(1);
    assertThat(trace.get("inputTokens").intValue()).isEqualTo(7);
    assertThat(trace.get("costUsd").textValue()).isEqualTo("0.0000001");
    JsonNode rows = trace.get("waterfall");
    assertThat(rows)
        .extracting(r -> r.get("agent").textValue())
        .containsExactly("agent", "search", "writer");
    assertThat(rows).extracting(r -> r.get("depth").intValue()).containsExactly(0, 1, 1);
    assertThat(rows)
        .extracting(r -> r.get("offsetMs").doubleValue())
        .containsExactly(0.0, 10.0, 15.0);
    assertThat(trace.get("spansNotShown").intValue()).isZero();
    assertThat(rows)
        .allSatisfy(
            row ->
                assertThat(row.fieldNames())
                    .toIterable()
                    .doesNotContain("input", "output", "metadata", "attributes"));
    JsonNode root = span("t1", rows.get(0));
    assertThat(root.get("input").get("n").intValue()).isEqualTo(3);
    assertThat(
            span("t1", rows.get(1)).get("attributes").get("gen_ai.usage.input_tokens").intValue())
        .isEqualTo(7);
    assertThat(span("t1", rows.get(2)).get("error").textValue()).contains("boom");
  }

  @Test
  void tracesAndTrace_doNotReadWhatSpansWereGiven() throws Exception {
    AtomicInteger reads = new AtomicInteger();
    Object input =
        new Object() {
          @Override
          public String toString() {
            reads.incrementAndGet();
            return "read";
          }
        };
    try (TraceContext span = tracer.startTrace("t1", "agent", "act")) {
      span.setInput(input).setOutput(input).setMetadata(Map.of("m", input));
      span.setAttribute("gen_ai.usage.input_tokens", 7);
    }

    assertThat(json("/api/traces").get("traces").get(0).get("inputTokens").intValue()).isEqualTo(7);
    JsonNode row = json("/api/traces/t1").get("waterfall").get(0);
    assertThat(reads).hasValue(0);
    assertThat(span("t1", row).get("input").textValue()).isEqualTo("read");
  }

  @Test
  void trace_ofVeryManySpans_isCutAndSaysSo() throws Exception {
    try (TraceContext root = tracer.startTrace("t1", "agent", "act")) {
      for (int i = 0; i < 1_500; i++) {
        tracer.startSpan("agent", "step").close();
      }
    }

    JsonNode trace = json("/api/traces/t1");
    assertThat(trace.get("spans").intValue()).isEqualTo(1_501);
    assertThat(trace.get("waterfall")).hasSize(1_000);
    assertThat(trace.get("spansNotShown").intValue()).isEqualTo(501);
  }

  @Test
  void span_unknown_answers404() throws Exception {
    trace("t1");

    for (String path : List.of("t1/spans/none", "t1/spans/", "none/spans/none")) {
      ConsoleResponse response = console.handle("GET", "/api/traces/" + path, Map.of());
      assertThat(response.status()).as(path).isEqualTo(404);
    }
  }

  @Test
  void tracesAndTrace_withTimesBeyondArithmetic_showTheRest() throws Exception {
    SpanStore odd =
        store(
            query ->
                Stream.of(
                        spanOf("odd", "a").startTime(Instant.MIN),
                        spanOf("odd", "b").startTime(Instant.MAX),
                        spanOf("fine", "c"))
                    .map(Span.Builder::build)
                    .filter(query::matches)
                    .toList());
    try (Tracer onOdd = Tracer.builder().store(odd).build()) {
      Console ofOdd = Console.of(onOdd, costs, alerts);
      JsonNode list = parse(ofOdd.handle("GET", "/api/traces", Map.of()));
      assertThat(list.get("traces"))
          .extracting(row -> row.get("traceId").textValue())
          .containsExactly("fine", "odd");
      assertThat(list.get("traces").get(1).get("failure").textValue())
          .isEqualTo("(ArithmeticException)");
      JsonNode rows = parse(ofOdd.handle("GET", "/api/traces/odd", Map.of())).get("waterfall");
      assertThat(rows)
          .extracting(row -> row.get("spanId").textValue())
          .containsExactlyInAnyOrder("a", "b");
    }
  }

  @Test
  void spanThatEndedBetweenTwoReadings_isShownOnceAsEnded() throws Exception {
    List<Span> ended = new ArrayList<>();
    try (Tracer onStore = Tracer.builder().store(store(query -> ended)).build();
        TraceContext running = onStore.startTrace("t", "agent", "act")) {
      ended.add(spanOf("t", running.spanId()).build());
      Console ofStore = Console.of(onStore, costs, alerts);

      JsonNode trace = parse(ofStore.handle("GET", "/api/traces", Map.of())).get("traces").get(0);
      assertThat(trace.get("spans").intValue()).isEqualTo(1);
      assertThat(trace.get("status").textValue()).isEqualTo("OK");
      JsonNode rows = parse(ofStore.handle("GET", "/api/traces/t", Map.of())).get("waterfall");
      assertThat(rows).extracting(row -> row.get("status").textValue()).containsExactly("OK");
    }
  }

  @Test
  void trace_withBrokenParents_showsEverySpanOnce() throws Exception {
    List<Span> spans = new ArrayList<>();
    for (String[] idAndParent :
        new String[][] {{"a", "b"}, {"b", "a"}, {"c", "gone"}, {"d", "d"}}) {
      spans.add(spanOf("t", idAndParent[0]).parentSpanId(idAndParent[1]).build());
    }

    JsonNode trace = new ObjectMapper().valueToTree(new TraceView(spans).detail());
    assertThat(trace.get("waterfall"))
        .extracting(row -> row.get("spanId").textValue())
        .containsExactlyInAnyOrder("a", "b", "c", "d");
  }

  @ParameterizedTest
  @ValueSource(strings = {"a b+c/ä?%", "../api/costs", HOSTILE})
  void trace_isFoundByItsEncodedId(String id) throws Exception {
    trace(id);
    String encoded = URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20");

    assertThat(json("/api/traces/" + encoded).get("traceId").textValue()).isEqualTo(id);
  }

  @Test
  void plusInAPath_isNoBlank() throws Exception {
    trace("a+b");

    assertThat(json("/api/traces/a+b").get("traceId").textValue()).isEqualTo("a+b");
  }

  @Test
  void hostileText_neverLeavesAsMarkup() throws Exception {
    try (TraceContext span = tracer.startTrace(HOSTILE, HOSTILE, HOSTILE)) {
      span.setInput(HOSTILE);
      span.setOutput(Map.of(HOSTILE, List.of(HOSTILE)));
      span.setMetadata(Map.of("m", HOSTILE));
      span.setAttribute("a", HOSTILE);
      span.recordError(new IllegalStateException(HOSTILE));
    }
    costs.recordUsage(HOSTILE, 1, 1);
    alerts.alert(AlertLevel.ERROR, HOSTILE, Map.of(HOSTILE, HOSTILE));
    String id = URLEncoder.encode(HOSTILE, StandardCharsets.UTF_8);

    for (String path :
        List.of(
            "/api/overview",
            "/api/traces",
            "/api/traces/" + id,
            "/api/traces/" + id + "/spans/" + tracer.spans().get(0).spanId(),
            "/api/costs",
            "/api/alerts",
            "/api/traces/" + id + "x",
            "/" + HOSTILE)) {
      ConsoleResponse response = console.handle("GET", path, Map.of("limit", "10"));
      assertThat(text(response)).as(path).doesNotContain("<", ">", "&", "\u2028");
      assertThat(response.headers()).containsEntry("X-Content-Type-Options", "nosniff");
    }
    JsonNode span = span(id, json("/api/traces/" + id).get("waterfall").get(0));
    assertThat(span.get("input").textValue()).as("escaped, not altered").isEqualTo(HOSTILE);
    assertThat(span.get("output").get(HOSTILE).get(0).textValue()).isEqualTo(HOSTILE);
  }

  @Test
  void oddValues_areShownAsFarAsPossible() throws Exception {
    Map<String, Object> cyclic = new LinkedHashMap<>();
    cyclic.put("nan", Double.NaN);
    cyclic.put("self", cyclic);
    cyclic.put(
        "bad",
        new Object() {
          @Override
          public String toString() {
            throw new IllegalStateException("no text");
          }
        });
    alerts.alert(AlertLevel.INFO, "x".repeat(30_000), cyclic);

    JsonNode alert = json("/api/alerts").get("alerts").get(0);
    assertThat(alert.get("message").textValue())
        .hasSize(20_000 + "... (10000 more characters)".length());
    assertThat(alert.get("metadata").get("nan").asText()).isEqualTo("NaN");
    assertThat(alert.get("metadata").get("bad").textValue()).isEqualTo("(IllegalStateException)");
  }

  @Test
  void collectionsThatChangeWhileTheyAreRead_doNotTakeThePageDown() throws Exception {
    Map<String, Object> changing = Mockito.mock();
    Mockito.when(changing.entrySet()).thenThrow(new ConcurrentModificationException());
    List<Object> list = Mockito.mock();
    Mockito.when(list.stream()).thenThrow(new ConcurrentModificationException());
    try (TraceContext span = tracer.startTrace("t1", "agent", "act")) {
      span.setInput(Map.of("map", changing, "list", list, "fine", 1));
    }

    JsonNode input = span("t1", json("/api/traces/t1").get("waterfall").get(0)).get("input");
    assertThat(input.get("map").textValue()).isEqualTo("(ConcurrentModificationException)");
    assertThat(input.get("list").textValue()).isEqualTo("(ConcurrentModificationException)");
    assertThat(input.get("fine").intValue()).isEqualTo(1);
  }

  @Test
  void alerts_areListedTheLatestFirst() throws Exception {
    alerts.alert(AlertLevel.INFO, "one", Map.of());
    alerts.alert(AlertLevel.CRITICAL, "two", Map.of("disk", "/data"));

    JsonNode list = json("/api/alerts").get("alerts");
    assertThat(list).extracting(a -> a.get("message").textValue()).containsExactly("two", "one");
    assertThat(list.get(0).get("level").textValue()).isEqualTo("CRITICAL");
    assertThat(list.get(0).get("metadata").get("disk").textValue()).isEqualTo("/data");
    assertThat(list.get(0).get("fingerprint").textValue()).matches("[0-9a-f]{16}");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/nothing", "/api", "/api/traces/none", "/api/traces/", "//", "/index.html"})
  void unknownPath_answers404(String path) throws Exception {
    ConsoleResponse response = console.handle("GET", path, Map.of());

    assertThat(response.status()).isEqualTo(404);
    assertThat(response.contentType()).isEqualTo("application/json; charset=utf-8");
    assertThat(parse(response).get("error").textValue()).isNotEmpty();
  }

  @Test
  void brokenEncoding_answers400() {
    assertThat(console.handle("GET", "/api/traces/%zz", Map.of()).status()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "DELETE", "HEAD", "get"})
  void anythingButGet_answers405(String method) {
    ConsoleResponse response = console.handle(method, "/api/overview", Map.of());

    assertThat(response.status()).isEqualTo(405);
    assertThat(response.headers()).containsEntry("Allow", "GET");
  }

  @Test
  void failingStore_answers500AndDoesNotTellWhy() {
    answers500(new IllegalStateException("password=secret"));
  }

  @Test
  void storeThatRunsOutOfMemory_answers500() {
    answers500(new OutOfMemoryError("password=secret"));
  }

  private void answers500(Throwable problem) {
    SpanStore broken =
        store(
            query -> {
              throw sneaky(problem);
            });
    try (Tracer onBroken = Tracer.builder().store(broken).build()) {
      ConsoleResponse response =
          Console.of(onBroken, costs, alerts).handle("GET", "/api/traces", Map.of());

      assertThat(response.status()).isEqualTo(500);
      assertThat(text(response)).doesNotContain("secret");
    }
  }

  @Test
  void page_fitsIntoTheBudgetOfAFirstPaint() {
    assertThat(console.handle("GET", "/", Map.of()).body()).hasSizeLessThan(300_000);
  }

  private static RuntimeException sneaky(Throwable problem) {
    if (problem instanceof Error error) {
      throw error;
    }
    return (RuntimeException) problem;
  }

  private JsonNode span(String encodedTraceId, JsonNode row) throws IOException {
    return json("/api/traces/" + encodedTraceId + "/spans/" + row.get("spanId").textValue());
  }

  private Span.Builder spanOf(String traceId, String spanId) {
    return Span.builder()
        .traceId(traceId)
        .spanId(spanId)
        .agentName("agent")
        .action("act")
        .startTime(clock.now());
  }

  private static SpanStore store(Function<SpanQuery, List<Span>> find) {
    return new SpanStore() {
      @Override
      public void add(List<Span> spans) {}

      @Override
      public void addScore(Score score) {}

      @Override
      public List<Score> scores(String traceId) {
        return List.of();
      }

      @Override
      public List<Span> find(SpanQuery query) {
        return find.apply(query);
      }

      @Override
      public long droppedSpans() {
        return 0;
      }
    };
  }

  private void trace(String id) {
    tracer.startTrace(id, "agent", "act").close();
  }

  private JsonNode json(String path) throws IOException {
    return json(path, Map.of());
  }

  private JsonNode json(String path, Map<String, String> query) throws IOException {
    ConsoleResponse response = console.handle("GET", path, query);
    assertThat(response.status()).as(text(response)).isEqualTo(200);
    return parse(response);
  }

  private static JsonNode parse(ConsoleResponse response) throws IOException {
    return new ObjectMapper().readTree(response.body());
  }

  private static String text(ConsoleResponse response) {
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static String hashOf(String html, String element) throws Exception {
    Matcher content =
        Pattern.compile("<" + element + "[^>]*>(.*?)</" + element + ">", Pattern.DOTALL)
            .matcher(html);
    assertThat(content.find()).isTrue();
    byte[] bytes = content.group(1).getBytes(StandardCharsets.UTF_8);
    assertThat(content.find()).as("only one " + element).isFalse();
    return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
  }
}

package dev.agentops.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.examples.llm.LocalLlm;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OpsRoutesTest {

  private static final Pattern SAMPLE =
      Pattern.compile(
          "[a-zA-Z_:][a-zA-Z0-9_:]*(\\{([a-zA-Z_][a-zA-Z0-9_]*=\"(\\\\.|[^\"\\\\])*\",?)*})?"
              + " (-?[0-9.]+(E-?[0-9]+)?|NaN|[+-]Inf)");

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(LocalLlm.start());
    server.say("What is 2 + 3?");
    server.say("Thanks");
    server.say("Thanks");
    server.get("/nothing");
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void health_tellsStatusModelAndUptime() {
    JsonNode health = server.getJson("/health");

    assertThat(health.get("status").asText()).isEqualTo("ok");
    assertThat(health.get("uptime_seconds").asLong()).isNotNegative();
    assertThat(health.get("version").asText()).isNotBlank();
    assertThat(health.get("model").get("name").asText()).isEqualTo("gpt-4o-mini");
    assertThat(health.get("model").get("reachable").asBoolean()).isTrue();
  }

  @Test
  void metrics_areInThePrometheusFormat() {
    HttpResponse<String> metrics = server.get("/metrics");

    assertThat(metrics.headers().firstValue("content-type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("text/plain; version=0.0.4"));
    assertThat(metrics.body().lines())
        .allSatisfy(
            line ->
                assertThat(line.startsWith("# ") || SAMPLE.matcher(line).matches())
                    .as(line)
                    .isTrue());
    assertThat(metrics.body())
        .contains(
            "gen_ai_client_operation_duration_seconds_count{",
            "gen_ai_client_token_usage",
            "agentops_cost_",
            "agentops_cache_requests_total{cache=\"responses\",result=\"hit\"}",
            "agentops_tool_duration_seconds_count{agentops_cached=\"false\",agentops_status=\"ok\",gen_ai_tool_name=\"calculator\"} 1",
            "jvm_memory_used_bytes{");
  }

  @Test
  void metrics_countRequestsByTheTemplateOfTheirRoute() {
    server.get("/traces/some-id");

    await() // a request is counted once its answer is on its way
        .untilAsserted(
            () ->
                assertThat(server.get("/metrics").body())
                    .contains(
                        "http_server_requests_seconds_count{method=\"POST\",status=\"200\",uri=\"/chat\"}",
                        "http_server_requests_seconds_count{method=\"GET\",status=\"404\",uri=\"UNKNOWN\"}",
                        "http_server_requests_seconds_count{method=\"GET\",status=\"404\",uri=\"/traces/{traceId}\"}")
                    .doesNotContain("some-id"));
  }

  @Test
  void metrics_passPromtool() throws Exception {
    Path promtool =
        Stream.of(System.getenv("PATH").split(":"))
            .map(folder -> Path.of(folder, "promtool"))
            .filter(Files::isExecutable)
            .findFirst()
            .orElse(null);
    if (promtool == null) {
      System.err.println(
          "*** promtool is not installed: /metrics is not linted (Debian: prometheus)");
    }
    assumeTrue(promtool != null, "promtool is not installed");

    Process lint =
        new ProcessBuilder(promtool.toString(), "check", "metrics")
            .redirectErrorStream(true)
            .start();
    lint.getOutputStream().write(server.get("/metrics").body().getBytes(StandardCharsets.UTF_8));
    lint.getOutputStream().close();
    String complaints = new String(lint.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(lint.waitFor()).as(complaints).isZero();
  }

  @Test
  void openApi_namesEveryRouteAndResolves() {
    JsonNode document = server.getJson("/openapi.json");

    assertThat(document.get("openapi").asText()).startsWith("3.1.");
    assertThat(document.get("info").get("title").asText()).isNotBlank();
    assertThat(document.get("info").get("version").asText()).isNotBlank();
    assertThat(names(document.get("paths")))
        .containsExactlyInAnyOrder(
            "/chat", "/chat/stream", "/health", "/metrics", "/traces/{traceId}");
    Set<String> ids = new HashSet<>();
    for (JsonNode path : document.get("paths")) {
      for (JsonNode operation : path) {
        assertThat(ids.add(operation.get("operationId").asText())).isTrue();
        assertThat(operation.get("responses").get("200")).isNotNull();
        operation
            .get("responses")
            .forEach(answer -> assertThat(answer.get("description").asText()).isNotBlank());
      }
    }
    assertThat(document.findValuesAsText("$ref"))
        .isNotEmpty()
        .allSatisfy(ref -> assertThat(document.at(ref.substring(1)).isObject()).as(ref).isTrue());
  }

  @Test
  void openApi_schemaOfTheRequest_tellsItsRules() {
    JsonNode schema = server.getJson("/openapi.json").at("/components/schemas/ChatRequest");

    assertThat(schema.get("required"))
        .singleElement()
        .extracting(JsonNode::asText)
        .isEqualTo("message");
    assertThat(schema.get("additionalProperties").asBoolean(true)).isFalse();
    assertThat(names(schema.get("properties"))).containsExactly("message", "session_id", "context");
    assertThat(schema.at("/properties/message/maxLength").asInt()).isEqualTo(20_000);
    assertThat(schema.at("/properties/message/minLength").asInt()).isEqualTo(1);
    assertThat(schema.at("/properties/session_id/pattern").asText()).startsWith("^").endsWith("$");
    assertThat(schema.at("/properties/context/maxProperties").asInt()).isEqualTo(20);
  }

  @Test
  void openApi_schemaOfTheAnswer_fitsAnAnswer() {
    JsonNode schemas = server.getJson("/openapi.json").at("/components/schemas");
    JsonNode answer = server.say("Thanks");

    assertThat(names(schemas.at("/ChatResponse/properties"))).isEqualTo(names(answer));
    assertThat(names(schemas.at("/ChatResponse/properties/metadata/properties")))
        .isEqualTo(names(answer.get("metadata")));
  }

  @Test
  void docs_loadNothingThatIsNotThere() {
    HttpResponse<String> page = server.get("/docs");
    List<String> assets =
        Pattern.compile("(?:src|href)=\"([^\"]+)\"")
            .matcher(page.body())
            .results()
            .map((MatchResult match) -> match.group(1))
            .toList();

    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.body()).contains("<meta charset=\"utf-8\">");
    assertThat(assets).hasSizeGreaterThanOrEqualTo(3).allMatch(asset -> asset.startsWith("/docs/"));
    assertThat(assets)
        .allSatisfy(
            asset -> {
              HttpResponse<String> loaded = server.get(asset);
              assertThat(loaded.statusCode()).isEqualTo(200);
              assertThat(loaded.body()).isNotEmpty();
            });
    assertThat(server.get("/docs/docs.js").body()).contains("/openapi.json");
  }

  @Test
  void root_leadsToTheDocs() {
    assertThat(server.get("/").headers().firstValue("location"))
        .hasValueSatisfying(location -> assertThat(location).endsWith("/docs"));
  }

  @Test
  void console_showsTheTurns() {
    assertThat(server.get("/console").statusCode()).isEqualTo(302);
    HttpResponse<String> page = server.get("/console/");
    assertThat(page.statusCode()).isEqualTo(200);
    assertThat(page.headers().firstValue("content-security-policy")).isPresent();
    JsonNode traces = server.getJson("/console/api/traces?limit=50");
    assertThat(traces.get("traces").findValuesAsText("agent")).contains("assistant");
    assertThat(server.get("/console/api/traces?limit=none").statusCode()).isEqualTo(400);
    assertThat(server.get("/console/nothing").statusCode()).isEqualTo(404);
  }

  @ParameterizedTest
  @ValueSource(strings = {"unknown", "..%2f..%2fetc", "%20"})
  void trace_thatIsUnknown_isNotFound(String id) {
    assertThat(server.get("/traces/" + id).statusCode()).isIn(400, 404);
  }

  private static List<String> names(JsonNode object) {
    List<String> names = new ArrayList<>();
    object.fieldNames().forEachRemaining(names::add);
    return names;
  }
}

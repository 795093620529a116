package dev.agentops.examples.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.examples.llm.LocalLlm;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class ValidationTest {

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(LocalLlm.start());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  static Stream<Arguments> badBodies() {
    return Stream.of(
        bad("{}", 422, "missing", "body", "message"),
        bad("{\"message\": null}", 422, "missing", "body", "message"),
        bad("{\"message\": \"\"}", 422, "string_blank", "body", "message"),
        bad("{\"message\": \" \\n\\t \"}", 422, "string_blank", "body", "message"),
        bad("{\"message\": 5}", 422, "string_type", "body", "message"),
        bad("{\"message\": true}", 422, "string_type", "body", "message"),
        bad("{\"message\": [\"a\"]}", 422, "string_type", "body", "message"),
        bad("{\"message\": {}}", 422, "string_type", "body", "message"),
        bad(message("x".repeat(20_001)), 422, "string_length", "body", "message"),
        bad(message("x".repeat(100_000)), 422, "string_length", "body", "message"),
        bad("{\"message\": \"a\", \"model\": \"b\"}", 422, "extra_forbidden", "body", "model"),
        bad(with("session_id", "\"\""), 422, "string_pattern_mismatch", "body", "session_id"),
        bad(with("session_id", "\"a b\""), 422, "string_pattern_mismatch", "body", "session_id"),
        bad(with("session_id", "\"../x\""), 422, "string_pattern_mismatch", "body", "session_id"),
        bad(
            with("session_id", '"' + "s".repeat(101) + '"'),
            422,
            "string_pattern_mismatch",
            "body",
            "session_id"),
        bad(with("session_id", "7"), 422, "string_type", "body", "session_id"),
        bad(with("context", "[]"), 422, "object_type", "body", "context"),
        bad(with("context", "\"a\""), 422, "object_type", "body", "context"),
        bad(with("context", "{\"a\": 1}"), 422, "string_type", "body", "context", "a"),
        bad(with("context", "{\"a\": {}}"), 422, "string_type", "body", "context", "a"),
        bad(with("context", "{\"a\": null}"), 422, "missing", "body", "context", "a"),
        bad(
            with("context", "{\"a b\": \"\"}"),
            422,
            "string_pattern_mismatch",
            "body",
            "context",
            "a b"),
        bad(
            with("context", "{\"a\": \"" + "v".repeat(2_001) + "\"}"),
            422,
            "string_length",
            "body",
            "context",
            "a"),
        bad(with("context", twentyOneEntries()), 422, "too_long", "body", "context"),
        bad("[]", 422, "object_type", "body"),
        bad("null", 422, "object_type", "body"),
        bad("\"text\"", 422, "object_type", "body"),
        bad("{\"message\": \"a\"} {\"message\": \"b\"}", 422, "trailing_data", "body"),
        bad("", 400, "json_invalid", "body"),
        bad("{\"message\":", 400, "json_invalid", "body"),
        bad("{message: 'a'}", 400, "json_invalid", "body"),
        bad("{\"message\": \"a\", \"message\": \"b\"}", 400, "json_invalid", "body"),
        bad("[".repeat(5_000), 422, "object_type", "body"));
  }

  @ParameterizedTest
  @MethodSource("badBodies")
  void badBody_isRefusedWithItsPlace(String body, int status, String type, List<String> place) {
    for (String path : List.of("/chat", "/chat/stream")) {
      HttpResponse<String> answer = server.post(path, body);

      assertThat(answer.statusCode()).isEqualTo(status);
      assertThat(answer.headers().firstValue("content-type"))
          .hasValue("application/json;charset=utf-8");
      JsonNode detail = TestServer.json(answer).get("detail").get(0);
      assertThat(detail.get("type").asText()).isEqualTo(type);
      List<String> loc = new ArrayList<>();
      detail.get("loc").forEach(step -> loc.add(step.asText()));
      assertThat(loc).isEqualTo(place);
      assertThat(detail.get("msg").asText())
          .isNotBlank()
          .doesNotContain("dev.agentops", "Exception");
    }
  }

  @Test
  void severalFaults_areToldTogether() {
    HttpResponse<String> answer =
        server.post("/chat", "{\"message\": \"\", \"session_id\": \"a b\"}");

    assertThat(TestServer.json(answer).get("detail")).hasSize(2);
  }

  @Test
  void longestMessage_isTaken() {
    assertThat(server.chat("Thanks " + "x".repeat(19_993)).statusCode()).isEqualTo(200);
  }

  @Test
  void bytesThatAreNotUtf8_areRefused() {
    byte[] body = {
      '{', '"', 'm', 'e', 's', 's', 'a', 'g', 'e', '"', ':', '"', (byte) 0xff, '"', '}'
    };

    HttpResponse<String> answer =
        TestServer.send(
            HttpRequest.newBuilder(server.uri("/chat"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(body)));

    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).contains("json_invalid");
  }

  @Test
  void bodyOverAMillionBytes_isRefused() {
    assertThat(server.post("/chat", message("x".repeat(1_000_000))).statusCode()).isEqualTo(413);
  }

  @Test
  void bodyOverAMillionBytes_ofUnknownLength_isRefused() {
    HttpResponse<String> answer =
        TestServer.send(
            HttpRequest.newBuilder(server.uri("/chat"))
                .header("Content-Type", "application/json")
                .POST(
                    BodyPublishers.fromPublisher(
                        BodyPublishers.ofString(message("x".repeat(1_000_000))))));

    assertThat(answer.statusCode()).isEqualTo(413);
    assertThat(answer.body()).contains("body_too_large");
  }

  @ParameterizedTest
  @MethodSource("contentTypes")
  void contentType_mustBeJsonInUtf8(String contentType, int status) {
    HttpResponse<String> answer =
        TestServer.send(
            HttpRequest.newBuilder(server.uri("/chat"))
                .header("Content-Type", contentType)
                .POST(BodyPublishers.ofString(message("Thanks"))));

    assertThat(answer.statusCode()).isEqualTo(status);
  }

  static Stream<Arguments> contentTypes() {
    return Stream.of(
        Arguments.of("application/json", 200),
        Arguments.of("Application/JSON; charset=UTF-8", 200),
        Arguments.of("application/json;charset=\"utf-8\"", 200),
        Arguments.of("application/json; charset=iso-8859-1", 415),
        Arguments.of("application/x-www-form-urlencoded", 415),
        Arguments.of("text/plain", 415),
        Arguments.of("application/jsonp", 415));
  }

  @Test
  void missingContentType_isRefused() {
    HttpResponse<String> answer =
        TestServer.send(
            HttpRequest.newBuilder(server.uri("/chat"))
                .POST(BodyPublishers.ofString(message("Thanks"))));

    assertThat(answer.statusCode()).isEqualTo(415);
    assertThat(answer.body()).contains("unsupported_media_type", "Content-Type");
  }

  @Test
  void userId_withStrangeCharacters_isRefused() {
    assertThat(server.chat("Thanks", "X-User-Id", "a b").statusCode()).isEqualTo(422);
  }

  @Test
  void unknownPage_isJson() {
    HttpResponse<String> answer = server.get("/nothing");

    assertThat(answer.statusCode()).isEqualTo(404);
    assertThat(TestServer.json(answer).get("detail").get(0).get("type").asText())
        .isEqualTo("not_found");
  }

  @Test
  void wrongMethod_isJsonAndNamesTheRightOne() {
    HttpResponse<String> answer = server.get("/chat");

    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("allow")).hasValue("POST");
    assertThat(TestServer.json(answer).get("detail").get(0).get("type").asText())
        .isEqualTo("method_not_allowed");
  }

  @Test
  void brokenRequest_isJson() {
    HttpResponse<String> answer = server.get("/health", "X-Long", "x".repeat(20_000));

    assertThat(answer.statusCode()).isEqualTo(431);
    assertThat(TestServer.json(answer).get("detail").get(0).get("type").asText())
        .isEqualTo("bad_request");
  }

  private static Arguments bad(String body, int status, String type, String... place) {
    return Arguments.of(body, status, type, List.of(place));
  }

  private static String message(String text) {
    return TestServer.body(text, null);
  }

  private static String with(String field, String value) {
    return "{\"message\": \"a\", \"" + field + "\": " + value + "}";
  }

  private static String twentyOneEntries() {
    StringBuilder entries = new StringBuilder("{\"k0\": \"v\"");
    for (int i = 1; i <= 20; i++) {
      entries.append(", \"k").append(i).append("\": \"v\"");
    }
    return entries.append('}').toString();
  }
}

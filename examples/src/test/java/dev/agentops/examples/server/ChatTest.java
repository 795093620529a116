package dev.agentops.examples.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.examples.llm.LocalLlm;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class ChatTest {

  private static TestServer server;

  @BeforeAll
  static void start() {
    server = TestServer.start(LocalLlm.start());
  }

  @AfterAll
  static void stop() {
    server.close();
  }

  @Test
  void answer_toArithmetic_comesFromTheCalculator() {
    JsonNode answer = server.say("What is 12.5 * 8?");

    assertThat(answer.get("response").asText()).contains("100");
    assertThat(answer.get("session_id").asText()).isNotBlank();
    JsonNode metadata = answer.get("metadata");
    assertThat(metadata.get("model").asText()).isEqualTo("gpt-4o-mini");
    assertThat(metadata.get("usage").get("input_tokens").asLong()).isPositive();
    assertThat(metadata.get("usage").get("output_tokens").asLong()).isPositive();
    assertThat(metadata.get("cost").decimalValue()).isPositive();
    assertThat(metadata.get("cached").asBoolean()).isFalse();
    assertThat(metadata.get("model_calls").asInt()).isEqualTo(2);
    assertThat(metadata.get("tool_calls").asInt()).isEqualTo(1);
  }

  @Test
  void trace_ofToolTurn_showsAgentModelToolModel() {
    JsonNode metadata = server.say("What is 7 * 191?").get("metadata");

    JsonNode trace = server.getJson("/traces/" + metadata.get("trace_id").asText());

    List<JsonNode> spans = list(trace.get("spans"));
    assertThat(spans)
        .extracting(span -> span.get("name").asText(), span -> span.get("status").asText())
        .containsExactly(
            tuple("invoke_agent assistant", "ok"),
            tuple("chat gpt-4o-mini", "ok"),
            tuple("execute_tool calculator", "ok"),
            tuple("chat gpt-4o-mini", "ok"));
    String root = spans.get(0).get("span_id").asText();
    assertThat(spans.get(0).get("parent_span_id").isNull()).isTrue();
    assertThat(spans.subList(1, 4))
        .allSatisfy(span -> assertThat(span.get("parent_span_id").asText()).isEqualTo(root));
    assertThat(spans.get(0).get("input").asText()).isEqualTo("What is 7 * 191?");
    assertThat(spans.get(0).get("output").asText()).contains("1337");
    assertThat(spans.get(2).get("output").asText()).isEqualTo("1337");
    assertThat(spans.get(1).get("input").asText())
        .as("the question reaches the model once")
        .containsOnlyOnce("What is 7 * 191?");
    long tokens = 0;
    for (JsonNode chat : List.of(spans.get(1), spans.get(3))) {
      JsonNode attributes = chat.get("attributes");
      assertThat(attributes.get("agentops.cost.usd").asText()).startsWith("0.0000");
      tokens += attributes.get("gen_ai.usage.input_tokens").asLong();
    }
    assertThat(tokens).isEqualTo(metadata.get("usage").get("input_tokens").asLong());
  }

  @Test
  void sameQuestionTwice_isAnsweredByTheCacheForNothing() {
    JsonNode first = server.say("Hello! What can you do?");
    long asked = server.llm.requests();
    JsonNode second = server.say("Hello! What can you do?");

    assertThat(first.get("metadata").get("cached").asBoolean()).isFalse();
    assertThat(second.get("metadata").get("cached").asBoolean()).isTrue();
    assertThat(second.get("metadata").get("cost").decimalValue()).isZero();
    assertThat(second.get("metadata").get("usage").get("total_tokens").asLong()).isZero();
    assertThat(second.get("response")).isEqualTo(first.get("response"));
    assertThat(second.get("session_id")).isNotEqualTo(first.get("session_id"));
    assertThat(server.llm.requests()).isEqualTo(asked);
  }

  @Test
  void sameQuestionTwice_withTools_runsThemAgainAndAsksNoModel() {
    server.say("What is a budget?");
    JsonNode second = server.say("What is a budget?").get("metadata");

    assertThat(second.get("cached").asBoolean()).isTrue();
    assertThat(second.get("cost").decimalValue()).isZero();
    assertThat(second.get("model_calls").asInt()).isEqualTo(2);
    assertThat(second.get("cached_model_calls").asInt()).isEqualTo(2);
    assertThat(second.get("tool_calls").asInt()).isEqualTo(1);
  }

  @Test
  void sameQuestion_ofAnotherUser_isNotAnsweredByTheCache() {
    server.say("Thank you very much", "X-User-Id", "ann");

    JsonNode other = server.say("Thank you very much", "X-User-Id", "ben");

    assertThat(other.get("metadata").get("cached").asBoolean()).isFalse();
  }

  @Test
  void session_remembersWhatWasSaid() {
    String session = server.say("My name is Grace").get("session_id").asText();

    assertThat(server.sayIn(session, "What is my name?").get("response").asText())
        .contains("Grace");
    assertThat(server.say("What is my name?").get("response").asText()).doesNotContain("Grace");
  }

  @Test
  void session_ofAnotherUser_isNotEntered() {
    server.post("/chat", TestServer.body("My name is Ida", "shared-name"), "X-User-Id", "ida");

    HttpResponse<String> stranger =
        server.post(
            "/chat", TestServer.body("What is my name?", "shared-name"), "X-User-Id", "eve");

    assertThat(stranger.body()).doesNotContain("Ida");
  }

  @Test
  void sessions_atTheSameTime_doNotMix() {
    List<String> names = List.of("Ada", "Bob", "Cleo", "Dan", "Fay", "Gus", "Hal", "Ivy");
    List<CompletableFuture<String>> answers = new ArrayList<>();
    for (String name : names) {
      answers.add(
          CompletableFuture.supplyAsync(
              () -> {
                String session = "session-of-" + name;
                server.sayIn(session, "My name is " + name);
                return server.sayIn(session, "What is my name?").get("response").asText();
              }));
    }

    assertThat(answers)
        .extracting(CompletableFuture::join)
        .containsExactlyElementsOf(
            names.stream().map(name -> "Your name is " + name + ".").toList());
  }

  @Test
  void message_withBraces_isNoTemplate() {
    HttpResponse<String> answer =
        server.post(
            "/chat",
            """
            {"message": "Say {{it}} {{missing}}", "context": {"note": "{{also}} missing"}}""");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("{{it}} {{missing}}");
  }

  @Test
  void context_reachesTheModelAndItsCacheKey() {
    String question = "{\"message\": \"Good day\", \"context\": {\"language\": \"%s\"}}";
    server.post("/chat", question.formatted("French"));

    JsonNode again = TestServer.json(server.post("/chat", question.formatted("French")));
    JsonNode other = TestServer.json(server.post("/chat", question.formatted("Dutch")));

    assertThat(again.get("metadata").get("cached").asBoolean()).isTrue();
    assertThat(other.get("metadata").get("cached").asBoolean()).isFalse();
    String trace = server.get("/traces/" + other.get("metadata").get("trace_id").asText()).body();
    assertThat(trace).contains("language: Dutch");
  }

  @Test
  void requestId_ofTheClient_isKeptWhereItIsSane() {
    assertThat(
            server.chat("Thanks", "X-Request-Id", "my-id.7").headers().firstValue("x-request-id"))
        .hasValue("my-id.7");
    assertThat(
            server
                .chat("Thanks", "X-Request-Id", "<script> or worse")
                .headers()
                .firstValue("x-request-id"))
        .hasValueSatisfying(id -> assertThat(id).matches("[0-9a-f]{32}"));
  }

  @Test
  void turns_leaveNothingBehind() {
    server.say("Thanks a lot");

    assertThat(server.app.operations().meter().running()).isZero();
    assertThat(server.app.operations().tracer().openSpans())
        .filteredOn(span -> span.agentName().equals("assistant"))
        .isEmpty();
    await().untilAsserted(() -> assertThat(server.app.inFlight().running()).isZero());
  }

  private static List<JsonNode> list(JsonNode array) {
    return StreamSupport.stream(array.spliterator(), false).toList();
  }
}

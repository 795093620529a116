package dev.agentops.examples.llm;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The responder's rules of language, one by one. */
class RulesTest {
  @Test
  void split_severalRequests() {
    assertThat(
            Clauses.split(
                "Please tell me the time in Paris, what is 3 and 4 together and also who"
                    + " wrote Faust? Can you find the policy."))
        .containsExactly(
            "tell me the time in Paris",
            "what is 3 and 4 together",
            "who wrote Faust?",
            "find the policy.");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "What time is it?",
        "what's the current date",
        "What is the date and time in Oslo?",
        "which day is it",
        "tell me the time in Tokyo",
        "today's date please",
        "time in Berlin"
      })
  void asksForTime_yes(String clause) {
    assertThat(Clauses.asksForTime(clause)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "what is the time complexity of quicksort",
        "what is the date of the contract?",
        "how long does it take to time out",
        "is there a dress code"
      })
  void asksForTime_no(String clause) {
    assertThat(Clauses.asksForTime(clause)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({
    "time in Tokyo, Asia/Tokyo",
    "time in new york, America/New_York",
    "time in Istanbul, Europe/Istanbul",
    "time at Asia/Kolkata, Asia/Kolkata",
    "time in Buenos Aires, America/Argentina/Buenos_Aires",
    "time in San Francisco, America/Los_Angeles",
    "time in Japan, Japan",
    "UTC time, UTC"
  })
  void places_zone(String text, String zone) {
    assertThat(ZoneFinder.places(text)).extracting(ZoneFinder.Place::zone).containsExactly(zone);
  }

  @Test
  void places_none() {
    assertThat(ZoneFinder.places("what time is it now?")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "calculator, expression, CALCULATOR",
    "evaluateExpression, input, CALCULATOR",
    "getCurrentTime, zone, CLOCK",
    "now, city, CLOCK",
    "updateTimer, seconds, OTHER",
    "search_docs, query, SEARCH",
    "knowledgeBase, question, SEARCH",
    "getWeather, city, OTHER",
    "calculateShipping, city, OTHER",
    "searchHotels, city, OTHER",
    "orderStatus, orderId, OTHER"
  })
  void toolKind_byNameAndParameter(String name, String parameter, ToolKind kind) {
    assertThat(ToolKind.of(tool(name, parameter))).isEqualTo(kind);
  }

  @Test
  void operatorTools_twoNumbers() {
    Wire.Function add =
        new Wire.Function(
            "add",
            null,
            Json.readLeniently(
                """
                {"type": "object", "required": ["a", "b"],
                 "properties": {"a": {"type": "number"}, "b": {"type": "number"}}}\
                """));

    assertThat(calls("What is 3 + 4.5?", List.of(add))).containsExactly("add{\"a\":3,\"b\":4.5}");
    assertThat(calls("What is 3 * 4.5?", List.of(add))).isEmpty();
  }

  @Test
  void choose_cityOrZone() {
    assertThat(calls("What time is it in Tokyo?", List.of(tool("clock", "city"))))
        .containsExactly("clock{\"city\":\"Tokyo\"}");
    assertThat(calls("What is the weather like in Paris?", List.of(tool("getWeather", "city"))))
        .containsExactly("getWeather{\"city\":\"Paris\"}");
    assertThat(calls("Please find hotels in Rome", List.of(tool("searchHotels", "city"))))
        .containsExactly("searchHotels{\"city\":\"Rome\"}");
  }

  @Test
  void fill_everyType() {
    JsonNode schema =
        Json.readLeniently(
            """
            {"type": "object", "properties": {
              "mood": {"enum": ["GOOD", "BAD"]},
              "count": {"type": "integer"},
              "price": {"type": ["number", "null"]},
              "email": {"type": "string"},
              "summary": {"type": "string"},
              "tags": {"type": "array", "items": {"enum": ["red", "green", "blue"]}},
              "urgent": {"type": "boolean"},
              "kind": {"const": "ticket"},
              "part": {"$ref": "#/$defs/part"},
              "other": {"anyOf": [{"type": "null"}, {"type": "string"}]}},
             "$defs": {"part": {"type": "object", "properties": {"id": {"type": "string"}}}}}\
            """);

    JsonNode filled =
        new SchemaFiller("It is bad and urgent: 3 red parts X-77 at 9.5, blue too, a@b.org", "Done")
            .document(schema);

    assertThat(filled)
        .hasToString(
            "{\"mood\":\"BAD\",\"count\":3,\"price\":9.5,\"email\":\"a@b.org\","
                + "\"summary\":\"Done\","
                + "\"tags\":[\"red\",\"blue\"],\"urgent\":true,\"kind\":\"ticket\","
                + "\"part\":{\"id\":\"X-77\"},\"other\":\"\"}");
  }

  @Test
  void bestSentence_mostSharedWords() {
    List<String> sentences = List.of("Cats sleep.", "Refunds take five days.", "Dogs bark.");

    assertThat(Text.bestSentence(sentences, "How long does a refund take?", 0))
        .isEqualTo("Refunds take five days.");
    assertThat(Text.bestSentence(sentences, "Who is the king?", 0)).isNull();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Who are you?                        | I am a small local rule-based model.
          thanks!                             | You are welcome.
          Say: all is well                    | all is well
          What did we talk about?             | You said: "My favourite colour is green.".
          What is my favourite colour?        | You told me: "My favourite colour is green."
          What is the capital of Peru?        | I am a small local rule-based model and know nothing
          What is 2 + 2?                      | I was given no tool for arithmetic
          """)
  void reply_withoutTools(String question, String start) {
    List<Wire.Message> messages =
        List.of(
            user("My favourite colour is green."),
            new Wire.Message("assistant", text("I see."), null, null, null),
            user(question));

    assertThat(new Persona().reply(request(List.of()), messages).text()).startsWith(start);
  }

  private static List<String> calls(String question, List<Wire.Function> tools) {
    return new Persona()
        .reply(request(tools), List.of(user(question))).calls().stream()
            .map(call -> call.function().name() + call.function().arguments())
            .toList();
  }

  private static Wire.ChatRequest request(List<Wire.Function> tools) {
    return new Wire.ChatRequest(
        "m",
        null,
        tools.stream().map(tool -> new Wire.Tool("function", tool)).toList(),
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }

  private static Wire.Function tool(String name, String parameter) {
    return new Wire.Function(
        name,
        null,
        Json.readLeniently(
            """
            {"type": "object", "required": ["%s"],
             "properties": {"%s": {"type": "string"}}}\
            """
                .formatted(parameter, parameter)));
  }

  private static Wire.Message user(String text) {
    return new Wire.Message("user", text(text), null, null, null);
  }

  private static JsonNode text(String text) {
    return Json.MAPPER.valueToTree(text);
  }
}

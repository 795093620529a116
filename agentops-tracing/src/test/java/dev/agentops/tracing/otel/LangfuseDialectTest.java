package dev.agentops.tracing.otel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.agentops.Attributes;
import dev.agentops.tracing.Span;
import dev.agentops.tracing.SpanStatus;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What we send, read as Langfuse's ingestion reads it (version 4, August 2026). */
class LangfuseDialectTest {

  /** The types that it knows under its own attribute; any other text makes a plain span. */
  private static final Set<String> TYPES =
      Set.of(
          "span",
          "generation",
          "event",
          "embedding",
          "agent",
          "tool",
          "chain",
          "retriever",
          "guardrail",
          "evaluator");

  @Test
  void modelCall_isAGenerationWithModelAndParameters() throws IOException {
    Map<String, Object> sent = DialectTest.sent(Dialect.LANGFUSE, Spans.modelCall().build());

    assertThat(sent)
        .contains(
            entry("langfuse.observation.type", "generation"),
            entry("gen_ai.request.model", "gpt-4"),
            entry("gen_ai.response.model", "gpt-4-0613"),
            entry("gen_ai.request.temperature", 0.2),
            entry("gen_ai.request.max_tokens", 100L));
  }

  /** It takes input and output from one pair of names, so both must be of the same pair. */
  @Test
  void inputAndOutput_areUnderItsOwnNamesAndOnlyThere() throws IOException {
    Map<String, Object> call = DialectTest.sent(Dialect.LANGFUSE, Spans.modelCall().build());
    assertThat(call)
        .contains(
            entry("langfuse.observation.input", Spans.INPUT),
            entry("langfuse.observation.output", Spans.OUTPUT));
    Map<String, Object> tool = DialectTest.sent(Dialect.LANGFUSE, Spans.toolCall().build());
    assertThat(tool)
        .contains(
            entry("langfuse.observation.type", "tool"),
            entry("langfuse.observation.input", "{\"id\":7}"),
            entry("langfuse.observation.output", "found"));
    Map<String, Object> plain =
        DialectTest.sent(Dialect.LANGFUSE, Spans.span("plan").input(Map.of("q", "x")).build());
    assertThat(plain)
        .containsEntry("langfuse.observation.input", "{\"q\":\"x\"}")
        .doesNotContainKeys("langfuse.observation.output", "langfuse.observation.type");
    for (Map<String, Object> sent : List.of(call, tool)) {
      assertThat(sent)
          .doesNotContainKeys(
              "gen_ai.input.messages",
              "gen_ai.output.messages",
              "gen_ai.tool.call.arguments",
              "gen_ai.tool.call.result");
    }
  }

  /** It adds up all parts whose names begin with input or output, and prices each. */
  @Test
  void usage_partsAddUpToTheTotals() throws IOException {
    Map<String, Object> sent = DialectTest.sent(Dialect.LANGFUSE, Spans.modelCall().build());

    JsonNode usage = json(sent.get("langfuse.observation.usage_details"));
    assertThat(sum(usage, "input")).isEqualTo(1_000);
    assertThat(sum(usage, "output")).isEqualTo(500);
    assertThat(usage.path("total").asLong()).isEqualTo(1_500);
    assertThat(usage.path("input").asLong()).isEqualTo(300);
    assertThat(usage.path("input_cache_read").asLong()).isEqualTo(600);
    assertThat(usage.path("input_cache_creation").asLong()).isEqualTo(100);
    assertThat(usage.path("output").asLong()).isEqualTo(300);
    assertThat(usage.path("output_reasoning").asLong()).isEqualTo(200);
    // were these there, too, a reader that prefers them would count cached tokens twice
    assertThat(sent.keySet()).noneMatch(name -> name.startsWith("gen_ai.usage."));
  }

  @Test
  void usage_ofAnAgent_isThatOfItsModelCallsAndNotSentTwice() throws IOException {
    Map<String, Object> sent = DialectTest.sent(Dialect.LANGFUSE, Spans.agentCall().build());

    assertThat(sent)
        .containsEntry("langfuse.observation.type", "agent")
        .doesNotContainKey("langfuse.observation.usage_details");
    assertThat(sent.keySet()).noneMatch(name -> name.contains("usage"));
  }

  @Test
  void traceName_isKnownInLaterBatches() {
    RootNames names = new RootNames();
    Span root = Spans.span("turn").parentSpanId(null).name("turn support").build();
    Span late = Spans.span("late").build();

    assertThat(names.of(List.of(late))).isEmpty();
    assertThat(names.of(List.of(late, root))).containsEntry(root.traceId(), "turn support");
    assertThat(names.of(List.of(late))).containsEntry(root.traceId(), "turn support");
    for (int i = 0; i < RootNames.MAXIMUM; i++) {
      names.of(List.of(Spans.span("other").traceId("other" + i).parentSpanId(null).build()));
    }
    assertThat(names.of(List.of(late))).isEmpty();
  }

  @Test
  void usage_unknown_isNotSentAsZero() throws IOException {
    assertThat(DialectTest.sent(Dialect.LANGFUSE, Spans.toolCall().build()))
        .doesNotContainKeys(
            "langfuse.observation.usage_details", "langfuse.observation.cost_details");
  }

  @Test
  void cost_isExactJson() throws IOException {
    Map<String, Object> sent = DialectTest.sent(Dialect.LANGFUSE, Spans.modelCall().build());

    JsonNode cost = json(sent.get("langfuse.observation.cost_details"));
    assertThat(cost.path("total").isNumber()).isTrue();
    assertThat(new BigDecimal(cost.path("total").asText())).isEqualByComparingTo("0.0600001");
  }

  @Test
  void firstChunk_isATime() throws IOException {
    Map<String, Object> sent = DialectTest.sent(Dialect.LANGFUSE, Spans.modelCall().build());

    assertThat(Instant.parse((String) sent.get("langfuse.observation.completion_start_time")))
        .isEqualTo(Instant.parse("2026-01-01T00:00:00.250Z"));
  }

  /** Each span is filtered by its own attributes. */
  @Test
  void whoAndWhere_isOnEverySpan() throws IOException {
    Span root = Spans.span("invoke_agent").parentSpanId(null).name("invoke_agent support").build();
    List<Map<String, Object>> sent =
        DialectTest.sent(
            Dialect.LANGFUSE, List.of(Spans.toolCall().build(), Spans.modelCall().build(), root));

    assertThat(sent)
        .hasSize(3)
        .allSatisfy(
            span ->
                assertThat(span)
                    .contains(
                        entry("session.id", "s1"),
                        entry("user.id", "alice"),
                        entry("langfuse.trace.name", "invoke_agent support"),
                        entry("langfuse.trace.tags", List.of("beta", "eu")),
                        entry("langfuse.environment", "production-eu"),
                        entry("langfuse.release", "1.2.3")));
  }

  @Test
  void environmentAndRelease_ofTheScope_win() throws IOException {
    Span span =
        Spans.toolCall()
            .attributes(
                Attributes.of("deployment.environment.name", "staging", "service.version", "2"))
            .build();

    assertThat(DialectTest.sent(Dialect.LANGFUSE, span))
        .contains(entry("langfuse.environment", "staging"), entry("langfuse.release", "2"))
        .doesNotContainKeys("deployment.environment.name", "service.version");
  }

  @Test
  void traceName_ofTheScope_winsAndNeedsNoRoot() throws IOException {
    Span span = Spans.toolCall().attributes(Attributes.of("agentops.trace.name", "refund")).build();

    assertThat(DialectTest.sent(Dialect.LANGFUSE, span))
        .containsEntry("langfuse.trace.name", "refund")
        .doesNotContainKey("agentops.trace.name");
  }

  @Test
  void session_ofTheConversation_isTheSession() throws IOException {
    Span span =
        Spans.span("chat")
            .clearAttributes()
            .attributes(Attributes.of("gen_ai.conversation.id", "c9"))
            .build();

    assertThat(DialectTest.sent(Dialect.LANGFUSE, span)).containsEntry("session.id", "c9");
  }

  /** It shows no other attributes than those it knows, and metadata. */
  @Test
  void otherAttributesAndMetadata_areMetadata() throws IOException {
    Span span =
        Spans.span("plan")
            .attributes(Attributes.of("rows", 3))
            .metadata(Map.of("tokens", 100, "nested", Map.of("a", 1)))
            .build();

    assertThat(DialectTest.sent(Dialect.LANGFUSE, span))
        .contains(
            entry("langfuse.observation.metadata.tenant", "t1"),
            entry("langfuse.observation.metadata.rows", 3L),
            entry("langfuse.observation.metadata.tokens", 100L),
            entry("langfuse.observation.metadata.nested", "{\"a\":1}"))
        .doesNotContainKeys("tenant", "rows");
  }

  @ParameterizedTest
  @CsvSource({
    "chat, generation",
    "text_completion, generation",
    "embeddings, embedding",
    "retrieval, retriever",
    "execute_tool, tool",
    "invoke_agent, agent",
    "invoke_workflow, chain",
    "guardrail, guardrail",
    "evaluate, evaluator"
  })
  void type_isOneThatItKnows(String operation, String type) throws IOException {
    Object byAction =
        DialectTest.sent(Dialect.LANGFUSE, Spans.span(operation).build())
            .get("langfuse.observation.type");
    Object byAttribute =
        DialectTest.sent(
                Dialect.LANGFUSE,
                Spans.span("x")
                    .attributes(Attributes.of("gen_ai.operation.name", operation))
                    .build())
            .get("langfuse.observation.type");

    assertThat(TYPES).contains(type);
    assertThat(byAction).isEqualTo(type);
    assertThat(byAttribute).isEqualTo(type);
  }

  @ParameterizedTest
  @CsvSource({
    "ERROR, boom, ERROR, boom",
    "REJECTED, over budget, ERROR, over budget",
    "ABANDONED, , ERROR, abandoned",
    "CANCELLED, , WARNING, cancelled",
    "OK, , , "
  })
  void status_isLevelAndMessage(SpanStatus status, String error, String level, String message)
      throws IOException {
    Map<String, Object> sent =
        DialectTest.sent(Dialect.LANGFUSE, Spans.span("plan").status(status).error(error).build());

    assertThat(sent.get("langfuse.observation.level")).isEqualTo(level);
    assertThat(sent.get("langfuse.observation.status_message")).isEqualTo(message);
  }

  private static long sum(JsonNode usage, String prefix) {
    long sum = 0;
    for (Map.Entry<String, JsonNode> part : usage.properties()) {
      sum += part.getKey().startsWith(prefix) ? part.getValue().asLong() : 0;
    }
    return sum;
  }

  private static JsonNode json(Object text) throws IOException {
    return new ObjectMapper().readTree((String) text);
  }
}

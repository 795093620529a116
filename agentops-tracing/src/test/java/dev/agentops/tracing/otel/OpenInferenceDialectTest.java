package dev.agentops.tracing.otel;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.agentops.Attributes;
import dev.agentops.tracing.Span;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What we send, in the words of OpenInference's conventions, which Phoenix reads. */
class OpenInferenceDialectTest {

  private static final Set<String> KINDS =
      Set.of(
          "TOOL",
          "CHAIN",
          "LLM",
          "RETRIEVER",
          "EMBEDDING",
          "AGENT",
          "RERANKER",
          "GUARDRAIL",
          "EVALUATOR",
          "PROMPT",
          "UNKNOWN");

  @Test
  void modelCall_hasModelTokensAndCost() throws IOException {
    Map<String, Object> sent =
        DialectTest.sent(
            Dialect.OPENINFERENCE, Spans.modelCall().metadata(Map.of("attempt", 1)).build());

    assertThat(sent)
        .contains(
            entry("openinference.span.kind", "LLM"),
            entry("llm.model_name", "gpt-4-0613"),
            entry("llm.provider", "openai"),
            entry("llm.system", "openai"),
            entry("llm.token_count.prompt", 1_000L),
            entry("llm.token_count.completion", 500L),
            entry("llm.token_count.total", 1_500L),
            entry("llm.token_count.prompt_details.cache_read", 600L),
            entry("llm.token_count.prompt_details.cache_write", 100L),
            entry("llm.token_count.completion_details.reasoning", 200L),
            entry("llm.cost.total", 0.0600001),
            entry("llm.finish_reason", "stop"),
            entry("session.id", "s1"),
            entry("user.id", "alice"),
            entry("tag.tags", List.of("beta", "eu")),
            entry("metadata", "{\"attempt\":1}"),
            entry("input.value", Spans.INPUT),
            entry("input.mime_type", "application/json"),
            entry("output.value", Spans.OUTPUT));
    assertThat(new ObjectMapper().readTree((String) sent.get("llm.invocation_parameters")))
        .isEqualTo(new ObjectMapper().readTree("{\"max_tokens\":100,\"temperature\":0.2}"));
    assertThat(sent).doesNotContainKeys("gen_ai.input.messages", "gen_ai.output.messages");
  }

  @Test
  void agent_hasNoTokensOfItsOwn() throws IOException {
    Map<String, Object> sent = DialectTest.sent(Dialect.OPENINFERENCE, Spans.agentCall().build());

    assertThat(sent).containsEntry("openinference.span.kind", "AGENT");
    assertThat(sent.keySet())
        .noneMatch(name -> name.contains("usage") || name.contains("token_count"));
  }

  @Test
  void messages_areFlattened() throws IOException {
    Map<String, Object> sent = DialectTest.sent(Dialect.OPENINFERENCE, Spans.modelCall().build());

    String in = "llm.input_messages.";
    assertThat(sent)
        .contains(
            entry(in + "0.message.role", "system"),
            entry(in + "0.message.content", "be brief"),
            entry(in + "1.message.role", "user"),
            entry(in + "1.message.name", "alice"),
            entry(in + "1.message.contents.0.message_content.type", "text"),
            entry(in + "1.message.contents.0.message_content.text", "see"),
            entry(in + "1.message.contents.1.message_content.type", "image"),
            entry(in + "1.message.contents.1.message_content.image.image.url", "http://x/y.png"),
            entry(
                in + "1.message.contents.2.message_content.image.image.url",
                "data:image/png;base64,QUJD"),
            entry(in + "2.message.role", "assistant"),
            entry(in + "2.message.tool_calls.0.tool_call.id", "c1"),
            entry(in + "2.message.tool_calls.0.tool_call.function.name", "lookup"),
            entry(in + "2.message.tool_calls.0.tool_call.function.arguments", "{\"id\":7}"),
            entry(in + "2.message.tool_calls.1.tool_call.function.name", "now"),
            entry(in + "2.message.tool_calls.1.tool_call.function.arguments", "{}"),
            entry(in + "3.message.role", "tool"),
            entry(in + "3.message.tool_call_id", "c1"),
            entry(in + "3.message.content", "found"),
            entry("llm.output_messages.0.message.role", "assistant"),
            entry("llm.output_messages.0.message.contents.0.message_content.type", "reasoning"),
            entry("llm.output_messages.0.message.contents.0.message_content.text", "hm"),
            entry("llm.output_messages.0.message.contents.1.message_content.text", "a cat"));
    assertThat(sent).doesNotContainKey(in + "2.message.content");
  }

  @Test
  void messages_thatWereCut_areTheValueOnly() throws IOException {
    String cut = Spans.INPUT.substring(0, 60);
    Map<String, Object> sent =
        DialectTest.sent(Dialect.OPENINFERENCE, Spans.modelCall().input(cut).build());

    assertThat(sent).contains(entry("input.value", cut), entry("input.mime_type", "text/plain"));
    assertThat(sent.keySet()).noneMatch(name -> name.startsWith("llm.input_messages"));
  }

  @Test
  void toolCall_hasNameIdAndArguments() throws IOException {
    assertThat(DialectTest.sent(Dialect.OPENINFERENCE, Spans.toolCall().build()))
        .contains(
            entry("openinference.span.kind", "TOOL"),
            entry("tool.name", "lookup"),
            entry("tool.id", "c1"),
            entry("tool.parameters", "{\"id\":7}"),
            entry("input.value", "{\"id\":7}"),
            entry("input.mime_type", "application/json"),
            entry("output.value", "found"),
            entry("output.mime_type", "text/plain"))
        .doesNotContainKeys("gen_ai.tool.call.arguments", "gen_ai.tool.call.result");
  }

  @Test
  void embeddings_haveTheirTexts() throws IOException {
    Span span =
        Spans.span("embeddings")
            .input(List.of("one", "two"))
            .attributes(Attributes.of("gen_ai.request.model", "minilm"))
            .build();

    assertThat(DialectTest.sent(Dialect.OPENINFERENCE, span))
        .contains(
            entry("openinference.span.kind", "EMBEDDING"),
            entry("embedding.model_name", "minilm"),
            entry("embedding.embeddings.0.embedding.text", "one"),
            entry("embedding.embeddings.1.embedding.text", "two"));
  }

  @Test
  void retrieval_hasItsDocuments() throws IOException {
    Span span =
        Spans.span("retrieval")
            .input("cats")
            .attributes(
                Attributes.of(
                    "gen_ai.retrieval.documents",
                    "[{\"id\":\"d1\",\"score\":0.5,\"content\":\"a cat\"},{\"id\":\"d2\"}]"))
            .build();

    assertThat(DialectTest.sent(Dialect.OPENINFERENCE, span))
        .contains(
            entry("openinference.span.kind", "RETRIEVER"),
            entry("input.value", "cats"),
            entry("retrieval.documents.0.document.id", "d1"),
            entry("retrieval.documents.0.document.score", 0.5),
            entry("retrieval.documents.0.document.content", "a cat"),
            entry("retrieval.documents.1.document.id", "d2"))
        .doesNotContainKey("retrieval.documents.1.document.score");
  }

  @ParameterizedTest
  @CsvSource({
    "chat, LLM",
    "embeddings, EMBEDDING",
    "retrieval, RETRIEVER",
    "execute_tool, TOOL",
    "invoke_agent, AGENT",
    "invoke_workflow, CHAIN",
    "guardrail, GUARDRAIL",
    "plan, CHAIN"
  })
  void kind_isOneOfTheConventions(String operation, String kind) throws IOException {
    assertThat(KINDS).contains(kind);
    assertThat(DialectTest.sent(Dialect.OPENINFERENCE, Spans.span(operation).build()))
        .containsEntry("openinference.span.kind", kind);
  }

  @Test
  void agent_hasItsName() throws IOException {
    assertThat(DialectTest.sent(Dialect.OPENINFERENCE, Spans.span("invoke_agent").build()))
        .containsEntry("agent.name", "support");
  }
}

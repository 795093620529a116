package dev.agentops.tracing.otel;

import com.fasterxml.jackson.databind.JsonNode;
import dev.agentops.Attributes;
import dev.agentops.tracing.GenAiAttributes;
import dev.agentops.tracing.Span;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The semantic conventions of OpenInference, beside what they have no name for. */
final class OpenInferenceMapping implements AttributeMapping {

  private static final String JSON = "application/json";
  private static final String TEXT = "text/plain";
  private static final String REQUEST = "gen_ai.request.";
  private static final String EMBEDDING = "EMBEDDING";
  private static final String TOOL = "TOOL";
  private static final String RETRIEVER = "RETRIEVER";
  private static final String LLM = "LLM";
  private static final String AGENT = "AGENT";

  private static final Map<String, String> KINDS =
      Map.ofEntries(
          Map.entry("chat", LLM),
          Map.entry("text_completion", LLM),
          Map.entry("generate_content", LLM),
          Map.entry("embeddings", EMBEDDING),
          Map.entry("retrieval", RETRIEVER),
          Map.entry("execute_tool", TOOL),
          Map.entry("invoke_agent", AGENT),
          Map.entry("create_agent", AGENT),
          Map.entry("guardrail", "GUARDRAIL"),
          Map.entry("evaluate", "EVALUATOR"));

  @Override
  public void write(Span span, Origin origin, AttributeWriter to) {
    String kind = KINDS.getOrDefault(AttributeMapping.operation(span), "CHAIN");
    boolean totals = AttributeMapping.hasTotals(span);
    span.attributes()
        .forEach(
            (name, value) -> {
              boolean twice =
                  AttributeMapping.isContent(name) || (totals && AttributeMapping.isUsage(name));
              if (!twice) {
                to.put(name, value);
              }
            });
    to.put("openinference.span.kind", kind);
    writePayload("input", AttributeMapping.input(span), to);
    writePayload("output", AttributeMapping.output(span), to);
    to.put(Attributes.SESSION_ID, span.sessionId());
    to.put("tag.tags", span.attribute(Attributes.TAGS));
    to.put("agentops.status", AttributeMapping.unusualStatus(span));
    if (!span.metadata().isEmpty()) {
      to.put("metadata", PayloadText.of(span.metadata()));
    }
    switch (kind) {
      case LLM -> writeModelCall(span, to);
      case EMBEDDING -> writeEmbedding(span, to);
      case TOOL -> writeTool(span, to);
      case RETRIEVER -> writeDocuments(span, to);
      case AGENT -> to.put("agent.name", span.agentName());
      default -> {}
    }
  }

  private static void writePayload(String name, @Nullable String text, AttributeWriter to) {
    if (text != null) {
      to.put(name + ".value", text);
      to.put(name + ".mime_type", PayloadText.tree(text) == null ? TEXT : JSON);
    }
  }

  private static void writeModelCall(Span span, AttributeWriter to) {
    to.put("llm.model_name", model(span));
    to.put("llm.provider", span.attribute(GenAiAttributes.PROVIDER_NAME));
    to.put("llm.system", span.attribute(GenAiAttributes.PROVIDER_NAME));
    to.put("llm.invocation_parameters", parameters(span));
    if (span.attribute(GenAiAttributes.RESPONSE_FINISH_REASONS) instanceof List<?> reasons
        && !reasons.isEmpty()) {
      to.put("llm.finish_reason", reasons.get(0));
    }
    writeUsage(span, to);
    // a double, since OpenTelemetry has no decimal; our own attribute beside it is exact
    to.put("llm.cost.total", span.cost().map(cost -> cost.usd().doubleValue()).orElse(null));
    OpenInferenceMessages.write("llm.input_messages", AttributeMapping.input(span), to);
    OpenInferenceMessages.write("llm.output_messages", AttributeMapping.output(span), to);
  }

  private static void writeUsage(Span span, AttributeWriter to) {
    Object input = span.attribute(GenAiAttributes.USAGE_INPUT_TOKENS);
    Object output = span.attribute(GenAiAttributes.USAGE_OUTPUT_TOKENS);
    to.put("llm.token_count.prompt", input);
    to.put("llm.token_count.completion", output);
    if (input != null || output != null) {
      to.put("llm.token_count.total", span.inputTokens() + span.outputTokens());
    }
    to.put(
        "llm.token_count.prompt_details.cache_read",
        span.attribute(GenAiAttributes.USAGE_CACHE_READ_INPUT_TOKENS));
    to.put(
        "llm.token_count.prompt_details.cache_write",
        span.attribute(GenAiAttributes.USAGE_CACHE_CREATION_INPUT_TOKENS));
    to.put(
        "llm.token_count.completion_details.reasoning",
        span.attribute(GenAiAttributes.USAGE_REASONING_OUTPUT_TOKENS));
  }

  private static void writeEmbedding(Span span, AttributeWriter to) {
    to.put("embedding.model_name", model(span));
    to.put("llm.token_count.prompt", span.attribute(GenAiAttributes.USAGE_INPUT_TOKENS));
    to.put("llm.cost.total", span.cost().map(cost -> cost.usd().doubleValue()).orElse(null));
    if (span.input() instanceof List<?> texts) {
      for (int i = 0; i < texts.size(); i++) {
        to.put("embedding.embeddings." + i + ".embedding.text", String.valueOf(texts.get(i)));
      }
    }
  }

  private static void writeTool(Span span, AttributeWriter to) {
    to.put("tool.name", span.attribute(GenAiAttributes.TOOL_NAME));
    to.put("tool.id", span.attribute(GenAiAttributes.TOOL_CALL_ID));
    to.put("tool.description", span.attribute("gen_ai.tool.description"));
    String arguments = AttributeMapping.input(span);
    to.put("tool.parameters", PayloadText.tree(arguments) == null ? null : arguments);
  }

  private static void writeDocuments(Span span, AttributeWriter to) {
    JsonNode documents = PayloadText.tree(span.attribute("gen_ai.retrieval.documents"));
    if (documents == null) {
      return;
    }
    int i = 0;
    for (JsonNode document : documents) {
      String name = "retrieval.documents." + i++ + ".document.";
      to.put(name + "id", document.path("id").textValue());
      to.put(name + "content", document.path("content").textValue());
      if (document.path("score").isNumber()) {
        to.put(name + "score", document.path("score").doubleValue());
      }
      if (document.path("metadata").isObject()) {
        to.put(name + "metadata", document.path("metadata").toString());
      }
    }
  }

  private static @Nullable Object model(Span span) {
    Object answered = span.attribute(GenAiAttributes.RESPONSE_MODEL);
    return answered != null ? answered : span.attribute(GenAiAttributes.REQUEST_MODEL);
  }

  private static @Nullable String parameters(Span span) {
    Map<String, Object> parameters = new TreeMap<>();
    span.attributes()
        .forEach(
            (name, value) -> {
              if (name.startsWith(REQUEST) && !name.equals(GenAiAttributes.REQUEST_MODEL)) {
                parameters.put(name.substring(REQUEST.length()), value);
              }
            });
    return parameters.isEmpty() ? null : PayloadText.of(parameters);
  }
}

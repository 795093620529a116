package dev.agentops.examples.llm;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonInclude.Include;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** The JSON bodies of the API; {@link Json} maps the names to snake case. */
final class Wire {
  private Wire() {}

  /** Body of {@code POST /chat/completions}; sampling options are accepted and ignored. */
  record ChatRequest(
      @Nullable String model,
      @Nullable List<Message> messages,
      @Nullable List<Tool> tools,
      @Nullable JsonNode toolChoice,
      @Nullable Boolean parallelToolCalls,
      @Nullable JsonNode responseFormat,
      @Nullable Boolean stream,
      @Nullable StreamOptions streamOptions,
      @Nullable Integer maxTokens,
      @Nullable Integer maxCompletionTokens,
      @Nullable JsonNode stop,
      @Nullable Integer n) {
    List<Tool> toolList() {
      return tools == null ? List.of() : tools;
    }

    boolean streaming() {
      return Boolean.TRUE.equals(stream);
    }

    boolean wantsStreamUsage() {
      return streamOptions != null && Boolean.TRUE.equals(streamOptions.includeUsage());
    }
  }

  record StreamOptions(@Nullable Boolean includeUsage) {}

  /** One message, in a request or an answer; {@code content} is text, parts or null. */
  record Message(
      String role,
      @Nullable JsonNode content,
      @JsonInclude(Include.NON_NULL) @Nullable String name,
      @JsonInclude(Include.NON_NULL) @Nullable List<ToolCall> toolCalls,
      @JsonInclude(Include.NON_NULL) @Nullable String toolCallId) {
    /** Returns the text of the content, the parts joined by line breaks. */
    String text() {
      if (content == null || content.isNull()) {
        return "";
      }
      if (!content.isArray()) {
        return content.asText();
      }
      return StreamSupport.stream(content.spliterator(), false)
          .map(part -> part.path("text").asText())
          .collect(Collectors.joining("\n"));
    }

    List<ToolCall> calls() {
      return toolCalls == null ? List.of() : toolCalls;
    }
  }

  record ToolCall(String id, String type, FunctionCall function) {}

  /** A call's name and its arguments, which are JSON in a string. */
  record FunctionCall(@Nullable String name, String arguments) {}

  record Tool(String type, Function function) {}

  /** A tool as the caller declares it, with the JSON schema of its parameters. */
  record Function(
      String name,
      @JsonInclude(Include.NON_NULL) @Nullable String description,
      @JsonInclude(Include.NON_NULL) @Nullable JsonNode parameters) {}

  /** Body of an answer, whole ({@code message}) or a chunk of a stream ({@code delta}). */
  record Completion(
      String id,
      String object,
      long created,
      String model,
      String systemFingerprint,
      List<?> choices,
      @JsonInclude(Include.NON_NULL) @Nullable Usage usage) {}

  record Choice(
      int index, Message message, @Nullable JsonNode logprobs, @Nullable String finishReason) {}

  record ChunkChoice(int index, Delta delta, @Nullable String finishReason) {}

  @JsonInclude(Include.NON_NULL)
  record Delta(
      @Nullable String role, @Nullable String content, @Nullable List<CallDelta> toolCalls) {}

  @JsonInclude(Include.NON_NULL)
  record CallDelta(int index, @Nullable String id, @Nullable String type, FunctionDelta function) {}

  @JsonInclude(Include.NON_NULL)
  record FunctionDelta(@Nullable String name, String arguments) {}

  /** Token counts; the prompt includes cached tokens, the completion reasoning tokens. */
  record Usage(
      int promptTokens,
      int completionTokens,
      int totalTokens,
      PromptDetails promptTokensDetails,
      CompletionDetails completionTokensDetails) {
    static Usage of(int prompt, int cached, int completion) {
      return new Usage(
          prompt,
          completion,
          prompt + completion,
          new PromptDetails(cached),
          new CompletionDetails(0));
    }
  }

  record PromptDetails(int cachedTokens) {}

  record CompletionDetails(int reasoningTokens) {}

  /** Body of {@code POST /embeddings}; {@code input} is a string or an array of strings. */
  record EmbeddingRequest(
      @Nullable String model,
      @Nullable JsonNode input,
      @Nullable String encodingFormat,
      @Nullable Integer dimensions) {}

  /** A list of embeddings or models. */
  record Listing(
      String object,
      List<?> data,
      @JsonInclude(Include.NON_NULL) @Nullable String model,
      @JsonInclude(Include.NON_NULL) @Nullable EmbeddingUsage usage) {}

  /** One vector: an array of floats, or a string when base64 was asked for. */
  record Embedding(String object, int index, Object embedding) {}

  record EmbeddingUsage(int promptTokens, int totalTokens) {}

  record Model(String id, String object, long created, @JsonProperty("owned_by") String owner) {}

  record ErrorBody(ErrorDetail error) {}

  record ErrorDetail(String message, String type, @Nullable String param, @Nullable String code) {}
}

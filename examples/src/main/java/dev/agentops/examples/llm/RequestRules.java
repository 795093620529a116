package dev.agentops.examples.llm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The checks a chat request must pass, the same a hosted model makes, so that a broken history is
 * found on the desk and not in production.
 */
final class RequestRules {
  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool");
  private static final int MAX_STOPS = 4;

  private RequestRules() {}

  static void check(Wire.ChatRequest request) {
    if (request.model() == null || request.model().isBlank()) {
      throw ApiError.invalid("model", "you must provide a model parameter");
    }
    if (request.messages() == null) {
      throw ApiError.missing("messages");
    }
    if (request.messages().isEmpty()) {
      throw ApiError.invalid("messages", "empty_array", "'messages' must not be empty: []");
    }
    if (request.n() != null && request.n() != 1) {
      throw ApiError.invalid(
          "n", "unsupported_value", "Only one choice is supported; 'n' was: " + request.n());
    }
    positive("max_tokens", request.maxTokens());
    positive("max_completion_tokens", request.maxCompletionTokens());
    stop(request.stop());
    if (request.streamOptions() != null && !request.streaming()) {
      throw ApiError.invalid(
          "stream_options", "'stream_options' is only allowed when 'stream' is enabled.");
    }
    tools(request.toolList());
    request.messages().forEach(RequestRules::message);
    order(request.messages());
  }

  private static void positive(String param, @Nullable Integer value) {
    if (value != null && value < 1) {
      throw ApiError.invalid(
          param, "integer_below_min_value", param + " must be at least 1: " + value);
    }
  }

  private static void stop(@Nullable JsonNode stop) {
    if (stop == null || stop.isNull() || stop.isTextual()) {
      return;
    }
    boolean texts = stop.isArray();
    for (JsonNode item : stop) {
      texts &= item.isTextual();
    }
    if (!texts || stop.size() > MAX_STOPS) {
      throw ApiError.invalid("stop", "'stop' must be a string or up to 4 strings: " + stop);
    }
  }

  private static void tools(List<Wire.Tool> tools) {
    for (int i = 0; i < tools.size(); i++) {
      Wire.Tool tool = tools.get(i);
      if (tool == null || tool.function() == null || tool.function().name() == null) {
        throw ApiError.missing("tools[" + i + "].function.name");
      }
    }
  }

  private static void message(Wire.Message message) {
    if (message == null) {
      throw ApiError.invalid("messages", "invalid_type", "A message must be an object: null");
    }
    if (!ROLES.contains(String.valueOf(message.role()))) {
      throw ApiError.invalid(
          "messages", "invalid_value", "Invalid role of a message: '" + message.role() + "'");
    }
    if (message.content() != null && message.content().isArray()) {
      for (JsonNode part : message.content()) {
        if (!part.path("type").asText().equals("text")) {
          throw ApiError.invalid(
              "messages",
              "Invalid content type '"
                  + part.path("type").asText()
                  + "'. This model reads text only.");
        }
      }
    }
    for (Wire.ToolCall call : message.calls()) {
      if (call.id() == null || call.function() == null) {
        throw ApiError.missing("messages.tool_calls.id");
      }
    }
  }

  /** Every tool call needs its result right behind it, and every result its call. */
  private static void order(List<Wire.Message> messages) {
    Set<String> open = new LinkedHashSet<>();
    for (Wire.Message message : messages) {
      if (message.role().equals("tool")) {
        if (!open.remove(String.valueOf(message.toolCallId()))) {
          throw ApiError.invalid(
              "messages",
              "Messages with role 'tool' must be a response to a preceding message with"
                  + " 'tool_calls'; there is none for: '"
                  + message.toolCallId()
                  + "'");
        }
      } else {
        allAnswered(open);
        message.calls().forEach(call -> open.add(call.id()));
      }
    }
    allAnswered(open);
  }

  private static void allAnswered(Set<String> open) {
    if (!open.isEmpty()) {
      throw ApiError.invalid(
          "messages",
          "An assistant message with 'tool_calls' must be followed by tool messages responding to"
              + " each 'tool_call_id'; without response: "
              + String.join(", ", open));
    }
  }
}

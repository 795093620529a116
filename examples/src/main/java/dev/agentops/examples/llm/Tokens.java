package dev.agentops.examples.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The tokenizer of one model, with OpenAI's rules for what messages and tools add. */
final class Tokens {
  private static final EncodingRegistry REGISTRY = Encodings.newLazyEncodingRegistry();

  // The overheads are those OpenAI publishes for o200k_base models; the one for tool calls is
  // an estimate, because none is published.
  private static final int PER_MESSAGE = 3;
  private static final int PER_NAME = 1;
  private static final int REPLY_PRIMING = 3;
  private static final int PER_FUNCTION = 7;
  private static final int ALL_FUNCTIONS = 12;
  private static final int PER_SCHEMA = 3;
  private static final int PER_PROPERTY = 3;
  private static final int PER_ENUM = -3;
  private static final int PER_ENUM_ITEM = 3;
  private static final int PER_TOOL_CALL = 9;

  private final Encoding encoding;

  private Tokens(Encoding encoding) {
    this.encoding = encoding;
  }

  /** Takes the model's own encoding where it is known, else {@code o200k_base}. */
  static Tokens forModel(String model) {
    return new Tokens(
        REGISTRY
            .getEncodingForModel(model)
            .orElseGet(() -> REGISTRY.getEncoding(EncodingType.O200K_BASE)));
  }

  /** A piece of the prompt: its exact text, which a prompt cache compares, and its cost. */
  record Segment(String text, int tokens) {}

  /** Splits a prompt into its tools and messages, in the order a provider caches them. */
  List<Segment> prompt(Wire.ChatRequest request, List<Wire.Message> messages) {
    List<Segment> segments = new ArrayList<>();
    if (!request.toolList().isEmpty()) {
      segments.add(new Segment(Json.write(request.toolList()), tools(request.toolList())));
    }
    JsonNode schema = request.responseFormat();
    if (schema != null && schema.has("json_schema")) {
      String text = schema.path("json_schema").path("schema").toString();
      segments.add(new Segment(text, count(text)));
    }
    for (Wire.Message message : messages) {
      segments.add(new Segment(Json.write(message), message(message)));
    }
    segments.add(new Segment("", REPLY_PRIMING));
    return segments;
  }

  int count(String text) {
    return encoding.countTokensOrdinary(text);
  }

  int calls(List<Wire.ToolCall> calls) {
    return calls.stream()
        .mapToInt(
            call ->
                PER_TOOL_CALL
                    + count(String.valueOf(call.function().name()))
                    + count(call.function().arguments()))
        .sum();
  }

  /** Returns the longest beginning of the text that has at most {@code limit} tokens. */
  String cut(String text, int limit) {
    return encoding.decode(encoding.encodeOrdinary(text, limit).getTokens());
  }

  private int message(Wire.Message message) {
    int name = message.name() == null ? 0 : PER_NAME + count(message.name());
    return PER_MESSAGE
        + count(message.role())
        + count(message.text())
        + name
        + calls(message.calls());
  }

  private int tools(List<Wire.Tool> tools) {
    int sum = ALL_FUNCTIONS;
    for (Wire.Tool tool : tools) {
      Wire.Function function = tool.function();
      sum += PER_FUNCTION + count(function.name() + ":" + orEmpty(function.description()));
      JsonNode parameters = function.parameters();
      JsonNode properties = parameters == null ? null : parameters.get("properties");
      if (properties != null && !properties.isEmpty()) {
        sum += PER_SCHEMA;
        for (var property : properties.properties()) {
          sum += property(property.getKey(), property.getValue());
        }
      }
    }
    return sum;
  }

  private int property(String name, JsonNode schema) {
    String type = schema.path("type").asText();
    int sum = PER_PROPERTY + count(name + ":" + type + ":" + schema.path("description").asText());
    if (schema.has("enum")) {
      sum += PER_ENUM;
      for (JsonNode item : schema.get("enum")) {
        sum += PER_ENUM_ITEM + count(item.asText());
      }
    }
    for (var nested : schema.path("properties").properties()) {
      sum += property(nested.getKey(), nested.getValue());
    }
    return sum;
  }

  private static String orEmpty(@Nullable String text) {
    return text == null ? "" : text;
  }
}

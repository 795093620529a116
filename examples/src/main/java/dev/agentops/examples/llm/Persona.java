package dev.agentops.examples.llm;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The model itself: decides between calling tools and answering. It has no state and no chance in
 * it: the same request gets the same reply, but for the ids of tool calls.
 */
final class Persona {
  /** A reply: tool calls, or a text when there are none. */
  record Reply(String text, List<Wire.ToolCall> calls) {}

  Reply reply(Wire.ChatRequest request, List<Wire.Message> messages) {
    Conversation talk = Conversation.of(messages);
    List<Wire.Function> offered = request.toolList().stream().map(Wire.Tool::function).toList();
    ToolChoice mode = ToolChoice.of(request.toolChoice(), offered);
    ToolChooser.Choice choice = ToolChooser.choose(talk, mode.allowed());
    List<Wire.ToolCall> calls =
        mode.required() ? ToolChooser.force(talk, mode.allowed()) : choice.calls();
    if (!calls.isEmpty()) {
      boolean one = Boolean.FALSE.equals(request.parallelToolCalls());
      return new Reply("", one ? calls.subList(0, 1) : calls);
    }
    return new Reply(
        formatted(request.responseFormat(), text(talk, offered, choice), talk), List.of());
  }

  private static String text(
      Conversation talk, List<Wire.Function> offered, ToolChooser.Choice choice) {
    if (!talk.results().isEmpty()) {
      return new ResultWriter(offered).write(talk);
    }
    return choice.missing().isEmpty()
        ? new SmallTalk(talk, offered).answer()
        : String.join(" ", choice.missing());
  }

  private static String formatted(@Nullable JsonNode format, String text, Conversation talk) {
    JsonNode asked = format == null ? JsonNodeFactory.instance.missingNode() : format;
    return switch (asked.path("type").asText("text")) {
      case "json_object" -> Json.MAPPER.createObjectNode().put("answer", text).toString();
      case "json_schema" ->
          new SchemaFiller(talk.question(), text)
              .document(asked.path("json_schema").path("schema"))
              .toString();
      case "text", "" -> text;
      default -> throw ApiError.invalid("response_format", "Unknown response format: " + asked);
    };
  }
}

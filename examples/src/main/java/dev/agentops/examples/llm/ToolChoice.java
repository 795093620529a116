package dev.agentops.examples.llm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which tools the request lets the model call.
 *
 * @param allowed the tools that may be called
 * @param required whether one of them must be
 */
record ToolChoice(List<Wire.Function> allowed, boolean required) {
  static ToolChoice of(@Nullable JsonNode choice, List<Wire.Function> offered) {
    if (choice == null || choice.isNull()) {
      return new ToolChoice(offered, false);
    }
    if (choice.isObject()) {
      return named(choice.path("function").path("name").asText(), offered);
    }
    return switch (choice.asText()) {
      case "auto" -> new ToolChoice(offered, false);
      case "none" -> new ToolChoice(List.of(), false);
      case "required" -> {
        if (offered.isEmpty()) {
          throw ApiError.invalid(
              "tool_choice", "'tool_choice' is only allowed when 'tools' are specified.");
        }
        yield new ToolChoice(offered, true);
      }
      default ->
          throw ApiError.invalid("tool_choice", "invalid_value", "Unknown tool_choice: " + choice);
    };
  }

  private static ToolChoice named(String name, List<Wire.Function> offered) {
    List<Wire.Function> allowed =
        offered.stream().filter(tool -> tool.name().equals(name)).toList();
    if (allowed.isEmpty()) {
      throw ApiError.invalid(
          "tool_choice", "Tool choice '" + name + "' not found in 'tools' parameter.");
    }
    return new ToolChoice(allowed, true);
  }
}

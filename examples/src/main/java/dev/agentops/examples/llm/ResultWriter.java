package dev.agentops.examples.llm;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** The writer of the final answer from what the tools returned. */
final class ResultWriter {
  private static final Pattern NUMBER = Pattern.compile("-?[\\d.,]+(?:E-?\\d+)?");

  private final Map<String, Wire.Function> tools;

  ResultWriter(List<Wire.Function> tools) {
    this.tools =
        tools.stream()
            .collect(Collectors.toMap(Wire.Function::name, Function.identity(), (a, b) -> a));
  }

  String write(Conversation talk) {
    return talk.results().stream()
        .map(result -> sentence(result, talk.question()))
        .distinct()
        .collect(Collectors.joining(" "));
  }

  private String sentence(Conversation.ToolResult result, String question) {
    Wire.FunctionCall call = result.call().function();
    Wire.Function tool = tools.get(String.valueOf(call.name()));
    List<String> leaves = leaves(Json.readLeniently(call.arguments()));
    String asked = leaves.isEmpty() ? "" : leaves.get(0);
    String said = plain(result.text());
    ToolKind kind = tool == null ? ToolKind.OTHER : ToolKind.of(tool);
    return switch (kind) {
      case CALCULATOR -> end(asked + (NUMBER.matcher(said).matches() ? " = " : ": ") + said);
      case CLOCK -> end("The time" + (asked.isEmpty() ? "" : " in " + asked) + " is " + said);
      case SEARCH -> found(String.valueOf(call.name()), asked.isEmpty() ? question : asked, result);
      case OTHER -> end(said.isEmpty() ? call.name() + " is done" : call.name() + " says: " + said);
    };
  }

  private static String found(String tool, String query, Conversation.ToolResult result) {
    JsonNode json = Json.readLeniently(result.text());
    List<String> texts = json.isContainerNode() ? leaves(json) : List.of(plain(result.text()));
    List<String> sentences = texts.stream().flatMap(text -> Text.sentences(text).stream()).toList();
    String best = Text.bestSentence(sentences, query, 0);
    return best == null
        ? "I searched with " + tool + " for " + Text.quote(query) + " and found no answer."
        : "According to " + tool + ": " + end(best);
  }

  /** Returns a JSON string without its quotes and a flat object as its names and values. */
  private static String plain(String text) {
    JsonNode json = Json.readLeniently(text);
    if (json.isTextual()) {
      return json.asText().strip();
    }
    List<String> leaves = leaves(json);
    if (json.isContainerNode() && leaves.size() == 1) {
      return leaves.get(0);
    }
    return json.isObject() && leaves.size() == json.size()
        ? json.properties().stream()
            .map(field -> field.getKey() + ": " + field.getValue().asText())
            .collect(Collectors.joining(", "))
        : text.strip();
  }

  private static List<String> leaves(JsonNode node) {
    if (node.isValueNode()) {
      return List.of(node.asText());
    }
    List<String> leaves = new ArrayList<>();
    node.forEach(child -> leaves.addAll(leaves(child)));
    return leaves;
  }

  private static String end(String sentence) {
    return Set.of('.', '!', '?').contains(sentence.charAt(sentence.length() - 1))
        ? sentence
        : sentence + ".";
  }
}

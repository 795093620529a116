package dev.agentops.examples.llm;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The dialogue as the responder sees it.
 *
 * @param question what the user asks now
 * @param context text that a retriever put behind the question, or an empty text
 * @param statements what the user said before, oldest first
 * @param lastAnswer the answer before this question, or an empty text
 * @param results the tool results since the question
 */
record Conversation(
    String question,
    String context,
    List<String> statements,
    String lastAnswer,
    List<ToolResult> results) {
  /** What LangChain4j's default content injector writes between the question and the contents. */
  private static final String CONTEXT_MARK = "\n\nAnswer using the following information:\n";

  /** A tool call and what came of it. */
  record ToolResult(Wire.ToolCall call, String text) {}

  static Conversation of(List<Wire.Message> messages) {
    List<String> said = new ArrayList<>();
    List<ToolResult> results = new ArrayList<>();
    Map<String, Wire.ToolCall> calls = new HashMap<>();
    String lastAnswer = "";
    String answer = "";
    for (Wire.Message message : messages) {
      switch (message.role()) {
        case "user" -> {
          said.add(message.text());
          results.clear();
          lastAnswer = answer;
        }
        case "assistant" -> {
          message.calls().forEach(call -> calls.put(call.id(), call));
          answer = message.text().isBlank() ? answer : message.text();
        }
        case "tool" -> {
          Wire.ToolCall call = calls.get(String.valueOf(message.toolCallId()));
          if (call != null) {
            results.add(new ToolResult(call, message.text()));
          }
        }
        default -> {}
      }
    }
    String now = said.isEmpty() ? "" : said.remove(said.size() - 1);
    int mark = now.indexOf(CONTEXT_MARK);
    return new Conversation(
        (mark < 0 ? now : now.substring(0, mark)).strip(),
        mark < 0 ? "" : now.substring(mark + CONTEXT_MARK.length()),
        List.copyOf(said),
        lastAnswer,
        List.copyOf(results));
  }
}

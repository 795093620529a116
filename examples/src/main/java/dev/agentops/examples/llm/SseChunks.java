package dev.agentops.examples.llm;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The events of a streamed answer: role, words or calls, finish reason, usage, {@code [DONE]}. */
final class SseChunks {
  private static final Pattern WORD = Pattern.compile("\\s*\\S+|\\s+$");
  private static final Pattern ARGUMENT_PIECE = Pattern.compile("[^,:]*[,:]?", Pattern.DOTALL);

  private final ChatCompletionsHandler.Answer answer;

  SseChunks(ChatCompletionsHandler.Answer answer) {
    this.answer = answer;
  }

  List<String> events(boolean withUsage) {
    List<String> events = new ArrayList<>();
    String opening = answer.text() == null ? null : "";
    events.add(delta(new Wire.Delta("assistant", opening, null), null));
    if (answer.text() != null) {
      for (String word : pieces(WORD, answer.text())) {
        events.add(delta(new Wire.Delta(null, word, null), null));
      }
    }
    for (int i = 0; i < answer.calls().size(); i++) {
      call(events, i, answer.calls().get(i));
    }
    events.add(delta(new Wire.Delta(null, null, null), answer.finishReason()));
    if (withUsage) {
      events.add(chunk(List.of(), answer.usage()));
    }
    events.add("[DONE]");
    return events;
  }

  /** Sends the id and name first and the arguments in pieces, as OpenAI does. */
  private void call(List<String> events, int index, Wire.ToolCall call) {
    Wire.FunctionDelta name = new Wire.FunctionDelta(call.function().name(), "");
    events.add(call(new Wire.CallDelta(index, call.id(), call.type(), name)));
    for (String piece : pieces(ARGUMENT_PIECE, call.function().arguments())) {
      Wire.FunctionDelta part = new Wire.FunctionDelta(null, piece);
      events.add(call(new Wire.CallDelta(index, null, null, part)));
    }
  }

  private String call(Wire.CallDelta call) {
    return delta(new Wire.Delta(null, null, List.of(call)), null);
  }

  private String delta(Wire.Delta delta, @Nullable String finishReason) {
    return chunk(List.of(new Wire.ChunkChoice(0, delta, finishReason)), null);
  }

  private String chunk(List<Wire.ChunkChoice> choices, Wire.@Nullable Usage usage) {
    return Json.write(
        new Wire.Completion(
            answer.id(),
            "chat.completion.chunk",
            answer.created(),
            answer.model(),
            ChatCompletionsHandler.FINGERPRINT,
            choices,
            usage));
  }

  private static List<String> pieces(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(r -> r.group()).filter(p -> !p.isEmpty()).toList();
  }
}

package dev.agentops;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** One piece of a streamed answer, as the provider sent it. Immutable. */
public final class StreamChunk {

  /** {@value} characters, give or take a word: a short line on a screen. */
  static final int PIECE_LENGTH = 32;

  /** What a piece is a piece of. */
  public enum Kind {
    TEXT,
    THINKING,
    PARTIAL_TOOL_CALL,
    COMPLETE_TOOL_CALL
  }

  private final Kind kind;
  private final String text;
  private final @Nullable Object toolCall;

  private StreamChunk(Kind kind, String text, @Nullable Object toolCall) {
    this.kind = kind;
    this.text = Objects.requireNonNull(text, "text");
    this.toolCall = toolCall;
  }

  public static StreamChunk text(String text) {
    return new StreamChunk(Kind.TEXT, text, null);
  }

  public static StreamChunk thinking(String text) {
    return new StreamChunk(Kind.THINKING, text, null);
  }

  public static StreamChunk toolCall(PartialToolCall partial) {
    return new StreamChunk(Kind.PARTIAL_TOOL_CALL, partial.partialArguments(), partial);
  }

  public static StreamChunk toolCall(CompleteToolCall complete) {
    String arguments = complete.toolExecutionRequest().arguments();
    return new StreamChunk(Kind.COMPLETE_TOOL_CALL, arguments == null ? "" : arguments, complete);
  }

  /**
   * An answer that came in one piece, in pieces as a stream would have them: thinking, text, tool
   * calls, the first two cut between words where there are any.
   */
  public static List<StreamChunk> of(ChatResponse answer) {
    List<StreamChunk> chunks = new ArrayList<>();
    AiMessage message = answer.aiMessage();
    cut(message.thinking(), StreamChunk::thinking, chunks);
    cut(message.text(), StreamChunk::text, chunks);
    List<ToolExecutionRequest> calls = message.toolExecutionRequests();
    for (int i = 0; i < calls.size(); i++) {
      chunks.add(toolCall(new CompleteToolCall(i, calls.get(i))));
    }
    return chunks;
  }

  public Kind kind() {
    return kind;
  }

  /** The text or thinking, or the arguments of the tool call as far as they are in this piece. */
  public String text() {
    return text;
  }

  /** Null unless this is a piece of a tool call. */
  public @Nullable PartialToolCall partialToolCall() {
    return toolCall instanceof PartialToolCall partial ? partial : null;
  }

  /** Null unless this is a whole tool call. */
  public @Nullable CompleteToolCall completeToolCall() {
    return toolCall instanceof CompleteToolCall complete ? complete : null;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StreamChunk that
        && kind == that.kind
        && text.equals(that.text)
        && Objects.equals(toolCall, that.toolCall);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, text, toolCall);
  }

  @Override
  public String toString() {
    return kind + ":" + text;
  }

  private static void cut(
      @Nullable String text, Function<String, StreamChunk> chunk, List<StreamChunk> into) {
    int from = 0;
    int length = text == null ? 0 : text.length();
    while (text != null && from < length) {
      int to = end(text, from);
      into.add(chunk.apply(text.substring(from, to)));
      from = to;
    }
  }

  private static int end(String text, int from) {
    int most = from + PIECE_LENGTH;
    if (most >= text.length()) {
      return text.length();
    }
    for (int end = most; end > from; end--) {
      if (Character.isWhitespace(text.charAt(end - 1))) {
        return end;
      }
    }
    return Character.isLowSurrogate(text.charAt(most)) ? most - 1 : most;
  }
}

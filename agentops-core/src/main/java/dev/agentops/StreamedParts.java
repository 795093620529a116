package dev.agentops;

import dev.agentops.Outcome.Delivered;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialToolCall;
import org.jspecify.annotations.Nullable;

/**
 * What a stream has delivered so far: the beginning of its text, thinking and tool calls, and how
 * much came after that. Thread-safe: a cancel reads it on another thread.
 */
final class StreamedParts {

  /** {@value} characters of each kind are kept. */
  static final int MAXIMUM_LENGTH = 256 * 1024;

  private final StringBuilder text = new StringBuilder();
  private final StringBuilder thinking = new StringBuilder();
  private final StringBuilder toolCalls = new StringBuilder();
  private long tokensBeyond;
  private int lastPartialTool = -1;

  synchronized void addText(@Nullable String chunk) {
    add(text, chunk);
  }

  synchronized void addThinking(@Nullable String chunk) {
    add(thinking, chunk);
  }

  /** Each chunk of a tool call repeats its name. */
  synchronized void addToolCall(PartialToolCall chunk) {
    if (chunk.index() > lastPartialTool) {
      lastPartialTool = chunk.index();
      add(toolCalls, chunk.name());
    }
    add(toolCalls, chunk.partialArguments());
  }

  /** A whole tool call, which some providers send without chunks before it. */
  synchronized void addToolCall(CompleteToolCall complete) {
    if (complete.index() > lastPartialTool) {
      ToolExecutionRequest request = complete.toolExecutionRequest();
      add(toolCalls, request.name());
      add(toolCalls, request.arguments());
    }
  }

  synchronized Delivered delivered() {
    return new Delivered(text.toString(), thinking.toString(), toolCalls.toString(), tokensBeyond);
  }

  private void add(StringBuilder kept, @Nullable String chunk) {
    if (chunk == null) {
      return;
    }
    int room = Math.min(chunk.length(), MAXIMUM_LENGTH - kept.length());
    kept.append(chunk, 0, room);
    if (room < chunk.length()) {
      tokensBeyond += TokenEstimate.byLength().of(chunk.substring(room));
    }
  }
}

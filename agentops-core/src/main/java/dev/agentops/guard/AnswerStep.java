package dev.agentops.guard;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.util.List;
import java.util.Objects;
import java.util.OptionalLong;

/**
 * One step of an agent's conversation, as a hash: what the model was told last, the results of
 * tools or a message, and what it said.
 */
final class AnswerStep {

  private AnswerStep() {}

  /** Empty for a step that only waits for polling tools. */
  static OptionalLong of(ChatRequest request, AiMessage answer, RunLimits limits) {
    List<ToolExecutionRequest> asked = answer.toolExecutionRequests();
    boolean polls =
        !asked.isEmpty() && asked.stream().allMatch(tool -> limits.isPolling(tool.name()));
    if (polls) {
      return OptionalLong.empty();
    }
    long hash = Fingerprint.add(told(request.messages()), answer.text());
    for (ToolExecutionRequest tool : asked) {
      hash = Fingerprint.add(hash, Fingerprint.ofTool(tool.name(), tool.arguments()));
    }
    return OptionalLong.of(hash);
  }

  /** The results of tools at the end, without their ids, which are new each time. */
  private static long told(List<ChatMessage> messages) {
    long hash = Fingerprint.EMPTY;
    int at = messages.size() - 1;
    for (; at >= 0 && messages.get(at) instanceof ToolExecutionResultMessage result; at--) {
      hash = Fingerprint.add(hash, result.toolName());
      hash = Fingerprint.add(hash, Objects.hashCode(result.contents()));
    }
    boolean toolsAnswered = at < messages.size() - 1;
    return toolsAnswered || at < 0
        ? hash
        : Fingerprint.add(hash, Objects.hashCode(messages.get(at)));
  }
}

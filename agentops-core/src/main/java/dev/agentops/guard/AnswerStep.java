package dev.agentops.guard;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One step of an agent's conversation.
 *
 * @param hash of the model's instructions, what it was told last, the results of tools or a
 *     message, and what it said
 * @param tools that the answer asks for
 */
record AnswerStep(long hash, List<ToolExecutionRequest> tools) {

  /**
   * Null where there is no conversation yet: a model that is asked the same again and again, by
   * several voters or by a loop over many documents, does not know of it.
   */
  static @Nullable AnswerStep of(ChatRequest request, AiMessage answer) {
    List<ChatMessage> messages = request.messages();
    if (messages.stream().noneMatch(AiMessage.class::isInstance)) {
      return null;
    }
    List<ToolExecutionRequest> asked = answer.toolExecutionRequests();
    long hash = Fingerprint.add(told(messages), answer.text());
    for (ToolExecutionRequest tool : asked) {
      hash = Fingerprint.add(hash, Fingerprint.ofTool(tool.name(), tool.arguments()));
    }
    return new AnswerStep(hash, asked);
  }

  /** Whether it only waits for tools that poll. */
  boolean polls(RunLimits limits) {
    return !tools.isEmpty() && tools.stream().allMatch(tool -> limits.isPolling(tool.name()));
  }

  /** The results of tools at the end go without their ids, which are new each time. */
  private static long told(List<ChatMessage> messages) {
    long hash = Fingerprint.EMPTY;
    for (ChatMessage message : messages) {
      if (message instanceof SystemMessage instructions) {
        hash = Fingerprint.add(hash, instructions.text());
      }
    }
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

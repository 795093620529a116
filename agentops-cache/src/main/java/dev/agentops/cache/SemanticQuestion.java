package dev.agentops.cache;

import dev.agentops.ModelCall;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a model is asked, and all else that decides the answer. Immutable.
 *
 * @param text of the last message
 * @param context a hash of the request without that text
 */
record SemanticQuestion(String text, String context) {

  /**
   * The question of a call; null where it does not end with one in text alone.
   *
   * @param conversations whether there may be turns before it, which are then a part of the context
   * @throws RuntimeException if the request holds something that is not known to be data
   */
  static @Nullable SemanticQuestion of(ModelCall call, boolean conversations, boolean shared) {
    List<ChatMessage> messages = call.request().messages();
    int last = messages.size() - 1;
    if (last < 0 || !(messages.get(last) instanceof UserMessage question)) {
      return null;
    }
    if (question.contents().size() != 1
        || !(question.contents().get(0) instanceof TextContent content)) {
      return null;
    }
    if (!conversations
        && !messages.subList(0, last).stream().allMatch(SystemMessage.class::isInstance)) {
      return null;
    }
    List<ChatMessage> context = new ArrayList<>(messages.subList(0, last));
    context.add(question.toBuilder().contents(List.of(TextContent.from("?"))).build());
    ChatRequest request =
        ChatRequest.builder().messages(context).parameters(call.request().parameters()).build();
    return new SemanticQuestion(content.text(), RequestKey.of(call, request, shared));
  }
}

package dev.agentops;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.TextContent;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Guesses how many tokens a request will count, before a provider has counted them.
 *
 * <p>OpenAI's rule of thumb of four characters a token holds for English; a character outside ASCII
 * counts as a whole token, which is near the truth for Chinese and safe for the rest. Content that
 * is not text counts 1,000 tokens, about one picture in full detail.
 */
final class TokenEstimate {

  private static final long QUARTERS_PER_MESSAGE = 16;
  private static final long QUARTERS_PER_OTHER_CONTENT = 4_000;

  private TokenEstimate() {}

  static long of(ChatRequest request) {
    long quarters = 0;
    for (ChatMessage message : request.messages()) {
      quarters += QUARTERS_PER_MESSAGE + quarters(message);
    }
    for (ToolSpecification tool : request.toolSpecifications()) {
      quarters +=
          quarters(tool.name())
              + quarters(tool.description())
              + quarters(String.valueOf(tool.parameters()));
    }
    return (quarters + 3) / 4;
  }

  static long of(List<String> texts) {
    long quarters = 0;
    for (String text : texts) {
      quarters += quarters(text);
    }
    return (quarters + 3) / 4;
  }

  /** Of an answer, whose thinking counts; in a request, it is not sent. */
  static long of(AiMessage answer) {
    return (quarters(answer) + quarters(answer.thinking()) + 3) / 4;
  }

  private static long quarters(ChatMessage message) {
    if (message instanceof UserMessage user) {
      return quarters(user.contents());
    }
    if (message instanceof SystemMessage system) {
      return quarters(system.text());
    }
    if (message instanceof ToolExecutionResultMessage result) {
      return quarters(result.contents());
    }
    if (message instanceof AiMessage ai) {
      long quarters = quarters(ai.text());
      for (ToolExecutionRequest tool : ai.toolExecutionRequests()) {
        quarters += quarters(tool.name()) + quarters(tool.arguments());
      }
      return quarters;
    }
    return 0;
  }

  private static long quarters(List<Content> contents) {
    long quarters = 0;
    for (Content content : contents) {
      quarters +=
          content instanceof TextContent text ? quarters(text.text()) : QUARTERS_PER_OTHER_CONTENT;
    }
    return quarters;
  }

  private static long quarters(@Nullable String text) {
    if (text == null) {
      return 0;
    }
    long quarters = text.length();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) > 127) {
        quarters += 3;
      }
    }
    return quarters;
  }
}

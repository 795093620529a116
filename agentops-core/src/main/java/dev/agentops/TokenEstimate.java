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
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Estimates how many tokens a request or an answer counts, where a provider has not counted them:
 * by the length of its texts, or by a tokenizer. Thread-safe if that is.
 *
 * <p>By length: OpenAI's rule of thumb of four characters a token holds for English; a character
 * outside ASCII counts as a whole token, which is near the truth for Chinese and safe for the rest.
 * Either way a message counts four tokens more, and content that is not text 1,000, about one
 * picture in full detail.
 */
final class TokenEstimate {

  private static final long QUARTERS_PER_MESSAGE = 16;
  private static final long QUARTERS_PER_OTHER_CONTENT = 4_000;

  /** {@value} characters of a text are shown to a tokenizer; the rest goes by length. */
  private static final int MOST_COUNTED = 1024 * 1024;

  private static final TokenEstimate BY_LENGTH =
      new TokenEstimate(text -> quartersByLength(text, 0));

  /** Quarters of a token, so that many short texts are not rounded up one by one. */
  private final ToLongFunction<String> quarters;

  private TokenEstimate(ToLongFunction<String> quarters) {
    this.quarters = quarters;
  }

  /** The rule of thumb: costs no more than a look at each character. */
  static TokenEstimate byLength() {
    return BY_LENGTH;
  }

  /** By the tokenizer of these calls, or by length where it fails. */
  static TokenEstimate byTokenizer(AgentOps ops, @Nullable String model) {
    return new TokenEstimate(
        text -> {
          int counted = Math.min(text.length(), MOST_COUNTED);
          String shown = text.substring(0, counted);
          Long tokens =
              ops.ask("a token counter", () -> checked(ops.tokenCounter().count(model, shown)));
          return tokens == null
              ? quartersByLength(text, 0)
              : Math.addExact(Math.multiplyExact(tokens, 4L), quartersByLength(text, counted));
        });
  }

  long of(ChatRequest request) {
    long sum = 0;
    for (ChatMessage message : request.messages()) {
      sum += QUARTERS_PER_MESSAGE + quarters(message);
    }
    for (ToolSpecification tool : request.toolSpecifications()) {
      sum +=
          quarters(tool.name())
              + quarters(tool.description())
              + quarters(String.valueOf(tool.parameters()));
    }
    return tokens(sum);
  }

  long of(List<String> texts) {
    long sum = 0;
    for (String text : texts) {
      sum += quarters(text);
    }
    return tokens(sum);
  }

  long of(String text) {
    return tokens(quarters(text));
  }

  /** Of an answer, whose thinking counts; in a request, it is not sent. */
  long of(AiMessage answer) {
    return tokens(quarters(answer) + quarters(answer.thinking()));
  }

  /** Of what a stream has delivered before it broke. */
  long of(Outcome.Delivered delivered) {
    return delivered.tokensBeyond()
        + of(List.of(delivered.text(), delivered.thinking(), delivered.toolCalls()));
  }

  private long quarters(ChatMessage message) {
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
      long sum = quarters(ai.text());
      for (ToolExecutionRequest tool : ai.toolExecutionRequests()) {
        sum += quarters(tool.name()) + quarters(tool.arguments());
      }
      return sum;
    }
    return 0;
  }

  private long quarters(List<Content> contents) {
    long sum = 0;
    for (Content content : contents) {
      sum +=
          content instanceof TextContent text ? quarters(text.text()) : QUARTERS_PER_OTHER_CONTENT;
    }
    return sum;
  }

  private long quarters(@Nullable String text) {
    return text == null || text.isEmpty() ? 0 : quarters.applyAsLong(text);
  }

  private static long quartersByLength(String text, int from) {
    long quarters = text.length() - from;
    for (int i = from; i < text.length(); i++) {
      if (text.charAt(i) > 127) {
        quarters += 3;
      }
    }
    return quarters;
  }

  private static long tokens(long quarters) {
    return (quarters + 3) / 4;
  }

  private static long checked(long tokens) {
    if (tokens < 0) {
      throw new IllegalArgumentException("a token counter must not count " + tokens + " tokens");
    }
    return tokens;
  }
}

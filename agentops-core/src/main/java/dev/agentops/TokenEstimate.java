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

  /**
   * By the tokenizer of these calls, or by length where it fails. For one call, and not
   * thread-safe: of all texts that it is given, the tokenizer is shown {@value Sample#MOST_COUNTED}
   * characters, and what is beyond is taken to have as many tokens a character.
   */
  static TokenEstimate byTokenizer(AgentOps ops, @Nullable String model) {
    return new TokenEstimate(new Sample(ops, model));
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

  /** Shows a tokenizer the beginning of a call's texts: it runs on the thread of the call. */
  private static final class Sample implements ToLongFunction<String> {

    static final int MOST_COUNTED = 200_000;

    private final AgentOps ops;
    private final @Nullable String model;
    private int countedChars;
    private long countedTokens;

    Sample(AgentOps ops, @Nullable String model) {
      this.ops = ops;
      this.model = model;
    }

    @Override
    public long applyAsLong(String text) {
      int shown = Math.min(text.length(), MOST_COUNTED - countedChars);
      long tokens = 0;
      if (shown > 0) {
        String beginning = text.substring(0, shown);
        Long told =
            ops.ask("a token counter", () -> checked(ops.tokenCounter().count(model, beginning)));
        if (told == null) {
          return quartersByLength(text, 0);
        }
        tokens = told;
        countedChars += shown;
        countedTokens = Math.addExact(countedTokens, tokens);
      }
      double rate = (double) countedTokens / MOST_COUNTED; // used only where all were counted
      double beyond = 4 * rate * (text.length() - shown);
      return Math.addExact(Math.multiplyExact(tokens, 4L), (long) Math.ceil(beyond));
    }

    private static long checked(long tokens) {
      if (tokens < 0) {
        throw new IllegalArgumentException("a token counter must not count " + tokens + " tokens");
      }
      return tokens;
    }
  }
}

package dev.agentops;

import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * Reads LangChain4j's token usage into a {@link Usage}, provider by provider.
 *
 * <p>A provider that reports more than LangChain4j's two numbers has a class of its own in a jar
 * that need not be there: it is named only in a nested class that loads when an object of that
 * provider has arrived, which proves the jar present.
 */
public final class UsageReader {

  private static final String OPEN_AI = "dev.langchain4j.model.openai.OpenAiTokenUsage";
  private static final String ANTHROPIC = "dev.langchain4j.model.anthropic.AnthropicTokenUsage";
  private static final String GEMINI = "dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage";

  private UsageReader() {}

  /** All that a response tells of its usage; null where the provider told nothing. */
  public static @Nullable UsageReport report(ChatResponse response) {
    return report(response.tokenUsage());
  }

  /** As {@link #read}, as a report. */
  static @Nullable UsageReport report(@Nullable TokenUsage tokens) {
    Usage usage = read(tokens);
    return usage == null ? null : UsageReport.of(usage);
  }

  /** The usage, or null where the provider told neither input nor output. */
  public static @Nullable Usage read(@Nullable TokenUsage tokens) {
    if (tokens == null || (tokens.inputTokenCount() == null && tokens.outputTokenCount() == null)) {
      return null;
    }
    long input = orZero(tokens.inputTokenCount());
    long output = orZero(tokens.outputTokenCount());
    return switch (tokens.getClass().getName()) {
      case OPEN_AI -> OpenAi.read(tokens, input, output);
      case ANTHROPIC -> Anthropic.read(tokens, input, output);
      case GEMINI -> Gemini.read(tokens, input, output);
      default -> Usage.of(input, output);
    };
  }

  private static long orZero(@Nullable Integer count) {
    return count == null ? 0 : count;
  }

  /**
   * Cached and reasoning tokens are parts of the totals, as in {@link Usage}. Some that speak
   * OpenAI's protocol, xAI for one, count reasoning beside the output: a part that is larger than
   * its whole tells so.
   */
  private static final class OpenAi {

    static Usage read(TokenUsage tokens, long input, long output) {
      OpenAiTokenUsage openAi = (OpenAiTokenUsage) tokens;
      OpenAiTokenUsage.InputTokensDetails inputDetails = openAi.inputTokensDetails();
      long cached = inputDetails == null ? 0 : orZero(inputDetails.cachedTokens());
      OpenAiTokenUsage.OutputTokensDetails outputDetails = openAi.outputTokensDetails();
      long reasoning = outputDetails == null ? 0 : orZero(outputDetails.reasoningTokens());
      return Usage.builder()
          .inputTokens(cached > input ? input + cached : input)
          .cacheReadTokens(cached)
          .outputTokens(reasoning > output ? output + reasoning : output)
          .reasoningTokens(reasoning)
          .build();
    }
  }

  /** Tokens read from and written to the cache are counted beside the input. */
  private static final class Anthropic {

    static Usage read(TokenUsage tokens, long input, long output) {
      AnthropicTokenUsage anthropic = (AnthropicTokenUsage) tokens;
      long cacheRead = orZero(anthropic.cacheReadInputTokens());
      long cacheWrite = orZero(anthropic.cacheCreationInputTokens());
      return Usage.builder()
          .inputTokens(input + cacheRead + cacheWrite)
          .cacheReadTokens(cacheRead)
          .cacheWriteTokens(cacheWrite)
          .outputTokens(output)
          .build();
    }
  }

  /** Cached tokens are a part of the input; thoughts are counted beside the output. */
  private static final class Gemini {

    static Usage read(TokenUsage tokens, long input, long output) {
      GoogleAiGeminiTokenUsage gemini = (GoogleAiGeminiTokenUsage) tokens;
      long thoughts = orZero(gemini.thoughtsTokenCount());
      return Usage.builder()
          .inputTokens(input)
          .cacheReadTokens(orZero(gemini.cachedContentTokenCount()))
          .outputTokens(output + thoughts)
          .reasoningTokens(thoughts)
          .build();
    }
  }
}

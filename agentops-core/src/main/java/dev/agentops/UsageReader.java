package dev.agentops;

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
final class UsageReader {

  private static final String OPEN_AI = "dev.langchain4j.model.openai.OpenAiTokenUsage";

  private UsageReader() {}

  /** The usage, or null where the provider told neither input nor output. */
  static @Nullable Usage read(@Nullable TokenUsage tokens) {
    if (tokens == null || (tokens.inputTokenCount() == null && tokens.outputTokenCount() == null)) {
      return null;
    }
    long input = orZero(tokens.inputTokenCount());
    long output = orZero(tokens.outputTokenCount());
    Usage.Builder usage = Usage.builder().inputTokens(input).outputTokens(output);
    if (tokens.getClass().getName().equals(OPEN_AI)) {
      OpenAi.readParts(tokens, input, output, usage);
    }
    return usage.build();
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

    static void readParts(TokenUsage tokens, long input, long output, Usage.Builder usage) {
      OpenAiTokenUsage openAi = (OpenAiTokenUsage) tokens;
      OpenAiTokenUsage.InputTokensDetails inputDetails = openAi.inputTokensDetails();
      long cached = inputDetails == null ? 0 : orZero(inputDetails.cachedTokens());
      OpenAiTokenUsage.OutputTokensDetails outputDetails = openAi.outputTokensDetails();
      long reasoning = outputDetails == null ? 0 : orZero(outputDetails.reasoningTokens());
      usage.inputTokens(cached > input ? input + cached : input).cacheReadTokens(cached);
      usage
          .outputTokens(reasoning > output ? output + reasoning : output)
          .reasoningTokens(reasoning);
    }
  }
}

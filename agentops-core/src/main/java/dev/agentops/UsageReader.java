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
    Usage.Builder usage =
        Usage.builder()
            .inputTokens(orZero(tokens.inputTokenCount()))
            .outputTokens(orZero(tokens.outputTokenCount()));
    if (tokens.getClass().getName().equals(OPEN_AI)) {
      OpenAi.readParts(tokens, usage);
    }
    return usage.build();
  }

  private static long orZero(@Nullable Integer count) {
    return count == null ? 0 : count;
  }

  /** Cached and reasoning tokens are parts of the totals, as in {@link Usage}. */
  private static final class OpenAi {

    static void readParts(TokenUsage tokens, Usage.Builder usage) {
      OpenAiTokenUsage openAi = (OpenAiTokenUsage) tokens;
      OpenAiTokenUsage.InputTokensDetails input = openAi.inputTokensDetails();
      if (input != null) {
        usage.cacheReadTokens(orZero(input.cachedTokens()));
      }
      OpenAiTokenUsage.OutputTokensDetails output = openAi.outputTokensDetails();
      if (output != null) {
        usage.reasoningTokens(orZero(output.reasoningTokens()));
      }
    }
  }
}

package dev.agentops;

import dev.agentops.usage.CountedTokens;
import dev.langchain4j.model.anthropic.AnthropicTokenUsage;
import dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage;
import dev.langchain4j.model.openai.OpenAiTokenUsage;
import dev.langchain4j.model.output.TokenUsage;
import org.jspecify.annotations.Nullable;

/**
 * Reads LangChain4j's token usage, provider by provider.
 *
 * <p>A provider that reports more than LangChain4j's two numbers has a class of its own in a jar
 * that need not be there: it is named only in a nested class that loads when an object of that
 * provider has arrived, which proves the jar present. Classes that are not named here are read by
 * their accessors.
 */
final class TokenUsageReader {

  private static final String OPEN_AI = "dev.langchain4j.model.openai.OpenAiTokenUsage";
  private static final String ANTHROPIC = "dev.langchain4j.model.anthropic.AnthropicTokenUsage";
  private static final String GEMINI = "dev.langchain4j.model.googleai.GoogleAiGeminiTokenUsage";

  private TokenUsageReader() {}

  /** The usage; null where neither input nor output is told. */
  static @Nullable Usage read(@Nullable TokenUsage tokens) {
    if (tokens == null || (tokens.inputTokenCount() == null && tokens.outputTokenCount() == null)) {
      return null;
    }
    long input = orZero(tokens.inputTokenCount());
    long output = orZero(tokens.outputTokenCount());
    if (tokens.getClass() == TokenUsage.class) {
      return Usage.of(input, output);
    }
    return switch (tokens.getClass().getName()) {
      case OPEN_AI -> OpenAi.read(tokens, input, output);
      case ANTHROPIC -> Anthropic.read(tokens, input, output);
      case GEMINI -> Gemini.read(tokens, input, output);
      default -> byShape(tokens, input, output);
    };
  }

  /** The usage of a chat, and what the class of the token usage cannot tell of it. */
  static UsageReport.@Nullable Builder report(
      String provider, @Nullable String model, @Nullable TokenUsage tokens) {
    Usage usage = read(tokens);
    if (tokens == null || usage == null) {
      return null;
    }
    UsageReport.Builder report = UsageReport.builder().usage(usage);
    if (tokens.inputTokenCount() == null) {
      report.gap(UsageGap.INPUT);
    }
    if (tokens.outputTokenCount() == null) {
      report.gap(UsageGap.OUTPUT);
    }
    if (tokens.getClass() == TokenUsage.class) {
      report.usage(withThoughts(provider, usage, tokens));
      addGapsOfPlainTokens(report, provider, model);
    } else if (tokens.getClass().getName().equals(OPEN_AI) && provider.equals("openai")) {
      report.gap(UsageGap.CACHE_WRITES);
    } else if (usage.cacheWriteTokens() > usage.cacheWrite1hTokens()
        && soldForAnHour(provider, tokens)) {
      report.gap(UsageGap.CACHE_WRITE_LIFETIMES);
    }
    return report;
  }

  /** Anthropic and Bedrock sell two times to live, of which LangChain4j tells the sum. */
  private static boolean soldForAnHour(String provider, TokenUsage tokens) {
    return provider.equals("aws.bedrock") || tokens.getClass().getName().equals(ANTHROPIC);
  }

  /** Google's plain token usage counts thoughts in its total only. */
  private static Usage withThoughts(String provider, Usage usage, TokenUsage tokens) {
    long thoughts = orZero(tokens.totalTokenCount()) - usage.totalTokens();
    if (!provider.startsWith("gcp.") || thoughts <= 0) {
      return usage;
    }
    return usage.plus(Usage.builder().outputTokens(thoughts).reasoningTokens(thoughts).build());
  }

  /** Of providers that cache prompts, and whose module leaves that out. */
  private static void addGapsOfPlainTokens(
      UsageReport.Builder report, String provider, @Nullable String model) {
    switch (provider) {
      case "azure.ai.openai", "azure.ai.inference", "mistral_ai", "gcp.gen_ai" ->
          report.gap(UsageGap.CACHE_READS);
      case "gcp.vertex_ai" -> {
        report.gap(UsageGap.CACHE_READS);
        if (model != null && model.contains("claude")) {
          report.gap(UsageGap.CACHE_WRITES);
        }
      }
      case "aws.bedrock" -> report.gap(UsageGap.CACHE_READS).gap(UsageGap.CACHE_WRITES);
      default -> {}
    }
  }

  /** By the names that LangChain4j's providers use: those of Bedrock, and of the nested classes. */
  private static Usage byShape(TokenUsage tokens, long input, long output) {
    long cacheReadBeside =
        Shape.count(tokens, "cacheReadInputTokens", "cacheReadInputTokenCount", "cacheReadTokens");
    long cacheWriteBeside =
        Shape.count(
            tokens, "cacheWriteInputTokens", "cacheCreationInputTokens", "cacheWriteTokens");
    long thoughts = Shape.count(tokens, "thoughtsTokenCount");
    Object inputDetails = Shape.get(tokens, "inputTokensDetails", "promptTokensDetails");
    Object outputDetails = Shape.get(tokens, "outputTokensDetails", "completionTokensDetails");
    long cachedInside = Shape.count(tokens, "cachedContentTokenCount", "cachedTokens");
    Integer total = tokens.totalTokenCount();
    return CountedTokens.of(input, output, total == null ? null : Long.valueOf(total))
        .cacheRead(cachedInside + Shape.count(inputDetails, "cachedTokens"))
        .cacheWrite(Shape.count(inputDetails, "cacheWriteTokens"))
        .reasoning(
            Shape.count(tokens, "reasoningTokens") + Shape.count(outputDetails, "reasoningTokens"))
        .toUsage()
        .build()
        .plus(
            Usage.builder()
                .inputTokens(cacheReadBeside + cacheWriteBeside)
                .cacheReadTokens(cacheReadBeside)
                .cacheWriteTokens(cacheWriteBeside)
                .outputTokens(thoughts)
                .reasoningTokens(thoughts)
                .build());
  }

  private static long orZero(@Nullable Integer count) {
    return count == null ? 0 : count;
  }

  /** Cached and reasoning tokens are parts of the totals, but for some who speak this dialect. */
  private static final class OpenAi {

    static Usage read(TokenUsage tokens, long input, long output) {
      OpenAiTokenUsage openAi = (OpenAiTokenUsage) tokens;
      OpenAiTokenUsage.InputTokensDetails inputDetails = openAi.inputTokensDetails();
      OpenAiTokenUsage.OutputTokensDetails outputDetails = openAi.outputTokensDetails();
      Integer total = openAi.totalTokenCount();
      return CountedTokens.of(input, output, total == null ? null : Long.valueOf(total))
          .cacheRead(inputDetails == null ? 0 : orZero(inputDetails.cachedTokens()))
          .reasoning(outputDetails == null ? 0 : orZero(outputDetails.reasoningTokens()))
          .toUsage()
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

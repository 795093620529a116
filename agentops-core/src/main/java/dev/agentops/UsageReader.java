package dev.agentops;

import dev.agentops.usage.GroundedSearches;
import dev.agentops.usage.ProviderBody;
import dev.agentops.usage.ServiceTiers;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.Content;
import dev.langchain4j.data.message.ContentType;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import java.math.BigDecimal;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Reads what providers tell of a call's usage, from LangChain4j's objects and from raw bodies. */
public final class UsageReader {

  private UsageReader() {}

  /**
   * All that a chat's response tells of its usage; null where the provider told nothing, or that
   * nothing was used.
   *
   * <p>The raw answer goes first, where the metadata keeps it; one that cannot be read is left out.
   *
   * @param provider as {@code gen_ai.provider.name}, which decides what a token usage without
   *     details leaves out; {@code unknown} where it is not known
   */
  public static @Nullable UsageReport report(String provider, ChatResponse response) {
    return report(provider, response, fault -> {});
  }

  /** As {@link #report(String, ChatResponse)}, of a call, with its faults counted. */
  static @Nullable UsageReport report(AgentOps ops, ModelCall call, ChatResponse response) {
    UsageReport report =
        report(call.provider(), response, fault -> ops.report("reading a model's usage", fault));
    if (report == null || tellsModalities(report.usage())) {
      return report;
    }
    Boolean untold =
        ops.ask(
            "the contents of a call",
            () -> hears(call.request()) || !response.aiMessage().images().isEmpty());
    return Boolean.TRUE.equals(untold)
        ? report.toBuilder().gap(UsageGap.MODALITIES).build()
        : report;
  }

  /** The usage, or null where the provider told neither input nor output. */
  public static @Nullable Usage read(@Nullable TokenUsage tokens) {
    return TokenUsageReader.read(tokens);
  }

  /**
   * What a provider's raw answer tells: the JSON body of OpenAI (chat, responses, embeddings,
   * images) and all who speak its dialect, Anthropic, Gemini and Vertex, Bedrock, Cohere, DashScope
   * and Ollama, or the text of a stream of server-sent events, of which the last telling wins.
   *
   * @param provider a hint, in any spelling; the shape of the body goes first
   * @return null where it tells no usage
   * @throws IllegalArgumentException if it cannot be read, or if what it tells is impossible; the
   *     message quotes it
   */
  public static @Nullable UsageReport readBody(String provider, String body) {
    return ProviderBody.of(provider).add(body).report();
  }

  private static @Nullable UsageReport report(
      String provider, ChatResponse response, Consumer<Throwable> faults) {
    ChatResponseMetadata metadata = response.metadata();
    if (metadata == null) { // a mocked response
      return null;
    }
    UsageReport raw = raw(provider, metadata, faults);
    UsageReport.Builder report = raw != null ? raw.toBuilder() : told(provider, metadata, faults);
    if (report == null) {
      return null;
    }
    UsageReport told = report.build();
    if (told.usage().equals(Usage.none())
        && told.subCalls().isEmpty()
        && told.reportedCost() == null) {
      return null; // a chat that used nothing: some say so who do not know
    }
    if (told.model() == null) {
      report.model(metadata.modelName());
    }
    if (told.serviceTier() == null && Shape.get(metadata, "serviceTier") instanceof String tier) {
      report.serviceTier(ServiceTiers.of(tier));
    }
    return report.build();
  }

  private static @Nullable UsageReport raw(
      String provider, ChatResponseMetadata metadata, Consumer<Throwable> faults) {
    try {
      return RawAnswer.report(provider, metadata);
    } catch (RuntimeException e) {
      faults.accept(e);
      return null;
    }
  }

  /** Where the parts are impossible, the totals are kept, of which both sides were billed. */
  private static UsageReport.@Nullable Builder told(
      String provider, ChatResponseMetadata metadata, Consumer<Throwable> faults) {
    TokenUsage tokens = metadata.tokenUsage();
    try {
      UsageReport.Builder report = TokenUsageReader.report(provider, metadata.modelName(), tokens);
      return report == null ? null : withSearches(report, metadata);
    } catch (RuntimeException e) {
      faults.accept(e);
      TokenUsage totals = new TokenUsage(tokens.inputTokenCount(), tokens.outputTokenCount());
      UsageReport.Builder report = TokenUsageReader.report(provider, metadata.modelName(), totals);
      return report == null ? null : report.gap(UsageGap.CACHE_READS).gap(UsageGap.CACHE_WRITES);
    }
  }

  /** Gemini's metadata tells what was searched for, even where it keeps no raw answer. */
  private static UsageReport.Builder withSearches(
      UsageReport.Builder report, ChatResponseMetadata metadata) {
    Object grounding = Shape.get(metadata, "groundingMetadata");
    if (!(Shape.get(grounding, "webSearchQueries") instanceof List<?> queries)) {
      return report;
    }
    long searches =
        GroundedSearches.billed(
            metadata.modelName(), queries.stream().map(String::valueOf).toList());
    Usage found = Usage.builder().units("web_searches", BigDecimal.valueOf(searches)).build();
    return report.usage(report.build().usage().plus(found));
  }

  private static boolean tellsModalities(Usage usage) {
    return usage.inputAudioTokens() > 0
        || usage.outputAudioTokens() > 0
        || usage.outputImageTokens() > 0;
  }

  /** Whether a request holds what is billed at other rates than text by those that hear it. */
  private static boolean hears(ChatRequest request) {
    for (ChatMessage message : request.messages()) {
      if (message instanceof UserMessage user) {
        for (Content content : user.contents()) {
          if (content.type() == ContentType.AUDIO || content.type() == ContentType.VIDEO) {
            return true;
          }
        }
      }
    }
    return false;
  }
}

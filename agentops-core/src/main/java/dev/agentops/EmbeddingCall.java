package dev.agentops;

import dev.langchain4j.model.ModelProvider;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One call of an embedding model. */
public final class EmbeddingCall extends Call {

  private final List<String> texts;
  private final String modelName;
  private final String provider;
  private volatile @Nullable Usage usage;
  private volatile @Nullable Cost cost;

  EmbeddingCall(
      AgentOps ops,
      Context callerContext,
      List<String> texts,
      String modelName,
      @Nullable ModelProvider provider) {
    super(ops, callerContext);
    this.texts = texts;
    this.modelName = modelName;
    this.provider = ProviderNames.of(provider);
  }

  /** The texts to embed, in order. */
  public List<String> texts() {
    return texts;
  }

  /** The model's name; {@code unknown} where LangChain4j does not tell. */
  public String modelName() {
    return modelName;
  }

  /** The provider, as {@code gen_ai.provider.name} of OpenTelemetry spells it. */
  public String provider() {
    return provider;
  }

  /** A guess at the input tokens, by the rule of {@link ModelCall#estimatedInputTokens()}. */
  public long estimatedInputTokens() {
    return TokenEstimate.of(texts);
  }

  /** What the call consumed; null before it has ended, and where the provider did not tell. */
  public @Nullable Usage usage() {
    return usage;
  }

  void recordUsage(@Nullable Usage usage) {
    this.usage = usage;
  }

  /** What the call cost, once an interceptor has told; null where the price is unknown. */
  public @Nullable Cost cost() {
    return cost;
  }

  /** Tells what the call cost. */
  public void recordCost(Cost cost) {
    this.cost = cost;
  }
}

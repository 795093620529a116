package dev.agentops;

import dev.langchain4j.model.ModelProvider;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One call of an embedding model. */
public final class EmbeddingCall extends ProviderCall {

  private final List<String> texts;
  private final String modelName;

  EmbeddingCall(
      AgentOps ops,
      Context callerContext,
      List<String> texts,
      String modelName,
      @Nullable ModelProvider provider) {
    super(ops, callerContext, provider);
    this.texts = texts;
    this.modelName = modelName;
  }

  /** The texts to embed, in order. */
  public List<String> texts() {
    return texts;
  }

  /** The model's name; {@code unknown} where LangChain4j does not tell. */
  public String modelName() {
    return modelName;
  }

  /** A guess at the input tokens, by the rule of {@link ModelCall#estimatedInputTokens()}. */
  public long estimatedInputTokens() {
    return TokenEstimate.of(texts);
  }
}

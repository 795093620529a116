package dev.agentops;

import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One call of an embedding model. */
public final class EmbeddingCall extends ProviderCall {

  private static final Key<EmbeddingCall> KEY = Key.of("embedding call");

  private final List<String> texts;
  private final String modelName;
  private volatile List<String> askedTexts;

  EmbeddingCall(
      AgentOps ops,
      Context callerContext,
      List<String> texts,
      String modelName,
      @Nullable ModelProvider provider) {
    super(ops, callerContext, provider);
    this.texts = texts;
    this.modelName = modelName;
    this.askedTexts = texts;
    addToContext(KEY, this);
  }

  /** The call that the code of this thread answers, as a wrapped model; null for none. */
  public static @Nullable EmbeddingCall current() {
    return Context.current().get(KEY);
  }

  /** The texts to embed, in order. */
  public List<String> texts() {
    return texts;
  }

  /** The model's name; {@code unknown} where LangChain4j does not tell. */
  @Override
  public String modelName() {
    return modelName;
  }

  /**
   * Tells that a cache had all texts but these, which the model is asked for; without any, the call
   * consumes nothing and costs nothing.
   */
  public void markCachedExcept(List<String> askedTexts) {
    this.askedTexts = List.copyOf(askedTexts);
    if (askedTexts.isEmpty()) {
      recordCost(Cost.ZERO);
    }
  }

  /** Whether a cache had all of the texts. */
  public boolean cached() {
    return askedTexts.isEmpty() && !texts.isEmpty();
  }

  /**
   * What the provider bills for the call, as far as that can be told: its own {@link #report()} or,
   * where it told none, the texts it was asked for, counted by the {@link TokenCounter}, with a gap
   * that says so.
   *
   * @return null where the model was not asked or failed
   */
  public @Nullable UsageReport billedReport(Outcome<EmbeddingResponse> outcome) {
    UsageReport told = report();
    if (told != null || cached() || outcome.shortCircuited() || outcome.response() == null) {
      return told;
    }
    long tokens = TokenEstimate.byTokenizer(ops(), modelName).of(askedTexts);
    return UsageReport.builder().usage(Usage.of(tokens, 0)).gap(UsageGap.INPUT).build();
  }

  /** A guess at the input tokens, by the rule of {@link ModelCall#estimatedInputTokens()}. */
  public long estimatedInputTokens() {
    return TokenEstimate.byLength().of(texts);
  }
}

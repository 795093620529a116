package dev.agentops;

import dev.langchain4j.model.embedding.response.EmbeddingResponse;
import org.jspecify.annotations.Nullable;

/**
 * Stands around every call of an embedding model; the rules are those of {@link ChatInterceptor}.
 */
public interface EmbeddingInterceptor {

  /**
   * Runs before the model is asked.
   *
   * @return null to go on; an answer with one embedding a text, to give it to the caller without
   *     asking the model
   * @throws CallRejectedException to refuse the call; any other exception is logged and ignored
   */
  default @Nullable EmbeddingResponse before(EmbeddingCall call) {
    return null;
  }

  /** Runs after the call, exactly once for every {@code before} that was entered. */
  default void after(EmbeddingCall call, Outcome<EmbeddingResponse> outcome) {}
}

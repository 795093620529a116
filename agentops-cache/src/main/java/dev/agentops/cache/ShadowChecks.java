package dev.agentops.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.agentops.FaultLog;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiPredicate;
import java.util.function.Predicate;

/**
 * Keeps some hits back, so that the caller finds the answer himself, and compares his answer with
 * theirs. Thread-safe; never throws.
 */
final class ShadowChecks<V> implements AutoCloseable {

  /**
   * Hits that were kept back and wait for the caller's answer; more of them push the oldest out.
   */
  private static final int MAXIMUM_WAITING = 1_000;

  private final double rate;
  private final double maximumFalseHitRate;
  private final BiPredicate<? super V, ? super V> sameAnswer;
  private final SemanticEvidence evidence;
  private final Predicate<SemanticEntry<V>> valid;
  private final TimedRunner runner;
  private final FaultLog faults;
  private volatile boolean closed;
  private final Cache<String, SemanticEntry<V>> waiting =
      Caffeine.newBuilder().maximumSize(MAXIMUM_WAITING).executor(Runnable::run).build();

  /**
   * Shadow checks.
   *
   * @param maximumFalseHitRate 1 where a scope need not prove itself
   * @param valid whether an entry could still be found
   */
  ShadowChecks(
      double rate,
      double maximumFalseHitRate,
      BiPredicate<? super V, ? super V> sameAnswer,
      SemanticEvidence evidence,
      Predicate<SemanticEntry<V>> valid,
      TimedRunner runner,
      FaultLog faults) {
    this.rate = rate;
    this.maximumFalseHitRate = maximumFalseHitRate;
    this.sameAnswer = sameAnswer;
    this.evidence = evidence;
    this.valid = valid;
    this.runner = runner;
    this.faults = faults;
  }

  /** Whether the hits of a scope are served. */
  boolean serving(ScopeEvidence scope) {
    return maximumFalseHitRate == 1
        || (scope.checkable() && scope.falseHitRate().anyTimeUpperBound() <= maximumFalseHitRate);
  }

  /** Whether to keep a hit of a serving scope back. */
  boolean drawn() {
    return rate > 0 && ThreadLocalRandom.current().nextDouble() < rate;
  }

  /** Keeps a hit back until {@link #answered} for the question that was asked. */
  void keepBack(String askedId, SemanticEntry<V> hit) {
    waiting.put(askedId, hit);
  }

  /** The caller has an answer of his own. */
  void answered(String askedId, V answer) {
    SemanticEntry<V> hit = waiting.asMap().remove(askedId);
    if (hit == null || !valid.test(hit)) {
      return;
    }
    String scope = hit.partition.scope();
    try {
      runner.later(() -> compare(scope, hit.value, answer), failure -> failed(scope, failure));
    } catch (RuntimeException e) {
      failed(scope, e);
    }
  }

  private boolean compare(String scope, V served, V answer) {
    boolean same = sameAnswer.test(served, answer);
    evidence.checked(scope, same);
    return same;
  }

  private void failed(String scope, Throwable failure) {
    if (!closed) {
      evidence.checkFailed(scope);
      faults.report("the shadow check of a semantic hit", failure);
    }
  }

  @Override
  public void close() {
    closed = true;
    runner.close();
  }
}

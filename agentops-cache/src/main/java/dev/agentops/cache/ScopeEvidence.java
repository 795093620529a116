package dev.agentops.cache;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** What is known of the hits of one scope. Thread-safe. */
final class ScopeEvidence {

  /** By how much a report that a hit was wrong raises what a cosine has to be. */
  static final double RAISE = 0.01;

  /** As much at most. */
  static final double HIGHEST_RAISE = 0.05;

  /** So many checks in a row without a result, and nothing is known of the hits any more. */
  static final int FAILURES = 3;

  private static final double HALF_LIFE_NANOS = Duration.ofDays(7).toNanos();

  private final LongAdder[] counts = new LongAdder[SemanticCounter.values().length];
  private long checks;
  private long falseHits;

  /** Checks without a result since the last one that had one. */
  private long failures;

  private double raise;
  private long raisedAtNanos;

  ScopeEvidence() {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = new LongAdder();
    }
  }

  void count(SemanticCounter counter) {
    counts[counter.ordinal()].increment();
  }

  long[] counts() {
    long[] sums = new long[counts.length];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = counts[i].sum();
    }
    return sums;
  }

  synchronized void checked(boolean right) {
    checks++;
    falseHits += right ? 0 : 1;
    failures = 0;
  }

  synchronized void checkFailed() {
    failures++;
  }

  /** Whether checks have results lately, so that what is known of the hits is not outdated. */
  synchronized boolean checkable() {
    return failures < FAILURES;
  }

  synchronized FalseHitRate falseHitRate() {
    return FalseHitRate.of(checks, falseHits);
  }

  /** By how much a cosine counts less than it is; half of it is forgotten every week. */
  synchronized double raise(long nowNanos) {
    return raise == 0 ? 0 : raise * Math.pow(2, -(nowNanos - raisedAtNanos) / HALF_LIFE_NANOS);
  }

  synchronized void raiseThreshold(long nowNanos) {
    raise = Math.min(HIGHEST_RAISE, raise(nowNanos) + RAISE);
    raisedAtNanos = nowNanos;
  }
}

package dev.agentops.ratelimit;

import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;

/** What a limiter has done. Thread-safe. */
final class LimiterCounts {

  private final StripedCount allowed = new StripedCount();
  private final StripedCount refused = new StripedCount();
  private final LongAdder waited = new LongAdder();
  private final LongAdder waitedNanos = new LongAdder();
  private final LongAdder cancelled = new LongAdder();
  private final LongAdder returnedTokens = new LongAdder();
  private final LongAdder debtTokens = new LongAdder();

  void decided(boolean taken) {
    (taken ? allowed : refused).increment();
  }

  void waited(long nanos) {
    waited.increment();
    waitedNanos.add(nanos);
  }

  void cancelled() {
    cancelled.increment();
  }

  void settled(Demand taken, long used) {
    long estimated = Limit.sum(taken.inputTokens(), taken.outputTokens());
    if (used > estimated) {
      debtTokens.add(used - estimated);
    } else if (used < estimated) {
      returnedTokens.add(estimated - used);
    }
  }

  void addTo(RateLimiterStats.Builder stats) {
    stats
        .allowed(allowed.sum())
        .refused(refused.sum())
        .waited(waited.sum())
        .waitTime(Duration.ofNanos(waitedNanos.sum()))
        .cancelled(cancelled.sum())
        .returnedTokens(returnedTokens.sum())
        .debtTokens(debtTokens.sum());
  }
}

package dev.agentops.resilience;

import dev.agentops.Clock;
import dev.agentops.http.ProviderLimits;
import dev.agentops.http.ProviderQuota;
import java.time.Duration;
import java.util.List;

/** One of the models behind a load balancer: what is known of how it does. Thread-safe. */
final class Deployment {

  private static final Duration USUAL_RESET = Duration.ofMinutes(1);

  private final int weight;

  private int inFlight;
  private long backNanos;
  private long credit;
  private double left = 1;
  private long resetNanos;

  Deployment(int weight, long nowNanos) {
    this.weight = weight;
    this.backNanos = nowNanos;
    this.resetNanos = nowNanos;
  }

  int weight() {
    return weight;
  }

  synchronized void begin() {
    inFlight++;
  }

  synchronized void end() {
    inFlight--;
  }

  /** How much it has to do with one call more, for its weight. */
  synchronized double load() {
    return (inFlight + 1.0) / weight;
  }

  /** The share of its limits that is left, for each of the calls under way and one more. */
  synchronized double room(long nowNanos) {
    return (nowNanos - resetNanos >= 0 ? 1 : left) / load();
  }

  /** What the provider says is left holds until it is reset. */
  synchronized void observe(ProviderLimits limits, long nowNanos) {
    if (limits.isEmpty()) {
      return;
    }
    left = 1;
    resetNanos = nowNanos;
    for (ProviderQuota quota :
        List.of(limits.requests(), limits.tokens(), limits.inputTokens(), limits.outputTokens())) {
      double share = share(quota);
      if (share < left) {
        left = share;
        resetNanos = nowNanos + Clock.nanos(quota.reset().orElse(USUAL_RESET));
      }
    }
  }

  /** It gets no calls for so long; the longer of two wins. */
  synchronized void setAside(long nowNanos, Duration time) {
    long back = nowNanos + Clock.nanos(time);
    if (back - backNanos > 0) {
      backNanos = back;
    }
  }

  /** How long until it gets calls again; zero or less for at once. */
  synchronized long awayNanos(long nowNanos) {
    return backNanos - nowNanos;
  }

  /** What it is owed of calls, after so much more. */
  synchronized long credit(long more) {
    credit += more;
    return credit;
  }

  private static double share(ProviderQuota quota) {
    long limit = quota.limit().orElse(0);
    if (quota.isExhausted()) {
      return 0;
    }
    return limit == 0 || quota.remaining().isEmpty()
        ? 1
        : (double) quota.remaining().getAsLong() / limit;
  }
}

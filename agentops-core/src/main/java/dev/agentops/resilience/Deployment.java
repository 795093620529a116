package dev.agentops.resilience;

import dev.agentops.http.ProviderLimits;
import dev.agentops.http.ProviderQuota;
import java.util.concurrent.atomic.AtomicInteger;

/** One of the models behind a load balancer: what is known of how it does. */
final class Deployment {

  private final int weight;
  private final AtomicInteger inFlight = new AtomicInteger();

  /** Before this, it gets no calls. */
  private volatile long backNanos;

  /** The smallest share of a limit that the provider said is left; one where it has not. */
  private volatile double left = 1;

  private long credit; // guarded by the balancer's lock

  Deployment(int weight, long nowNanos) {
    this.weight = weight;
    this.backNanos = nowNanos;
  }

  int weight() {
    return weight;
  }

  void begin() {
    inFlight.incrementAndGet();
  }

  void end() {
    inFlight.decrementAndGet();
  }

  int inFlight() {
    return inFlight.get();
  }

  /** How much it has to do, for what it can do. */
  double load() {
    return (inFlight.get() + 1.0) / weight;
  }

  double left() {
    return left;
  }

  void observe(ProviderLimits limits) {
    if (!limits.isEmpty()) {
      left =
          Math.min(
              Math.min(share(limits.requests()), share(limits.tokens())),
              Math.min(share(limits.inputTokens()), share(limits.outputTokens())));
    }
  }

  /** Nothing goes there for so long; the longer of two wins. */
  synchronized void setAside(long nowNanos, long nanos) {
    long back = nowNanos + nanos;
    if (back - backNanos > 0) {
      backNanos = back;
    }
  }

  /** How long until it is back; zero or less if it is. */
  long awayNanos(long nowNanos) {
    return backNanos - nowNanos;
  }

  /** Smooth weighted round robin, as nginx does it: who has waited longest for its weight. */
  long credit(long more) {
    credit += more;
    return credit;
  }

  private static double share(ProviderQuota quota) {
    return 1;
  }
}

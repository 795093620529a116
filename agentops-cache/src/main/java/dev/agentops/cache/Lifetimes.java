package dev.agentops.cache;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** The lifetimes that a cache gives its values. Immutable. */
final class Lifetimes {

  private final Duration timeToLive;
  private final Duration negativeTimeToLive;
  private final double jitter;
  private final Duration stale;

  /**
   * @param jitter the share of its time that a value loses at most
   * @param stale how long a value is kept after its time
   */
  Lifetimes(Duration timeToLive, Duration negativeTimeToLive, double jitter, Duration stale) {
    this.timeToLive = timeToLive;
    this.negativeTimeToLive = negativeTimeToLive;
    this.jitter = jitter;
    this.stale = stale;
  }

  /** Of a value, which may have a time to live of its own. */
  Lifetime of(Optional<Duration> own) {
    return jittered(own.orElse(timeToLive), stale);
  }

  /** Of the knowledge that there is no value: it is never worth more than its time. */
  Lifetime ofAbsence() {
    return jittered(negativeTimeToLive, Duration.ZERO);
  }

  private Lifetime jittered(Duration fresh, Duration stale) {
    Lifetime full = Lifetime.of(fresh, stale);
    if (jitter == 0) {
      return full;
    }
    long lost = (long) (full.freshNanos() * jitter * ThreadLocalRandom.current().nextDouble());
    return new Lifetime(Math.max(1, full.freshNanos() - lost), full.staleNanos());
  }
}

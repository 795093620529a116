package dev.agentops.ratelimit;

import org.jspecify.annotations.Nullable;

/** What became of one step: what was taken and may be settled, or why nothing was. */
abstract class Charge {

  final String key;
  final Demand demand;

  Charge(String key, Demand demand) {
    this.key = key;
    this.demand = demand;
  }

  /** Whether it was taken, to be used when the {@linkplain #waitNanos() wait} is over. */
  abstract boolean granted();

  /** Whether it was refused since too many run at once: nobody knows how long. */
  abstract boolean full();

  /** How long it takes, or took; 0 for no time. */
  abstract long waitNanos();

  /** How much of that the limits of the key alone take. */
  long ownWaitNanos() {
    return waitNanos();
  }

  /** Whether it is concurrency of the key that is used up, rather than of all keys together. */
  boolean ownFull() {
    return full();
  }

  /** The limit that takes longest, such as {@code 60 requests per minute}; null for none. */
  abstract @Nullable String binding();

  /** Whether it holds a permit of a concurrency limit, which must come back. */
  abstract boolean holdsPermit();

  /** Replaces the estimate by what was used. At most once, and not after {@link #cancel}. */
  abstract void settle(long inputTokens, long outputTokens);

  /** Gives everything back. At most once, and not after {@link #settle}. */
  abstract void cancel();
}

package dev.agentops.ratelimit;

import java.lang.ref.Reference;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A request, an estimate of its tokens and, where concurrency is limited, a permit that a {@link
 * RateLimiter} has set aside. Ends once; later calls do nothing. Thread-safe; never throws but for
 * bad arguments.
 *
 * <p>The permit comes back when it ends. One that is never ended leaks: its permit comes back after
 * the garbage collector has found it, which is counted and said once in the log.
 */
public final class Reservation {

  private final RateLimiter limiter;
  private final Charge charge;
  private final AtomicBoolean ended = new AtomicBoolean();
  private Leases.@Nullable Lease lease;

  Reservation(RateLimiter limiter, Charge charge) {
    this.limiter = limiter;
    this.charge = charge;
  }

  void lease(Leases.Lease lease) {
    this.lease = lease;
  }

  /** What is set aside: the estimate, or what can come at once where that is less. */
  public Demand demand() {
    return charge.demand;
  }

  /** How long it was waited for; zero if not at all. */
  public Duration waited() {
    return Duration.ofNanos(charge.waitNanos());
  }

  /**
   * Replaces the estimate by the tokens that were used: gives the rest back, as far as it has not
   * become free by itself since, or takes on the difference as a debt that later calls wait for.
   *
   * <p>Where input and output are limited apart, the input counts as it was estimated, and all else
   * as output.
   *
   * @throws IllegalArgumentException if the number is negative
   */
  public void settle(long totalTokens) {
    long input = Math.min(notNegative("totalTokens", totalTokens), charge.demand.inputTokens());
    settle(input, totalTokens - input);
  }

  /**
   * As {@link #settle(long)}, for input and output each.
   *
   * @throws IllegalArgumentException if a number is negative
   */
  public void settle(long inputTokens, long outputTokens) {
    notNegative("inputTokens", inputTokens);
    notNegative("outputTokens", outputTokens);
    if (end()) {
      charge.settle(inputTokens, outputTokens);
      limiter.settled(charge, Limit.sum(inputTokens, outputTokens));
    }
    Reference.reachabilityFence(this); // or it might count as leaked while it ends
  }

  /** Gives everything back: the call was not made. */
  public void cancel() {
    if (end()) {
      charge.cancel();
      limiter.cancelled(charge);
    }
    Reference.reachabilityFence(this);
  }

  private boolean end() {
    boolean first = ended.compareAndSet(false, true);
    if (first && lease != null) {
      lease.end();
    }
    return first;
  }

  private static long notNegative(String what, long tokens) {
    if (tokens < 0) {
      throw new IllegalArgumentException(what + " must not be negative: " + tokens);
    }
    return tokens;
  }
}

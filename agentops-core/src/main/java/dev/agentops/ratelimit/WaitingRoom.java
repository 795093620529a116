package dev.agentops.ratelimit;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Where those wait who ask a {@link RateLimiter} for what several keys share, or for a permit: a
 * {@link FairQueue} before the engine. Thread-safe.
 */
final class WaitingRoom implements FairQueue.Capacity<Charge> {

  /** Of weights beyond these bounds, nothing sensible would come. */
  private static final double LEAST_WEIGHT = 1e-6;

  private static final double MOST_WEIGHT = 1e6;

  private final LimitEngine engine;
  private final Supplier<@Nullable RateLimits> total;
  private final ToDoubleFunction<String> weight;
  private final FaultLog faults;
  private final FairQueue<Charge> queue;

  /**
   * An empty one.
   *
   * @param total what the keys share now; null for permits only
   * @param weight of a key; where it throws, or says what is no weight, 1
   * @param dispatcher runs what asks the engine; the calling thread's, unless asking may block
   */
  WaitingRoom(
      LimitEngine engine,
      Supplier<@Nullable RateLimits> total,
      ToDoubleFunction<String> weight,
      int maximumQueued,
      Clock clock,
      Executor dispatcher) {
    this.engine = engine;
    this.total = total;
    this.weight = weight;
    this.faults = new FaultLog(RateLimiter.class, clock);
    this.queue = new FairQueue<>(this, clock, dispatcher, this::weightOf, maximumQueued);
  }

  /**
   * Waits until it is this caller's turn, or for as long as it may.
   *
   * @throws InterruptedException if interrupted; nothing is then taken
   */
  Waiter<Charge> await(String key, Demand demand, long maxWaitNanos) throws InterruptedException {
    return queue.await(key, demand, maxWaitNanos);
  }

  /** Whether one who takes now without waiting would take what others wait for. */
  boolean wouldPushIn(String key, Demand demand) {
    return queue.wouldPushIn(key, demand.priority());
  }

  /** How long one who comes now would wait at least; 0 for unknown. */
  long estimateNanos(String key, Demand demand) {
    return queue.estimateNanos(key, demand);
  }

  /** Something of what this key took was given back. */
  void returned(String key) {
    queue.returned(key);
  }

  /** Limits were changed: those who wait may fit now. */
  void changed() {
    queue.changed();
  }

  int size() {
    return queue.size();
  }

  long shedCount() {
    return queue.shed();
  }

  @Override
  public FairQueue.Attempt<Charge> tryTake(String key, Demand demand) {
    Charge charge = engine.take(key, demand, 0, true);
    if (charge.granted()) {
      return FairQueue.Attempt.taken(charge);
    }
    if (charge.full()) {
      return FairQueue.Attempt.heldUp(FairQueue.Attempt.UNTIL_RETURNED, !charge.ownFull());
    }
    return FairQueue.Attempt.heldUp(
        charge.waitNanos(), charge.waitNanos() > charge.ownWaitNanos());
  }

  @Override
  public void giveBack(Charge taken) {
    taken.cancel();
  }

  /** How long the shared limit that takes longest needs for it, or one for each permit. */
  @Override
  public double cost(Demand demand) {
    RateLimits shared = total.get();
    double longest = 0;
    for (int i = 0; shared != null && i < shared.size(); i++) {
      Limit limit = shared.get(i);
      longest = Math.max(longest, limit.nanos(limit.cost(limit.units(demand))));
    }
    return Math.max(1, longest);
  }

  private double weightOf(String key) {
    try {
      double told = weight.applyAsDouble(key);
      if (told > 0) {
        return Math.max(LEAST_WEIGHT, Math.min(told, MOST_WEIGHT));
      }
      throw new IllegalArgumentException("the weight of '" + key + "' must be above 0: " + told);
    } catch (RuntimeException e) {
      faults.report("the function that tells the weight of a key", e);
      return 1;
    }
  }
}

package dev.agentops.ratelimit;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * Where those wait who ask a {@link RateLimiter} for what several keys share, or for a permit: a
 * {@link FairQueue} before the engine. Thread-safe.
 */
final class WaitingRoom implements FairQueue.Capacity<Charge> {

  /** Of weights beyond these bounds, nothing sensible would come. */
  private static final double LEAST_WEIGHT = 1e-6;

  private static final double MOST_WEIGHT = 1e6;

  private final LimitEngine engine;
  private final LimitsBook book;
  private final long askAgainNanos;
  private final Runnable collector;
  private final ToDoubleFunction<String> weight;
  private final FaultLog faults;
  private final FairQueue<Charge> queue;

  /**
   * An empty one.
   *
   * @param shared whether other processes take and give back, too: asking may then block, and
   *     nobody tells when they do
   * @param collector gives back what was lost, and says so; quick where nothing was
   * @param weight of a key; where it throws, or says what is no weight, 1
   */
  WaitingRoom(
      LimitEngine engine,
      LimitsBook book,
      boolean shared,
      Runnable collector,
      ToDoubleFunction<String> weight,
      int maximumQueued,
      Clock clock) {
    this.engine = engine;
    this.book = book;
    this.askAgainNanos =
        shared ? RateLimiter.CONCURRENCY_RETRY.toNanos() : FairQueue.Attempt.UNTIL_RETURNED;
    this.collector = collector;
    this.weight = weight;
    this.faults = new FaultLog(RateLimiter.class, clock);
    Executor dispatcher = shared ? oneThread() : Runnable::run;
    this.queue = new FairQueue<>(this, clock, dispatcher, this::weightOf, maximumQueued);
  }

  /** Whether who waits for this key waits here, rather than for a time that is booked ahead. */
  boolean isFor(String key, boolean holds) {
    return book.total() != null || (holds && book.of(key).limitsConcurrency());
  }

  /**
   * Waits until it is this caller's turn, or for as long as it may.
   *
   * @throws InterruptedException if interrupted; nothing is then taken
   */
  Waiter<Charge> await(String key, Demand demand, boolean holds, long maxWaitNanos)
      throws InterruptedException {
    return queue.await(key, demand, holds, maxWaitNanos);
  }

  /**
   * Whether one who takes now without waiting would take what others wait for.
   *
   * @param holds whether it wants a permit
   */
  boolean wouldPushIn(String key, int priority, boolean holds) {
    return queue.wouldPushIn(key, priority, holds);
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
  public FairQueue.Attempt<Charge> tryTake(String key, Demand demand, boolean holds) {
    Charge charge = engine.take(key, demand, 0, holds);
    if (charge.granted()) {
      return FairQueue.Attempt.taken(charge);
    }
    if (charge.full()) {
      return FairQueue.Attempt.unknown(askAgainNanos, !charge.ownFull());
    }
    return FairQueue.Attempt.after(charge.waitNanos(), charge.waitNanos() > charge.ownWaitNanos());
  }

  @Override
  public void giveBack(Charge taken) {
    taken.cancel();
  }

  /** How long the shared limit that takes longest needs for it, or one for each permit. */
  @Override
  public double cost(Demand demand) {
    RateLimits shared = book.total();
    double longest = 0;
    for (int i = 0; shared != null && i < shared.size(); i++) {
      Limit limit = shared.get(i);
      longest = Math.max(longest, limit.nanos(limit.cost(limit.units(demand))));
    }
    return Math.max(1, longest);
  }

  @Override
  public void tidy() {
    try {
      collector.run();
    } catch (RuntimeException e) {
      faults.report("giving back permits that were lost", e);
    }
  }

  @Override
  public void failed(Throwable failure) {
    faults.report("serving those who wait", failure);
  }

  /** A daemon that ends when it has had nothing to do for a while. */
  private static Executor oneThread() {
    return new ThreadPoolExecutor(
        0,
        1,
        5,
        TimeUnit.SECONDS,
        new LinkedBlockingQueue<>(), // holds one task at most: the queue hands in no second one
        task -> {
          Thread thread = new Thread(task, "agentops-rate-limit-queue");
          thread.setDaemon(true);
          return thread;
        });
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

package dev.agentops.ratelimit;

import dev.agentops.Clock;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Limits how many run at once; those who wait are served in order. Thread-safe. */
public final class ConcurrencyLimiter {

  private final String name;
  private final int limit;
  private final Semaphore permits;

  private ConcurrencyLimiter(String name, int limit) {
    this.name = name;
    this.limit = limit;
    this.permits = new Semaphore(limit, true);
  }

  /**
   * A limiter of so many at once, by the name {@code concurrency-limit}.
   *
   * @throws IllegalArgumentException if the limit is below 1
   */
  public static ConcurrencyLimiter of(int limit) {
    return of("concurrency-limit", limit);
  }

  /**
   * A limiter of so many at once.
   *
   * @param name is carried by rejections and events
   * @throws IllegalArgumentException if the limit is below 1
   */
  public static ConcurrencyLimiter of(String name, int limit) {
    if (limit < 1) {
      throw new IllegalArgumentException("the limit must be at least 1: " + limit);
    }
    return new ConcurrencyLimiter(Objects.requireNonNull(name, "name"), limit);
  }

  /** Waits for a permit, for as long as it takes. */
  public Permit acquire() throws InterruptedException {
    permits.acquire();
    return new Permit(permits);
  }

  /**
   * Waits for a permit.
   *
   * @param maxWait the longest wait
   * @throws ConcurrencyLimitExceededException if none came free in time
   */
  public Permit acquire(Duration maxWait) throws InterruptedException {
    if (!permits.tryAcquire(Clock.nanos(maxWait), TimeUnit.NANOSECONDS)) {
      throw new ConcurrencyLimitExceededException(name, limit, maxWait);
    }
    return new Permit(permits);
  }

  /** A permit, if one is free now. Does not push in before those who wait. */
  public Optional<Permit> tryAcquire() {
    if (permits.hasQueuedThreads() || !permits.tryAcquire()) {
      return Optional.empty();
    }
    return Optional.of(new Permit(permits));
  }

  /** The name that rejections and events carry. */
  public String name() {
    return name;
  }

  /** The most that may run at once. */
  public int limit() {
    return limit;
  }

  /** How many run now. */
  public int inUse() {
    return limit - permits.availablePermits();
  }

  /**
   * The right to run; give it back by closing it. Closing twice does nothing. Any thread may close
   * it.
   */
  public static final class Permit implements AutoCloseable {

    private final Semaphore permits;
    private final AtomicBoolean closed = new AtomicBoolean();

    private Permit(Semaphore permits) {
      this.permits = permits;
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        permits.release();
      }
    }
  }
}

package dev.agentops.ratelimit;

import dev.agentops.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Limits requests, tokens, or both, for each key on its own: a user, a model, a tenant.
 *
 * <p>All limits of a key are taken together or not at all. Each limit is a leaky bucket (the
 * generic cell rate algorithm): it lets {@code burst} through at once and then one every {@code
 * period / limit}; the burst is the whole limit unless said. Tokens are known only after a call, so
 * they are reserved by estimate and settled by what was used: too much is given back, too little
 * becomes a debt that later calls wait for. An estimate above the whole burst is let through when
 * the bucket is full, for otherwise it never would be.
 *
 * <p>A limit is asked three ways: {@link #tryAcquire(String)} says yes or no, {@link #acquire}
 * waits or throws, {@link #probe} and {@link #reserve} tell how long it would take. Keys whose
 * buckets are full again are forgotten; no more than {@link Builder#maximumKeys} are kept, and keys
 * beyond that share one bucket. Thread-safe.
 */
public final class RateLimiter {

  private static final String OVERFLOW = "(keys beyond the maximum)";

  private final String name;
  private final Clock clock;
  private final List<Limit> limits;
  private final boolean limitsTokens;
  private final int maximumKeys;
  private final ConcurrentMap<String, Buckets> keys = new ConcurrentHashMap<>();
  private final AtomicLong nextSweep = new AtomicLong(1_024);

  private RateLimiter(Builder from) {
    name = from.name;
    clock = from.clock;
    maximumKeys = from.maximumKeys;
    limits = from.limits.stream().map(limit -> limit.withBurst(from.burst)).toList();
    limitsTokens = limits.stream().anyMatch(limit -> limit.kind() == Limit.Kind.TOKENS);
  }

  public static Builder builder() {
    return new Builder();
  }

  /** The name that rejections and events carry. */
  public String name() {
    return name;
  }

  /** Whether some limit counts tokens, so that an estimate is worth making. */
  public boolean limitsTokens() {
    return limitsTokens;
  }

  /** Takes one request, if it fits now. */
  public boolean tryAcquire(String key) {
    return tryAcquire(key, 0);
  }

  /** Takes one request and so many tokens, if both fit now. */
  public boolean tryAcquire(String key, long tokens) {
    return take(key, tokens, 0) == 0;
  }

  /**
   * Takes one request, waiting for its turn; those who wait for one key are served in order.
   *
   * @param maxWait the longest wait that is worth it
   * @throws RateLimitExceededException at once, if it would take longer
   * @throws InterruptedException if interrupted while waiting; the request is then given back
   */
  public void acquire(String key, Duration maxWait) throws InterruptedException {
    awaitTurn(key, 0, reserveWithin(key, 0, maxWait));
  }

  /** Tells whether one request would fit now, and if not, when; takes nothing. */
  public Probe probe(String key) {
    Buckets buckets = keys.get(Objects.requireNonNull(key, "key"));
    long now = clock.nanoTime();
    long wait = buckets == null ? 0 : buckets.waitNanos(now, 0);
    return new Probe(wait == 0, Duration.ofNanos(wait));
  }

  /**
   * Takes one request and an estimate of its tokens.
   *
   * @return the reservation, to be settled when the tokens are known or cancelled when nothing was
   *     used
   * @throws RateLimitExceededException if they do not fit now
   */
  public Reservation reserve(String key, long estimatedTokens) {
    reserveWithin(key, estimatedTokens, Duration.ZERO);
    return new Reservation(this, key, estimatedTokens);
  }

  /**
   * As {@link #reserve(String, long)}, waiting for its turn.
   *
   * @param maxWait the longest wait that is worth it
   * @throws RateLimitExceededException at once, if it would take longer
   * @throws InterruptedException if interrupted while waiting; nothing is then taken
   */
  public Reservation reserve(String key, long estimatedTokens, Duration maxWait)
      throws InterruptedException {
    awaitTurn(key, estimatedTokens, reserveWithin(key, estimatedTokens, maxWait));
    return new Reservation(this, key, estimatedTokens);
  }

  /** How many keys are kept now. */
  public int keyCount() {
    return keys.size();
  }

  /**
   * Gives tokens back where {@code tokens} is negative, takes a debt where it is positive; likewise
   * requests.
   */
  void correct(String key, long requests, long tokens) {
    withBuckets(
        key,
        buckets -> {
          buckets.correct(requests, tokens, clock.nanoTime());
          return 0;
        });
  }

  private long reserveWithin(String key, long tokens, Duration maxWait) {
    long wait = take(key, tokens, maxWait.toNanos());
    if (wait > maxWait.toNanos()) {
      throw new RateLimitExceededException(name, key, Duration.ofNanos(wait));
    }
    return wait;
  }

  private void awaitTurn(String key, long tokens, long waitNanos) throws InterruptedException {
    if (waitNanos == 0) {
      return;
    }
    CountDownLatch turn = new CountDownLatch(1);
    Clock.Timer timer = clock.schedule(Duration.ofNanos(waitNanos), turn::countDown);
    try {
      turn.await();
    } catch (InterruptedException e) {
      timer.cancel();
      correct(key, -1, -tokens);
      throw e;
    }
  }

  /** Takes what fits within a wait, and returns the wait; takes nothing if it is longer. */
  private long take(String key, long tokens, long maxWaitNanos) {
    if (tokens < 0) {
      throw new IllegalArgumentException("tokens must not be negative: " + tokens);
    }
    return withBuckets(key, buckets -> buckets.take(clock.nanoTime(), tokens, maxWaitNanos));
  }

  private long withBuckets(String key, BucketsAction action) {
    Objects.requireNonNull(key, "key");
    while (true) {
      Buckets buckets = keys.get(key);
      if (buckets == null) {
        makeRoom();
        String slot = keys.size() < maximumKeys ? key : OVERFLOW;
        buckets = keys.computeIfAbsent(slot, k -> new Buckets(limits, clock.nanoTime()));
      }
      synchronized (buckets) {
        if (!buckets.forgotten) {
          return action.apply(buckets);
        }
      }
    }
  }

  /**
   * Forgets full buckets whenever the map has doubled: a full bucket and a new one are the same.
   */
  private void makeRoom() {
    long due = nextSweep.get();
    int size = keys.size();
    if (size < Math.min(due, maximumKeys) || !nextSweep.compareAndSet(due, Long.MAX_VALUE)) {
      return;
    }
    long now = clock.nanoTime();
    keys.forEach(
        (key, buckets) -> {
          synchronized (buckets) {
            if (buckets.full(now)) {
              buckets.forgotten = true;
              keys.remove(key, buckets);
            }
          }
        });
    nextSweep.set(Math.max(1_024, 2L * keys.size()));
  }

  private interface BucketsAction {
    long apply(Buckets buckets);
  }

  /**
   * Whether a request would fit.
   *
   * @param allowed whether it would fit now
   * @param retryAfter how long until it does; zero when it does now
   */
  public record Probe(boolean allowed, Duration retryAfter) {}

  /** Configures a {@link RateLimiter}; at least one limit is required. Not thread-safe. */
  public static final class Builder {

    /** {@value}. */
    public static final int DEFAULT_MAXIMUM_KEYS = 100_000;

    private final List<Limit> limits = new ArrayList<>();
    private String name = "rate-limit";
    private long burst;
    private int maximumKeys = DEFAULT_MAXIMUM_KEYS;
    private Clock clock = Clock.system();

    private Builder() {}

    public Builder requestsPerSecond(long limit) {
      return limit(Limit.Kind.REQUESTS, limit, 1, "requestsPerSecond");
    }

    public Builder requestsPerMinute(long limit) {
      return limit(Limit.Kind.REQUESTS, limit, TimeUnit.MINUTES.toSeconds(1), "requestsPerMinute");
    }

    public Builder requestsPerHour(long limit) {
      return limit(Limit.Kind.REQUESTS, limit, TimeUnit.HOURS.toSeconds(1), "requestsPerHour");
    }

    public Builder requestsPerDay(long limit) {
      return limit(Limit.Kind.REQUESTS, limit, TimeUnit.DAYS.toSeconds(1), "requestsPerDay");
    }

    public Builder tokensPerMinute(long limit) {
      return limit(Limit.Kind.TOKENS, limit, TimeUnit.MINUTES.toSeconds(1), "tokensPerMinute");
    }

    public Builder tokensPerDay(long limit) {
      return limit(Limit.Kind.TOKENS, limit, TimeUnit.DAYS.toSeconds(1), "tokensPerDay");
    }

    /**
     * How many requests may come at once; the whole limit unless said. Token limits keep their
     * whole limit.
     */
    public Builder burst(long requests) {
      if (requests < 1) {
        throw new IllegalArgumentException("burst must be at least 1: " + requests);
      }
      this.burst = requests;
      return this;
    }

    /**
     * How many keys are told apart; {@value #DEFAULT_MAXIMUM_KEYS} unless said. A key takes about
     * 200 bytes.
     */
    public Builder maximumKeys(int maximum) {
      if (maximum < 1) {
        throw new IllegalArgumentException("maximumKeys must be at least 1: " + maximum);
      }
      this.maximumKeys = maximum;
      return this;
    }

    /** The name that rejections and events carry; {@code rate-limit} unless said. */
    public Builder name(String name) {
      this.name = Objects.requireNonNull(name, "name");
      return this;
    }

    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Builds the limiter.
     *
     * @throws IllegalStateException if no limit was given
     */
    public RateLimiter build() {
      if (limits.isEmpty()) {
        throw new IllegalStateException(
            "a rate limiter needs a limit, such as requestsPerMinute(60)");
      }
      return new RateLimiter(this);
    }

    private Builder limit(Limit.Kind kind, long limit, long periodSeconds, String what) {
      long periodNanos = TimeUnit.SECONDS.toNanos(periodSeconds);
      if (limit < 1 || limit > periodNanos) {
        throw new IllegalArgumentException(
            what + " must be between 1 and " + periodNanos + ": " + limit);
      }
      limits.add(new Limit(kind, limit, periodNanos, limit));
      return this;
    }
  }
}

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
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

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
  private static final int FIRST_SWEEP = 1_024;
  private static final long SWEEP_INTERVAL_NANOS = 1_000_000_000;

  private final String name;
  private final Clock clock;
  private final List<Limit> limits;
  private final long tokenBurst;
  private final int maximumKeys;
  private final ConcurrentMap<String, Buckets> keys = new ConcurrentHashMap<>();
  private final AtomicBoolean sweeping = new AtomicBoolean();
  private volatile int sweepAt = FIRST_SWEEP;
  private volatile long nextSweepNanos;

  private RateLimiter(Builder from) {
    name = from.name;
    clock = from.clock;
    maximumKeys = from.maximumKeys;
    limits = from.limits.stream().map(limit -> limit.withBurst(from.burst)).toList();
    tokenBurst =
        limits.stream()
            .filter(limit -> limit.kind() == Limit.Kind.TOKENS)
            .mapToLong(Limit::burst)
            .min()
            .orElse(0);
    nextSweepNanos = clock.nanoTime();
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
    return tokenBurst > 0;
  }

  /** Takes one request, if it fits now. */
  public boolean tryAcquire(String key) {
    return tryAcquire(key, 0);
  }

  /** Takes one request and so many tokens, if both fit now. */
  public boolean tryAcquire(String key, long tokens) {
    checkTokens(tokens);
    return withBuckets(key, buckets -> buckets.take(clock.nanoTime(), tokens, 0) == 0);
  }

  /**
   * Takes one request, waiting for its turn; those who wait for one key are served in order.
   *
   * @param maxWait the longest wait that is worth it; zero or negative for none
   * @throws RateLimitExceededException at once, if it would take longer
   * @throws InterruptedException if interrupted while waiting; the request is then given back
   */
  public void acquire(String key, Duration maxWait) throws InterruptedException {
    awaitTurn(take(key, 0, maxWait));
  }

  /** Tells whether one request would fit now, and if not, when; takes nothing. */
  public Probe probe(String key) {
    Buckets buckets = keys.get(Objects.requireNonNull(key, "key"));
    if (buckets == null && keys.size() >= maximumKeys) {
      buckets = keys.get(OVERFLOW);
    }
    long wait = buckets == null ? 0 : buckets.waitNanos(clock.nanoTime(), 0);
    return new Probe(wait == 0, Duration.ofNanos(wait));
  }

  /**
   * Takes one request and an estimate of its tokens, at most the whole burst of tokens.
   *
   * @return the reservation, to be settled when the tokens are known or cancelled when nothing was
   *     used
   * @throws RateLimitExceededException if they do not fit now
   */
  public Reservation reserve(String key, long estimatedTokens) {
    return new Reservation(this, take(key, Math.min(estimatedTokens, tokenBurst), Duration.ZERO));
  }

  /**
   * As {@link #reserve(String, long)}, waiting for its turn.
   *
   * @param maxWait the longest wait that is worth it; zero or negative for none
   * @throws RateLimitExceededException at once, if it would take longer
   * @throws InterruptedException if interrupted while waiting; nothing is then taken
   */
  public Reservation reserve(String key, long estimatedTokens, Duration maxWait)
      throws InterruptedException {
    Taken taken = take(key, Math.min(estimatedTokens, tokenBurst), maxWait);
    awaitTurn(taken);
    return new Reservation(this, taken);
  }

  /** How many keys are kept now. */
  public int keyCount() {
    return keys.size();
  }

  /** Takes tokens that were used already, fitting or not. */
  void charge(String key, long tokens) {
    withBuckets(
        key,
        buckets -> {
          buckets.charge(clock.nanoTime(), 0, tokens);
          return buckets;
        });
  }

  void giveBack(Taken taken, long requests, long tokens) {
    synchronized (taken.buckets) {
      if (!taken.buckets.forgotten) { // else it was full, and there is nothing to give back
        taken.buckets.giveBack(clock.nanoTime(), requests, tokens, taken.emptyAt);
      }
    }
  }

  private Taken take(String key, long tokens, Duration maxWait) {
    checkTokens(tokens);
    long maxWaitNanos = Math.max(0, Clock.nanos(maxWait));
    Taken taken =
        withBuckets(
            key,
            buckets -> {
              long wait = buckets.take(clock.nanoTime(), tokens, maxWaitNanos);
              return new Taken(key, tokens, wait, buckets, buckets.emptyAt());
            });
    if (taken.waitNanos > maxWaitNanos) {
      throw new RateLimitExceededException(name, key, Duration.ofNanos(taken.waitNanos));
    }
    return taken;
  }

  private void awaitTurn(Taken taken) throws InterruptedException {
    if (taken.waitNanos == 0) {
      return;
    }
    CountDownLatch turn = new CountDownLatch(1);
    Clock.Timer timer = clock.schedule(Duration.ofNanos(taken.waitNanos), turn::countDown);
    try {
      turn.await();
    } catch (InterruptedException e) {
      timer.cancel();
      giveBack(taken, 1, taken.tokens);
      throw e;
    }
  }

  private static void checkTokens(long tokens) {
    if (tokens < 0) {
      throw new IllegalArgumentException("tokens must not be negative: " + tokens);
    }
  }

  private <T> T withBuckets(String key, Function<Buckets, T> action) {
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
   * Forgets full buckets, for a full bucket and a new one are the same: whenever the map has
   * doubled, and once a second at most, so that callers with ever new keys cannot make every call
   * look at all of them.
   */
  private void makeRoom() {
    if (keys.size() < Math.min(sweepAt, maximumKeys) || !sweeping.compareAndSet(false, true)) {
      return;
    }
    try {
      long now = clock.nanoTime();
      if (now - nextSweepNanos >= 0) {
        keys.forEach((key, buckets) -> forgetIfFull(key, buckets, now));
        sweepAt = Math.max(FIRST_SWEEP, 2 * keys.size());
        nextSweepNanos = now + SWEEP_INTERVAL_NANOS;
      }
    } finally {
      sweeping.set(false);
    }
  }

  private void forgetIfFull(String key, Buckets buckets, long now) {
    synchronized (buckets) {
      if (buckets.full(now)) {
        buckets.forgotten = true;
        keys.remove(key, buckets);
      }
    }
  }

  /** What one caller has taken, and the state of its buckets right after. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Taken(String key, long tokens, long waitNanos, Buckets buckets, long[] emptyAt) {}

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

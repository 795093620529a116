package dev.agentops.ratelimit;

import dev.agentops.Clock;
import dev.agentops.Deadline;
import java.lang.ref.Reference;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Limits how many run at once: all together, or for each key on its own. Thread-safe.
 *
 * <pre>{@code
 * try (ConcurrencyLimiter.Permit permit = limiter.acquire(Duration.ofSeconds(5))) {
 *   callTheModel();
 * }
 * }</pre>
 *
 * <p>The limit is fixed, or {@linkplain AdaptiveLimit adapts} itself to what the server bears.
 * Those who wait are served in order, those of a higher priority first; nobody waits past the
 * {@linkplain Deadline#current() deadline} of its context, and no more wait than {@link
 * Builder#maxWaiting}.
 *
 * <p>A permit whose holder has lost it is given back when the garbage collector finds it, counted,
 * and said in the log. Keys that nobody uses are forgotten; no more than {@link
 * Builder#maximumKeys} are kept, and keys beyond that share one limit.
 */
public final class ConcurrencyLimiter {

  private static final Duration FOR_EVER = ChronoUnit.FOREVER.getDuration();
  private static final String DEFAULT_NAME = "concurrency-limit";

  private final PoolSettings settings;
  private final PermitPool shared;
  private final KeyedPools keyed;

  private ConcurrencyLimiter(PoolSettings settings, int maximumKeys) {
    this.settings = settings;
    this.shared = new PermitPool(settings, "");
    this.keyed = new KeyedPools(settings, maximumKeys);
  }

  /**
   * A limiter of so many at once, by the name {@code concurrency-limit}.
   *
   * @throws IllegalArgumentException if the limit is below 1
   */
  public static ConcurrencyLimiter of(int limit) {
    return of(DEFAULT_NAME, limit);
  }

  /**
   * A limiter of so many at once.
   *
   * @param name is carried by rejections and events
   * @throws IllegalArgumentException if the limit is below 1
   */
  public static ConcurrencyLimiter of(String name, int limit) {
    return builder().name(name).limit(limit).build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Waits for a permit, for as long as it takes or the context's deadline allows.
   *
   * @throws ConcurrencyLimitExceededException if the deadline passed, or too many wait
   */
  public Permit acquire() throws InterruptedException {
    return acquire(FOR_EVER);
  }

  /**
   * Waits for a permit.
   *
   * @param maxWait the longest wait; zero or negative for none
   * @throws ConcurrencyLimitExceededException if none came free in time, or too many wait
   */
  public Permit acquire(Duration maxWait) throws InterruptedException {
    return acquire("", maxWait, 0);
  }

  /** As {@link #acquire(Duration)}, of this key. */
  public Permit acquire(String key, Duration maxWait) throws InterruptedException {
    return acquire(key, maxWait, 0);
  }

  /**
   * As {@link #acquire(Duration)}, of this key, before those who wait with a lower priority. A
   * priority that is never lacking lets the lower ones wait for as long as they do.
   *
   * @param key empty for the limit of all calls without one
   * @param priority 0 is that of all who say none
   */
  public Permit acquire(String key, Duration maxWait, int priority) throws InterruptedException {
    Objects.requireNonNull(maxWait, "maxWait");
    Permit permit;
    do {
      permit = pool(key).take(maxWait, priority);
    } while (permit == null);
    return permit;
  }

  /** A permit, if one is free now. Does not push in before those who wait. */
  public Optional<Permit> tryAcquire() {
    return tryAcquire("");
  }

  /** As {@link #tryAcquire()}, of this key. */
  public Optional<Permit> tryAcquire(String key) {
    Permit permit = poll(key);
    if (permit == null) {
      settings.counters().refused.increment();
    }
    return Optional.ofNullable(permit);
  }

  /** The name that rejections and events carry. */
  public String name() {
    return settings.name();
  }

  /** Whether it finds its limit by itself, so that samples are worth taking. */
  public boolean isAdaptive() {
    return settings.adaptive() != null;
  }

  /** The most that may run at once now, of calls without a key. */
  public int limit() {
    return shared.limit();
  }

  /** The most that may run at once now, of this key. */
  public int limit(String key) {
    PermitPool pool = known(key);
    AdaptiveLimit adaptive = settings.adaptive();
    if (pool != null) {
      return pool.limit();
    }
    return adaptive == null ? settings.fixed().value() : adaptive.initial();
  }

  /**
   * Changes a fixed limit, from now on and for each key. What is in use above a lower limit stays
   * so until it is closed.
   *
   * @throws IllegalArgumentException if the limit is below 1
   * @throws IllegalStateException if the limit is adaptive
   */
  public void limit(int limit) {
    if (isAdaptive()) {
      throw new IllegalStateException("'" + name() + "' finds its limit by itself");
    }
    settings.fixed().set(CurrentLimit.check("the limit", limit));
    shared.handOver();
    keyed.forEach(PermitPool::handOver);
  }

  /** How many run now, of calls without a key. */
  public int inUse() {
    return shared.inUse();
  }

  /** How many run now, of this key. */
  public int inUse(String key) {
    PermitPool pool = known(key);
    return pool == null ? 0 : pool.inUse();
  }

  public ConcurrencyStats stats() {
    AtomicLong inUse = new AtomicLong(shared.inUse());
    AtomicLong waiting = new AtomicLong(shared.waiting());
    keyed.forEach(
        pool -> {
          inUse.addAndGet(pool.inUse());
          waiting.addAndGet(pool.waiting());
        });
    return new ConcurrencyStats(
        limit(), inUse.get(), waiting.get(), keyed.size(), settings.counters());
  }

  /** A permit, if one is free now; else null, and it counts as no refusal. */
  @Nullable Permit poll(String key) {
    while (true) {
      PermitPool pool = pool(key);
      Permit permit = pool.tryTake();
      if (permit != null || !pool.isRetired()) {
        return permit;
      }
    }
  }

  /** How many wait now, for this key. */
  int waiting(String key) {
    PermitPool pool = known(key);
    return pool == null ? 0 : pool.waiting();
  }

  /** Counts and makes a refusal, for one who could not wait to the end. */
  ConcurrencyLimitExceededException refused(String key, Duration waited) {
    return pool(key).refused(waited);
  }

  private PermitPool pool(String key) {
    return key.isEmpty() ? shared : keyed.get(key);
  }

  private @Nullable PermitPool known(String key) {
    return key.isEmpty() ? shared : keyed.find(key);
  }

  /**
   * The right to run; give it back by closing it. Closing twice does nothing. Any thread may close
   * it.
   *
   * <p>An adaptive limit learns from it how long the call took: from the permit to its closing,
   * unless said otherwise before that.
   */
  public static final class Permit implements AutoCloseable {

    @Nullable Lease lease; // set before anybody gets to see it

    Permit() {}

    /**
     * What the call took, made comparable: the time of a call to a language model is mostly the
     * length of its answer, so that a time per token tells more of the server.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public void sample(Duration time) {
      if (time.isNegative()) {
        throw new IllegalArgumentException("a sample must not be negative: " + time);
      }
      LeaseDetails details = details();
      if (details != null) {
        details.sample(time);
      }
    }

    /** The call tells nothing of the server: it failed for a reason of its own, or was not made. */
    public void ignore() {
      judge(LeaseDetails.Verdict.IGNORED);
    }

    /** The server had too much to do: it refused the call, or did not answer in time. */
    public void overloaded() {
      judge(LeaseDetails.Verdict.OVERLOADED);
    }

    @Override
    public void close() {
      Lease held = lease;
      if (held != null) {
        held.close();
      }
      Reference.reachabilityFence(this); // else it might be found lost meanwhile
    }

    private void judge(LeaseDetails.Verdict verdict) {
      LeaseDetails details = details();
      if (details != null) {
        details.verdict(verdict);
      }
    }

    private @Nullable LeaseDetails details() {
      Lease held = lease;
      return held == null ? null : held.details();
    }
  }

  /** Configures a {@link ConcurrencyLimiter}; a limit is required. Not thread-safe. */
  public static final class Builder {

    /** {@value}. */
    public static final int DEFAULT_MAX_WAITING = 1_000;

    /** {@value}. */
    public static final int DEFAULT_MAXIMUM_KEYS = 10_000;

    private String name = DEFAULT_NAME;
    private int limit;
    private @Nullable AdaptiveLimit adaptive;
    private int maxWaiting = DEFAULT_MAX_WAITING;
    private int maximumKeys = DEFAULT_MAXIMUM_KEYS;
    private boolean trackLeaks;
    private @Nullable Duration maxHold;
    private Clock clock = Clock.system();

    private Builder() {}

    /** The name that rejections and events carry; {@code concurrency-limit} unless said. */
    public Builder name(String name) {
      this.name = Objects.requireNonNull(name, "name");
      return this;
    }

    /**
     * The most that may run at once, for each key; in place of an adaptive limit.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder limit(int limit) {
      this.limit = CurrentLimit.check("the limit", limit);
      this.adaptive = null;
      return this;
    }

    /** Lets the limit of each key find itself; in place of a fixed one. */
    public Builder adaptive(AdaptiveLimit adaptive) {
      this.adaptive = Objects.requireNonNull(adaptive, "adaptive");
      return this;
    }

    /**
     * How many may wait, for each key; who comes then is refused at once. {@value
     * #DEFAULT_MAX_WAITING} unless said; 0 for none.
     *
     * @throws IllegalArgumentException if it is negative
     */
    public Builder maxWaiting(int maximum) {
      if (maximum < 0) {
        throw new IllegalArgumentException("maxWaiting must not be negative: " + maximum);
      }
      this.maxWaiting = maximum;
      return this;
    }

    /**
     * How many keys are told apart; {@value #DEFAULT_MAXIMUM_KEYS} unless said. A key takes about
     * 300 bytes, 440 where the limit is adaptive.
     *
     * @throws IllegalArgumentException if it is below 1
     */
    public Builder maximumKeys(int maximum) {
      this.maximumKeys = CurrentLimit.check("maximumKeys", maximum);
      return this;
    }

    /**
     * Whether to remember where each permit was acquired, and say it in the log when it is lost;
     * not unless said, for it takes a stack trace each.
     */
    public Builder trackLeaks(boolean track) {
      this.trackLeaks = track;
      return this;
    }

    /**
     * The longest that a permit should be held: one that is held for longer is counted and said in
     * the log, and stays in use. No bound unless said.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder maxHold(Duration longest) {
      if (longest.isZero() || longest.isNegative()) {
        throw new IllegalArgumentException("maxHold must be positive: " + longest);
      }
      this.maxHold = longest;
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
    public ConcurrencyLimiter build() {
      if (limit == 0 && adaptive == null) {
        throw new IllegalStateException("a concurrency limiter needs a limit, such as limit(10)");
      }
      return new ConcurrencyLimiter(
          new PoolSettings(
              name,
              new CurrentLimit(limit),
              adaptive,
              maxWaiting,
              trackLeaks,
              maxHold,
              clock,
              new ConcurrencyCounters()),
          maximumKeys);
    }
  }
}

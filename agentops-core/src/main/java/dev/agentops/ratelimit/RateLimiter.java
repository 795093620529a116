package dev.agentops.ratelimit;

import dev.agentops.Clock;
import dev.agentops.Deadline;
import dev.agentops.event.OpsEventListener;
import dev.agentops.http.ProviderLimits;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Limits requests, tokens and concurrency, for each key on its own: a user, a model, a tenant; and,
 * where {@link Builder#total} is said, for all keys together.
 *
 * <p>All limits of a key are taken together or not at all. Each is a leaky bucket (the generic cell
 * rate algorithm): it lets {@code burst} through at once and then one every {@code period / limit};
 * the burst is the whole limit unless said. So no window of the period ever sees more than the
 * limit and the burst. Tokens are known only after a call, so they are reserved by estimate and
 * settled by what was used: too much is given back, too little becomes a debt that later calls wait
 * for. An estimate above the whole burst is let through when the bucket is full, for otherwise it
 * never would be.
 *
 * <p>A limit is asked three ways: {@link #tryAcquire(String)} says yes or no, {@link #acquire}
 * waits or throws, {@link #probe} and {@link #reserve} tell how long it would take. None waits past
 * the {@link Deadline} of its context. Only a {@link Reservation} holds a permit of a concurrency
 * limit; the others ask that one is free.
 *
 * <p>The limits can be changed at any time; a bucket that was half full then still is. Keys whose
 * buckets are full again are forgotten; no more than {@link Builder#maximumKeys} are kept, and keys
 * beyond that share one bucket. Thread-safe.
 */
public final class RateLimiter {

  /** How soon to ask again where too many run at once: nobody knows when one of them ends. */
  static final Duration CONCURRENCY_RETRY = Duration.ofMillis(100);

  private final String name;
  private final Clock clock;
  private final int maximumKeys;
  private final boolean sharesStore;
  private final LimitsBook book;
  private final LocalLimits local;
  private final LimitEngine engine;
  private final Leases leases;
  private final WaitingRoom room;
  private final @Nullable StoreBackedLimits stored;
  private final StripedCount allowed = new StripedCount();
  private final StripedCount refused = new StripedCount();
  private final LongAdder waited = new LongAdder();
  private final LongAdder waitedNanos = new LongAdder();
  private final LongAdder cancelled = new LongAdder();
  private final LongAdder returnedTokens = new LongAdder();
  private final LongAdder debtTokens = new LongAdder();

  private RateLimiter(Builder from) {
    name = from.name;
    clock = from.clock;
    maximumKeys = from.maximumKeys;
    book = new LimitsBook(from.toLimits(), from.total, from.limitsOf, clock);
    SteadyTime time = new SteadyTime(clock);
    boolean shared = from.total != null;
    Meters meters = new Meters(name, maximumKeys, shared, time, book::of);
    local = new LocalLimits(time, meters, from.total);
    RateLimitStore store = from.store;
    stored =
        store == null
            ? null
            : new StoreBackedLimits(
                name, store, from.onStoreFailure, local, book, from.listener, clock);
    engine = stored == null ? local : stored;
    sharesStore = stored != null;
    room = new WaitingRoom(engine, book, sharesStore, from.weight, from.maximumQueued, clock);
    leases = new Leases(name, room::returned);
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
    return book.limitsTokens();
  }

  /** Takes one request, if it fits now. */
  public boolean tryAcquire(String key) {
    return tryAcquire(key, 0, 0, 0);
  }

  /**
   * Takes one request and so many tokens, if both fit now. Where input and output are limited
   * apart, they count as input.
   *
   * @throws IllegalArgumentException if the number is negative
   */
  public boolean tryAcquire(String key, long tokens) {
    return tryAcquire(key, notNegative(tokens), 0, 0);
  }

  /** Takes one request and its tokens, if all fit now. */
  public boolean tryAcquire(String key, Demand demand) {
    return tryAcquire(key, demand.inputTokens(), demand.outputTokens(), demand.priority());
  }

  /**
   * Takes one request, waiting for its turn; those who wait for one key are served in order, and
   * keys that wait for what they share by their {@linkplain Builder#weight weights}.
   *
   * @param maxWait the longest wait that is worth it; zero or negative for none
   * @throws RateLimitExceededException at once, if it would take longer
   * @throws InterruptedException if interrupted while waiting; the request is then given back
   */
  public void acquire(String key, Duration maxWait) throws InterruptedException {
    takeInTurn(key, Demand.ONE_REQUEST, maxWait, false);
  }

  /** Tells whether one request would fit now, and if not, when; takes nothing. */
  public Probe probe(String key) {
    return probe(key, Demand.ONE_REQUEST);
  }

  /** Tells whether one request and its tokens would fit now, and if not, when; takes nothing. */
  public Probe probe(String key, Demand demand) {
    Objects.requireNonNull(demand, "demand");
    leases.collect();
    Charge charge = engine.probe(Objects.requireNonNull(key, "key"), demand);
    Duration retryAfter =
        room.wouldPushIn(key, demand.priority())
            ? behindOthers(key, demand, charge)
            : retryAfter(charge);
    return new Probe(retryAfter.isZero(), retryAfter);
  }

  /**
   * Takes one request and an estimate of its tokens, at most the whole burst of tokens. Where input
   * and output are limited apart, it is one of the input.
   *
   * @return the reservation, to be settled when the tokens are known or cancelled when nothing was
   *     used
   * @throws RateLimitExceededException if they do not fit now
   * @throws IllegalArgumentException if the estimate is negative
   */
  public Reservation reserve(String key, long estimatedTokens) {
    return reserve(key, Demand.of(notNegative(estimatedTokens), 0));
  }

  /** As {@link #reserve(String, long)}, for input and output each. */
  public Reservation reserve(String key, Demand estimate) {
    return reserved(take(key, capped(key, estimate), 0, true));
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
    return reserve(key, Demand.of(notNegative(estimatedTokens), 0), maxWait);
  }

  /** As {@link #reserve(String, long, Duration)}, for input and output each. */
  public Reservation reserve(String key, Demand estimate, Duration maxWait)
      throws InterruptedException {
    return reserved(takeInTurn(key, capped(key, estimate), maxWait, true));
  }

  /** The limits of keys that have no others. */
  public RateLimits limits() {
    return book.limits();
  }

  /** The limits that a key has now. */
  public RateLimits limits(String key) {
    return book.of(Objects.requireNonNull(key, "key"));
  }

  /**
   * Changes the limits of all keys that have no others, each key in one step, and asks {@link
   * Builder#limitsOf} anew. A bucket that was half full then still is; one that counts something
   * new, or in another period, begins full.
   */
  public void limits(RateLimits limits) {
    book.limits(limits);
    local.meters().refreshAll();
    room.changed();
  }

  /**
   * Gives one key limits of its own, in one step, until {@link #resetLimits}.
   *
   * @throws IllegalStateException if there are {@link Builder#maximumKeys} such keys already
   */
  public void limits(String key, RateLimits limits) {
    book.limits(key, limits, maximumKeys);
    local.meters().refresh(key);
    room.changed();
  }

  /**
   * Gives one key the limits back that it would have without {@link #limits(String, RateLimits)}.
   */
  public void resetLimits(String key) {
    book.forget(key);
    local.meters().refresh(key);
    room.changed();
  }

  /**
   * Changes the limits of all keys together.
   *
   * @throws IllegalStateException if the limiter was built without {@link Builder#total}
   */
  public void total(RateLimits limits) {
    book.total(limits);
    local.total(limits);
    room.changed();
  }

  /**
   * Lets nothing pass for a key for a time, as a provider demands with {@code Retry-After}; where
   * it is penalized already, the longer one wins. Reservations that were granted go on.
   *
   * @param time zero or negative for no penalty
   */
  public void penalize(String key, Duration time) {
    Objects.requireNonNull(key, "key");
    long nanos = Clock.nanos(time);
    if (nanos > 0) {
      engine.penalize(key, nanos);
    }
  }

  /**
   * As {@link #penalize}, for all keys. With a store it holds for all who share it if there is a
   * {@link Builder#total}, else for this process.
   */
  public void penalizeAll(Duration time) {
    long nanos = Clock.nanos(time);
    if (nanos > 0) {
      engine.penalizeAll(nanos);
    }
  }

  /**
   * Takes a provider's word for what is left: the buckets of a key are no fuller than that, and a
   * {@code Retry-After} is a penalty. What is left of requests, tokens, input or output tokens
   * concerns the limit on them that is as large as the provider's, else the one of the shortest
   * period.
   */
  public void observe(String key, ProviderLimits told) {
    engine.observe(Objects.requireNonNull(key, "key"), ProviderWord.left(told, book.of(key)));
    told.retryAfter().ifPresent(time -> penalize(key, time));
  }

  /** How many keys are kept now. */
  public int keyCount() {
    return local.meters().size();
  }

  /** What was done since the limiter was made. */
  public RateLimiterStats stats() {
    leases.collect();
    RateLimiterStats.Builder stats = RateLimiterStats.builder();
    if (stored != null) {
      stored.addTo(stats);
    }
    return stats
        .allowed(allowed.sum())
        .refused(refused.sum())
        .waited(waited.sum())
        .waitTime(Duration.ofNanos(waitedNanos.sum()))
        .cancelled(cancelled.sum())
        .returnedTokens(returnedTokens.sum())
        .debtTokens(debtTokens.sum())
        .keys(keyCount())
        .forgottenKeys(local.meters().forgottenCount())
        .overflowedCalls(local.meters().overflowCount())
        .leakedPermits(leases.leakedCount())
        .queued(room.size())
        .shed(room.shedCount())
        .build();
  }

  /** A reservation has ended with this. */
  void settled(Charge charge, long used) {
    room.returned(charge.key);
    Demand taken = charge.demand;
    long estimated = Limit.sum(taken.inputTokens(), taken.outputTokens());
    if (used > estimated) {
      debtTokens.add(used - estimated);
    } else if (used < estimated) {
      returnedTokens.add(estimated - used);
    }
  }

  void cancelled(Charge charge) {
    room.returned(charge.key);
    cancelled.increment();
  }

  /** How many wait for what several keys share, or for a permit. */
  int queued() {
    return room.size();
  }

  private boolean tryAcquire(String key, long input, long output, int priority) {
    Objects.requireNonNull(key, "key");
    boolean taken =
        !room.wouldPushIn(key, priority)
            && (sharesStore
                ? engine.take(key, Demand.of(input, output), 0, false).granted()
                : local.tryTake(key, input, output));
    (taken ? allowed : refused).increment();
    return taken;
  }

  /** Waits where it must: for a time that is booked ahead, or among those who want the same. */
  private Charge takeInTurn(String key, Demand demand, Duration maxWait, boolean holds)
      throws InterruptedException {
    Deadline deadline = Deadline.current();
    Duration most = deadline == null ? maxWait : deadline.cut(maxWait);
    long mostNanos = Math.max(0, Clock.nanos(most));
    Objects.requireNonNull(key, "key");
    if (mostNanos > 0 && room.isFor(key)) {
      return takeAmongOthers(key, demand, mostNanos, holds);
    }
    Charge charge = take(key, demand, mostNanos, holds);
    awaitTurn(charge);
    return charge;
  }

  private Charge take(String key, Demand demand, long maxWaitNanos, boolean holds) {
    Objects.requireNonNull(key, "key");
    leases.collect();
    if (room.wouldPushIn(key, demand.priority())) {
      Charge charge = engine.probe(key, demand);
      throw refusal(key, charge, behindOthers(key, demand, charge));
    }
    Charge charge = engine.take(key, demand, maxWaitNanos, holds);
    if (!charge.granted()) {
      throw refusal(key, charge, retryAfter(charge));
    }
    allowed.increment();
    return charge;
  }

  private Charge takeAmongOthers(String key, Demand demand, long maxWaitNanos, boolean holds)
      throws InterruptedException {
    leases.collect();
    Charge charge =
        room.wouldPushIn(key, demand.priority()) ? null : engine.take(key, demand, 0, holds);
    if (charge == null || !charge.granted()) {
      charge = await(key, demand, maxWaitNanos, holds);
    }
    allowed.increment();
    return charge;
  }

  private Charge await(String key, Demand demand, long maxWaitNanos, boolean holds)
      throws InterruptedException {
    long start = clock.nanoTime();
    Waiter<Charge> waiter;
    try {
      waiter = room.await(key, demand, holds, maxWaitNanos);
    } catch (InterruptedException e) {
      cancelled.increment();
      throw e;
    }
    Charge charge = waiter.taken();
    if (charge == null) {
      Charge reason = engine.probe(key, demand);
      Duration told = Duration.ofNanos(waiter.retryAfterNanos());
      throw refusal(key, reason, later(told, retryAfter(reason)));
    }
    waited.increment();
    waitedNanos.add(clock.nanoTime() - start);
    return charge;
  }

  private RateLimitExceededException refusal(String key, Charge reason, Duration retryAfter) {
    refused.increment();
    return new RateLimitExceededException(name, key, reason.binding(), retryAfter);
  }

  /** How soon to ask again where others wait for the same. */
  private Duration behindOthers(String key, Demand demand, Charge charge) {
    Duration queue = Duration.ofNanos(room.estimateNanos(key, demand));
    return later(CONCURRENCY_RETRY, later(queue, retryAfter(charge)));
  }

  private Demand capped(String key, Demand estimate) {
    Demand own = limits(key).capped(Objects.requireNonNull(estimate, "estimate"));
    RateLimits total = book.total();
    return total == null ? own : total.capped(own);
  }

  private Reservation reserved(Charge charge) {
    Reservation reservation = new Reservation(this, charge);
    if (charge.holdsPermit()) {
      leases.watch(reservation, charge);
    }
    return reservation;
  }

  private void awaitTurn(Charge charge) throws InterruptedException {
    long nanos = charge.waitNanos();
    if (nanos == 0) {
      return;
    }
    waited.increment();
    waitedNanos.add(nanos);
    CountDownLatch turn = new CountDownLatch(1);
    Clock.Timer timer = clock.schedule(Duration.ofNanos(nanos), turn::countDown);
    try {
      turn.await();
    } catch (InterruptedException e) {
      timer.cancel();
      charge.cancel();
      cancelled(charge);
      throw e;
    }
  }

  private static Duration retryAfter(Charge charge) {
    Duration wait = Duration.ofNanos(charge.granted() ? 0 : charge.waitNanos());
    return charge.full() && wait.compareTo(CONCURRENCY_RETRY) < 0 ? CONCURRENCY_RETRY : wait;
  }

  private static Duration later(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? b : a;
  }

  private static long notNegative(long tokens) {
    if (tokens < 0) {
      throw new IllegalArgumentException("tokens must not be negative: " + tokens);
    }
    return tokens;
  }

  /**
   * Whether a request would fit.
   *
   * @param allowed whether it would fit now
   * @param retryAfter how long until it does; zero when it does now
   */
  public record Probe(boolean allowed, Duration retryAfter) {}

  /** Configures a {@link RateLimiter}; at least one limit is required. Not thread-safe. */
  public static final class Builder extends LimitsBuilder<Builder> {

    /** {@value}. */
    public static final int DEFAULT_MAXIMUM_KEYS = 1_000_000;

    /** {@value}. */
    public static final int DEFAULT_MAXIMUM_QUEUED = 1_000;

    private String name = "rate-limit";
    private int maximumKeys = DEFAULT_MAXIMUM_KEYS;
    private Clock clock = Clock.system();
    private @Nullable Function<String, @Nullable RateLimits> limitsOf;
    private @Nullable RateLimits total;
    private @Nullable RateLimitStore store;
    private StoreFailure onStoreFailure = StoreFailure.LOCAL;
    private OpsEventListener listener = event -> {};
    private ToDoubleFunction<String> weight = key -> 1;
    private int maximumQueued = DEFAULT_MAXIMUM_QUEUED;

    private Builder() {}

    /**
     * How many keys are told apart; {@value #DEFAULT_MAXIMUM_KEYS} unless said. A key takes less
     * than 100 bytes beyond its own string, 65 of them where it has one limit.
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
     * Limits that depend on the key, such as those of a tenant's plan; all keys have the same
     * unless said. It is asked when a key comes new and when limits are changed, and must be quick.
     *
     * @param limitsOf null for the limits of this builder; if it throws, they count, too
     */
    public Builder limitsOf(Function<String, @Nullable RateLimits> limitsOf) {
      this.limitsOf = Objects.requireNonNull(limitsOf, "limitsOf");
      return this;
    }

    /**
     * Limits of all keys together, taken in the same step as those of the key; none unless said.
     */
    public Builder total(RateLimits total) {
      this.total = Objects.requireNonNull(total, "total");
      return this;
    }

    /**
     * Where the limits are kept that several processes share; in this process alone unless said.
     * The caller closes it.
     */
    public Builder store(RateLimitStore store) {
      this.store = Objects.requireNonNull(store, "store");
      return this;
    }

    /** What becomes of calls while the store is away; {@link StoreFailure#LOCAL} unless said. */
    public Builder onStoreFailure(StoreFailure behaviour) {
      this.onStoreFailure = Objects.requireNonNull(behaviour, "behaviour");
      return this;
    }

    /** Is told when the store is lost and when it is back; nobody unless said. */
    public Builder listener(OpsEventListener listener) {
      this.listener = Objects.requireNonNull(listener, "listener");
      return this;
    }

    /**
     * How much a key gets of what it shares with others, where calls wait for that: twice the
     * weight, twice as much; 1 for all unless said.
     *
     * @param weight finite and above zero, else it is taken for 1, as where it throws
     */
    public Builder weight(ToDoubleFunction<String> weight) {
      this.weight = Objects.requireNonNull(weight, "weight");
      return this;
    }

    /**
     * How many calls may wait at once for what several keys share, or for a permit; {@value
     * #DEFAULT_MAXIMUM_QUEUED} unless said. Beyond that, the last to come of the lowest priority is
     * refused.
     */
    public Builder maximumQueued(int maximum) {
      if (maximum < 1) {
        throw new IllegalArgumentException("maximumQueued must be at least 1: " + maximum);
      }
      this.maximumQueued = maximum;
      return this;
    }

    /**
     * Builds the limiter.
     *
     * @throws IllegalStateException if no limit was given
     * @throws IllegalArgumentException if the burst is beyond measure
     */
    public RateLimiter build() {
      if (isEmpty() && total == null && limitsOf == null) {
        throw new IllegalStateException(
            "a rate limiter needs a limit, such as requestsPerMinute(60)");
      }
      return new RateLimiter(this);
    }

    @Override
    Builder self() {
      return this;
    }
  }
}

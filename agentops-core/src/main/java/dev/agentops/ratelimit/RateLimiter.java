package dev.agentops.ratelimit;

import dev.agentops.Clock;
import dev.agentops.http.ProviderLimits;
import java.time.Duration;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Limits requests, tokens and concurrency, for each key on its own: a user, a model, a tenant; and,
 * where {@link RateLimiterBuilder#total} is said, for all keys together.
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
 * the {@link dev.agentops.Deadline} of its context. A limit of concurrency concerns reservations
 * alone, for nothing else tells when a call has ended.
 *
 * <p>The limits can be changed at any time; a bucket that was half full then still is. Keys whose
 * buckets are full again are forgotten; no more than {@link RateLimiterBuilder#maximumKeys} are
 * kept, and keys beyond that share one bucket. Thread-safe.
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
  private final LimiterCounts counts = new LimiterCounts();
  private final Turns turns;

  RateLimiter(RateLimiterBuilder from) {
    name = from.name;
    clock = from.clock;
    maximumKeys = from.maximumKeys;
    book = new LimitsBook(from.toLimits(), from.total, from.limitsOf, clock);
    SteadyTime time = new SteadyTime(clock);
    boolean shared = from.total != null;
    Meters meters = new Meters(name, maximumKeys, shared, time, book);
    local = new LocalLimits(time, meters, from.total);
    RateLimitStore store = from.store;
    stored =
        store == null
            ? null
            : new StoreBackedLimits(
                name, store, from.onStoreFailure, local, book, from.listener, clock);
    engine = stored == null ? local : stored;
    sharesStore = stored != null;
    room =
        new WaitingRoom(
            engine, book, sharesStore, this::collectLost, from.weight, from.maximumQueued, clock);
    leases = new Leases(name, room::returned);
    turns = new Turns(name, clock, engine, leases, room, counts);
  }

  public static RateLimiterBuilder builder() {
    return new RateLimiterBuilder();
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
   * keys that wait for what they share by their {@linkplain RateLimiterBuilder#weight weights}.
   *
   * @param maxWait the longest wait that is worth it; zero or negative for none
   * @throws RateLimitExceededException at once, if it would take longer
   * @throws InterruptedException if interrupted while waiting; the request is then given back
   */
  public void acquire(String key, Duration maxWait) throws InterruptedException {
    turns.takeInTurn(key, Demand.ONE_REQUEST, maxWait, false);
  }

  /** As {@link #probe(String, Demand)}, for one request. */
  public Probe probe(String key) {
    return probe(key, Demand.ONE_REQUEST);
  }

  /**
   * Tells whether one request and its tokens would fit now, and if not, when; takes nothing.
   * Answers for {@link #reserve(String, Demand)}, which wants a permit, too, where concurrency is
   * limited: {@link #tryAcquire(String, Demand)} wants none, and may fit before.
   */
  public Probe probe(String key, Demand demand) {
    Objects.requireNonNull(demand, "demand");
    leases.collect();
    Charge charge = engine.probe(Objects.requireNonNull(key, "key"), demand);
    Duration retryAfter =
        room.wouldPushIn(key, demand.priority(), true)
            ? turns.behindOthers(key, demand, charge)
            : Turns.retryAfter(charge);
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
    return reserved(turns.take(key, capped(key, estimate), 0, true));
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
    return reserved(turns.takeInTurn(key, capped(key, estimate), maxWait, true));
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
   * RateLimiterBuilder#limitsOf} anew. A bucket that was half full then still is; one that counts
   * something new, or in another period, begins full.
   */
  public void limits(RateLimits limits) {
    book.limits(limits);
    local.meters().refreshAll();
    room.changed();
  }

  /**
   * Gives one key limits of its own, in one step, until {@link #resetLimits}.
   *
   * @throws IllegalStateException if there are {@link RateLimiterBuilder#maximumKeys} such keys
   *     already
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
   * @throws IllegalStateException if the limiter was built without {@link RateLimiterBuilder#total}
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
   * {@link RateLimiterBuilder#total}, else for this process.
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
    counts.addTo(stats);
    if (stored != null) {
      stored.addTo(stats);
    }
    return stats
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
    counts.settled(charge.demand, used);
  }

  void cancelled(Charge charge) {
    room.returned(charge.key);
    counts.cancelled();
  }

  /** How many wait for what several keys share, or for a permit. */
  int queued() {
    return room.size();
  }

  private boolean tryAcquire(String key, long input, long output, int priority) {
    Objects.requireNonNull(key, "key");
    boolean taken =
        !room.wouldPushIn(key, priority, false)
            && (sharesStore
                ? engine.take(key, Demand.of(input, output), 0, false).granted()
                : local.tryTake(key, input, output));
    counts.decided(taken);
    return taken;
  }

  private void collectLost() {
    leases.collect();
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
}

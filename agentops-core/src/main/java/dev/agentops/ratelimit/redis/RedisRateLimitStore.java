package dev.agentops.ratelimit.redis;

import static java.util.Objects.requireNonNull;

import dev.agentops.Clock;
import dev.agentops.FaultLog;
import dev.agentops.ratelimit.Demand;
import dev.agentops.ratelimit.Limit;
import dev.agentops.ratelimit.RateLimitStore;
import dev.agentops.redis.Lettuce;
import dev.agentops.redis.RedisClients;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Rate limits in Redis 6.0 or newer, for processes that share limits. Thread-safe.
 *
 * <pre>{@code
 * RateLimiter limiter = RateLimiter.builder()
 *     .requestsPerMinute(600)
 *     .store(RedisRateLimitStore.connect("redis://limits.internal:6379"))
 *     .build();
 * }</pre>
 *
 * <p>Each step is one call of a script, hence one round trip, whatever the number of limits; it is
 * decided by the time of the server. All keys begin with the namespace as a hash tag, such as
 * <code>{agentops:limit}:l:alice</code>, so that a cluster keeps them in one slot: what must be
 * spread over several nodes has to have several namespaces. They go by themselves when the buckets
 * have leaked empty.
 *
 * <p>Redis loses what it has not persisted when it is restarted, or replicated when it fails over:
 * buckets then start empty. A call whose answer is lost may have been charged or not; nothing is
 * sent twice by itself, and settled twice in effect. What is done while Redis is away is for the
 * limiter to say: each call waits for the {@linkplain Builder#timeout timeout} at most.
 *
 * <p>Needs {@code io.lettuce:lettuce-core} on the class path.
 */
public final class RedisRateLimitStore implements RateLimitStore {

  /** {@value}, unless said. */
  public static final String DEFAULT_NAMESPACE = "agentops:limit";

  /** 50 ms, unless said. */
  public static final Duration DEFAULT_TIMEOUT = Duration.ofMillis(50);

  /** 3 seconds, unless said. */
  public static final Duration DEFAULT_CONNECT_TIMEOUT = Duration.ofSeconds(3);

  /** 30 seconds, unless said. */
  public static final Duration DEFAULT_LEASE = Duration.ofSeconds(30);

  private static final Duration SHORTEST_LEASE = Duration.ofSeconds(1);
  private static final Duration LONGEST_LEASE = Duration.ofDays(1);
  private static final int RENEWALS_OF_A_LEASE = 3;

  private final Steps steps;
  private final RedisRequests requests;
  private final RedisLink link;
  private final Holders holders;
  private final @Nullable HotKeys hotKeys;
  private final FaultLog faults = new FaultLog(RedisRateLimitStore.class, Clock.system());
  private final ScheduledThreadPoolExecutor timer;
  private final @Nullable RedisClient ownClient;

  private RedisRateLimitStore(Builder from, RedisClient client) {
    String name = "the rate limit store at Redis " + RedisClients.address(from.uri);
    RedisNames names = new RedisNames(from.namespace);
    link = new RedisLink(name, client, from.uri);
    requests = new RedisRequests(name, link, from.timeout, names.check(), from.time);
    steps = new Steps(requests, names, from.lease);
    holders = new Holders(steps);
    hotKeys = from.batch > 1 ? new HotKeys(steps, from.batch, from.batchKept.toNanos()) : null;
    ownClient = from.client == null ? client : null;
    timer = new ScheduledThreadPoolExecutor(1, RedisRateLimitStore::thread);
    timer.setRemoveOnCancelPolicy(true);
    every(from.lease.dividedBy(RENEWALS_OF_A_LEASE), holders::renew);
    if (hotKeys != null) {
      every(from.batchKept, hotKeys::tidy);
    }
  }

  /**
   * A store with the defaults.
   *
   * @throws IllegalArgumentException if the URI is none of Redis
   * @throws IllegalStateException as {@link Builder#build()}
   */
  public static RedisRateLimitStore connect(String uri) {
    return builder(uri).build();
  }

  /**
   * A store with a client of its own.
   *
   * @param uri as {@code redis://user:password@host:6379/0}, {@code rediss://...} or {@code
   *     redis-sentinel://...}
   * @throws IllegalArgumentException if it is none of Redis
   * @throws IllegalStateException if Lettuce is not on the class path
   */
  public static Builder builder(String uri) {
    requireNonNull(uri, "uri");
    return Lettuce.use(
        RedisRateLimitStore.class.getSimpleName(),
        () -> new Builder(null, RedisClients.parse(uri)));
  }

  /**
   * A store with a connection of a client of the caller, which it does not close. The client must
   * not reconnect by itself ({@code autoReconnect(false)}): it would ask again what it had no
   * answer to, and so take twice.
   */
  public static Builder builder(RedisClient client, RedisURI uri) {
    return new Builder(requireNonNull(client, "client"), RedisURI.builder(uri).build());
  }

  @Override
  public Decision take(List<Cell> cells, Duration maxWait) {
    long maxWaitNanos = Math.max(0, Clock.nanos(maxWait));
    if (hotKeys != null && !limitConcurrency(cells)) {
      return hotKeys.take(cells, maxWaitNanos);
    }
    Decision decision = steps.take(cells, maxWaitNanos);
    if (decision.ticket() instanceof RedisTicket ticket && ticket.holdsPlace()) {
      holders.add(ticket);
    }
    return decision;
  }

  @Override
  public Decision probe(List<Cell> cells) {
    return hotKeys != null && hotKeys.fits(cells) ? Decision.fits() : steps.probe(cells);
  }

  @Override
  public void settle(Ticket ticket, long inputTokens, long outputTokens) {
    if (inputTokens < 0 || outputTokens < 0) {
      throw new IllegalArgumentException(
          "tokens must not be negative: " + inputTokens + ", " + outputTokens);
    }
    Demand used = Demand.of(inputTokens, outputTokens);
    change(ticket, cells -> Changes.used(cells, used));
  }

  @Override
  public void cancel(Ticket ticket) {
    change(ticket, Changes::cancelled);
  }

  @Override
  public void penalize(String key, Duration time) {
    requireNonNull(key, "key");
    if (hotKeys != null) {
      hotKeys.end(key);
    }
    steps.penalize(key, Clock.nanos(time));
  }

  @Override
  public void observe(String key, Map<Limit, Long> left) {
    requireNonNull(key, "key");
    if (hotKeys != null) {
      hotKeys.end(key);
    }
    steps.observe(key, left);
  }

  @Override
  public void check() {
    requests.check();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    if (hotKeys != null) {
      hotKeys.endAll();
    }
    if (ownClient == null) {
      link.close();
    } else {
      RedisClients.stop(ownClient, link.close());
    }
  }

  private void change(Ticket ticket, Function<List<Cell>, Changes> changes) {
    List<Cell> cells;
    if (ticket instanceof RedisTicket single) {
      cells = single.cells();
      holders.remove(single);
      steps.settle(single, changes.apply(cells));
    } else if (ticket instanceof BatchTicket share) {
      cells = share.cells();
      share.settle(changes.apply(cells), steps);
    } else {
      throw new IllegalArgumentException("not a ticket of this store: " + ticket);
    }
    if (hotKeys != null) {
      hotKeys.changed(cells);
    }
  }

  private void every(Duration period, Runnable work) {
    long nanos = period.toNanos();
    Runnable safely =
        () -> {
          try {
            work.run();
          } catch (Throwable t) {
            faults.report("renewing leases or giving back at Redis", t); // and go on
          }
        };
    var unused = timer.scheduleWithFixedDelay(safely, nanos, nanos, TimeUnit.NANOSECONDS);
  }

  private static boolean limitConcurrency(List<Cell> cells) {
    for (Cell cell : cells) {
      if (cell.limits().concurrency().isPresent()) {
        return true;
      }
    }
    return false;
  }

  private static Thread thread(Runnable work) {
    Thread thread = new Thread(work, "agentops-rate-limit-store");
    thread.setDaemon(true);
    return thread;
  }

  /** Collects what a store needs. Not thread-safe. */
  public static final class Builder {

    private final @Nullable RedisClient client;
    private final RedisURI uri;
    private String namespace = DEFAULT_NAMESPACE;
    private Duration timeout = DEFAULT_TIMEOUT;
    private Duration connectTimeout = DEFAULT_CONNECT_TIMEOUT;
    private Duration lease = DEFAULT_LEASE;
    private int batch = 1;
    private Duration batchKept = Duration.ZERO;
    private Supplier<String> time = () -> ""; // the server's

    private Builder(@Nullable RedisClient client, RedisURI uri) {
      this.client = client;
      this.uri = uri;
    }

    /**
     * What all keys begin with; limiters of the same name that have stores with the same one share
     * their limits. {@value #DEFAULT_NAMESPACE} unless said.
     *
     * @throws IllegalArgumentException if it is blank or contains a brace, which would end the hash
     *     tag of a cluster
     */
    public Builder namespace(String namespace) {
      if (namespace.isBlank() || namespace.contains("{") || namespace.contains("}")) {
        throw new IllegalArgumentException(
            "a namespace must not be blank or contain braces: '" + namespace + "'");
      }
      this.namespace = namespace;
      return this;
    }

    /**
     * How long a caller waits for an answer at most. 50 ms unless said.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder timeout(Duration timeout) {
      this.timeout = requirePositive("timeout", timeout);
      return this;
    }

    /**
     * How long a new connection may take, name look-up and handshake included. 3 seconds unless
     * said.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder connectTimeout(Duration connectTimeout) {
      this.connectTimeout = requirePositive("connectTimeout", connectTimeout);
      return this;
    }

    /**
     * How long a place of a concurrency limit stays taken that a process holds which was killed or
     * cannot reach Redis; others are renewed three times in it. 30 seconds unless said.
     *
     * @throws IllegalArgumentException if it is below a second or above a day
     */
    public Builder lease(Duration lease) {
      if (lease.compareTo(SHORTEST_LEASE) < 0 || lease.compareTo(LONGEST_LEASE) > 0) {
        throw new IllegalArgumentException(
            "lease must be between " + SHORTEST_LEASE + " and " + LONGEST_LEASE + ": " + lease);
      }
      this.lease = lease;
      return this;
    }

    /**
     * Has hot keys taken ahead of: up to so many calls in one round trip, which this process then
     * hands out by itself. Not done unless said.
     *
     * <p>How many, follows how fast they are used up: none for a key that is asked for seldom. All
     * are charged when they are taken, so that all processes together never take more than the
     * limits allow; but they may be used later by the time that they are kept, and what a killed
     * process has left is lost to the others until it has leaked. What was refused is refused here
     * for as long at most. Keys that limit concurrency are not taken ahead of.
     *
     * @param permits at most, by one process for one key
     * @param kept what was not used after this time is given back
     * @throws IllegalArgumentException if the number is below 1 or the time not positive
     */
    public Builder batch(int permits, Duration kept) {
      if (permits < 1) {
        throw new IllegalArgumentException("permits must be at least 1: " + permits);
      }
      this.batch = permits;
      this.batchKept = requirePositive("kept", kept);
      return this;
    }

    /** A time in microseconds that is used instead of that of the server. */
    Builder timeMicros(LongSupplier time) {
      this.time = () -> Long.toString(time.getAsLong());
      return this;
    }

    /**
     * Connects, and waits for that for the {@linkplain #connectTimeout connect timeout} at most; to
     * load the classes of Lettuce may take a second besides, the first time. Where Redis is away or
     * hangs, so is the store, until {@link RateLimitStore#check} finds it.
     *
     * @throws IllegalStateException if Redis answers and is of no use: a wrong password, no
     *     permission for scripts; or if Lettuce or what it depends on is not on the class path
     */
    public RedisRateLimitStore build() {
      return Lettuce.use(RedisRateLimitStore.class.getSimpleName(), this::open);
    }

    private RedisRateLimitStore open() {
      uri.setTimeout(connectTimeout);
      RedisRateLimitStore store =
          new RedisRateLimitStore(
              this, client == null ? RedisClients.start(connectTimeout) : client);
      String lasting = store.requests.start(connectTimeout);
      if (lasting != null) {
        store.close();
        throw new IllegalStateException(
            "RedisRateLimitStore needs Redis 6.0 or newer that lets it log in and run scripts, and "
                + RedisClients.address(uri)
                + " says: "
                + lasting);
      }
      return store;
    }

    private static Duration requirePositive(String name, Duration duration) {
      if (duration.isZero() || duration.isNegative()) {
        throw new IllegalArgumentException(name + " must be positive: " + duration);
      }
      return duration;
    }
  }
}

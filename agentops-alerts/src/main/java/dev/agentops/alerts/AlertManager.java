package dev.agentops.alerts;

import dev.agentops.Clock;
import dev.agentops.Cost;
import dev.agentops.FaultLog;
import dev.agentops.event.BudgetEvent;
import dev.agentops.event.CacheStoreEvent;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.OpsEventListener;
import dev.agentops.event.UnpricedCallEvent;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Fires alerts and delivers them to handlers, without ever making the agent wait.
 *
 * <pre>{@code
 * AlertManager alerts = AlertManager.builder()
 *     .errorRateThreshold(0.1)
 *     .costPerHourThreshold(Cost.usd("10"))
 *     .handler(LogAlertHandler.create())
 *     .build();
 * AgentOps ops = AgentOps.with(...).listener(alerts).build();
 * }</pre>
 *
 * <p>An alert fires by hand ({@link #alert}), by a check of a value at hand ({@code check...}:
 * fires each time the value is over), or by itself from the events of the agents that it listens
 * to: then once when a threshold is crossed, and again only after the value has been back below, or
 * too few calls told of it, for {@value CallWatch#WINDOW_MINUTES} minutes, or after the repeat
 * interval.
 *
 * <p>Every handler has a bounded queue and a daemon thread of its own. A handler that throws gets
 * the same alert again, {@value Delivery#MAX_ATTEMPTS} times in all, after 1, 2 and 4 seconds; then
 * the delivery is counted as failed and logged. A full queue drops its oldest alert of the lowest
 * level, or the new one where that is lower still. Handlers never delay each other.
 *
 * <p>Thread-safe. Only configuration throws: what fails later is counted ({@link #stats()}, {@link
 * #faults()}) and logged.
 */
public final class AlertManager implements OpsEventListener, AutoCloseable {

  /** How long {@link #close()} waits for what is queued, in seconds. */
  public static final int CLOSE_SECONDS = 5;

  private static final String NO_MESSAGE = "(no message)";
  private static final String METADATA_ERROR = "metadata_error";

  private final Clock clock;
  private final Thresholds thresholds;
  private final FaultLog faults;
  private final CallWatch calls;
  private final BudgetWatch budgets;
  private final UnpricedWatch unpriced;
  private final CacheStoreWatch cacheStores;
  private final AlertHistory history;
  private final ActiveAlerts active;
  private final MessageIndex messages;
  private final boolean reachesDefault;
  private final Channels channels;
  private final Dispatcher dispatcher;
  private final Engine engine;
  private final RuleRunner rules;

  // the problems that the checks by hand told last: a repeat needs no words
  private volatile @Nullable ActiveAlert errorRate;
  private volatile @Nullable ActiveAlert responseTime;
  private volatile @Nullable ActiveAlert costPerHour;

  // guarded by channels
  private boolean closed;
  private long closedNanos;

  private AlertManager(Builder from) {
    Routing routing = from.routing();
    clock = from.clock;
    thresholds = new Thresholds(from.errorRate, from.responseTime, from.costPerHour);
    faults = new FaultLog(AlertManager.class, clock);
    calls =
        new CallWatch(thresholds, from.minimumRequests, from.repeatInterval, clock, this::fireNow);
    budgets = new BudgetWatch(this::fireNow);
    unpriced = new UnpricedWatch(from.repeatInterval, this::fireNow);
    cacheStores = new CacheStoreWatch(from.repeatInterval, this::fireNow);
    history = new AlertHistory(from.historySize);
    active = new ActiveAlerts(from.maxActive, from.resolveTimeout, clock, history);
    messages = new MessageIndex(from.maxActive);
    reachesDefault = routing.reaches(Receiver.DEFAULT);
    int capacity = from.queueCapacity;
    channels = new Channels(handler -> Delivery.start(handler, capacity, clock));
    dispatcher =
        new Dispatcher(
            routing,
            from.mutings,
            from.externalUrl,
            from.maxActive,
            clock,
            faults,
            (receiver, notification) -> channels.send(receiver.name(), notification));
    routing.receivers().forEach(receiver -> addHandlers(receiver));
    engine = Engine.start(active, dispatcher, messages, clock, faults);
    rules = new RuleRunner(from.rules, this::alert, clock, faults);
  }

  private void addHandlers(Receiver receiver) {
    receiver.handlers().forEach(handler -> channels.add(receiver.name(), handler));
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Delivers what the receiver {@value Receiver#DEFAULT} is told from now on to this handler too,
   * and starts its thread.
   *
   * @throws IllegalStateException if this manager is closed, or no route leads to that receiver
   */
  public void addHandler(AlertHandler handler) {
    Objects.requireNonNull(handler, "handler");
    synchronized (channels) {
      if (closed) {
        throw new IllegalStateException("the alert manager is closed");
      }
      if (!reachesDefault) {
        throw new IllegalStateException(Routing.UNREACHED_DEFAULT);
      }
      channels.add(Receiver.DEFAULT, handler);
    }
  }

  /**
   * Fires an alert whose problem is named by its message, and returns without waiting for any
   * handler. While the problem fires already, this only counts; its metadata is taken once a second
   * at most.
   *
   * <p>A mistake in what is given never costs the alert.
   *
   * @param level null means {@link AlertLevel#ERROR}
   * @param message null means {@value #NO_MESSAGE}
   * @param metadata what was seen; null values are left out, and null means none. If it cannot be
   *     read, {@value #METADATA_ERROR} with the class of what it threw is in its place
   */
  public void alert(
      @Nullable AlertLevel level, @Nullable String message, @Nullable Map<String, ?> metadata) {
    try {
      AlertLevel known = level == null ? AlertLevel.ERROR : level;
      String text = message == null ? NO_MESSAGE : message;
      if (!repeats(messages.find(known, text))) {
        ActiveAlert fired =
            fireNow(Alert.builder().level(known).message(text).metadata(copy(metadata)));
        if (fired != null) {
          messages.put(known, text, fired);
        }
      }
    } catch (Throwable t) {
      fault(t);
    }
  }

  /**
   * Takes news of a problem, and returns without waiting for any handler: it is pending, fires, or
   * is resolved, as the alert's state and its end say. One that fires and has no end is forgotten,
   * without a notice, when it was not told again for {@link Builder#resolveTimeout}.
   */
  public void alert(Alert alert) {
    try {
      fire(alert);
    } catch (Throwable t) {
      fault(t);
    }
  }

  /**
   * Ends a problem; those who were told of it are told that it is resolved.
   *
   * @param fingerprint see {@link Alert#fingerprint()}
   * @return false if there is no such problem now
   */
  public boolean resolve(String fingerprint) {
    boolean resolved = active.resolve(Objects.requireNonNull(fingerprint, "fingerprint"));
    if (resolved) {
      engine.wake();
    }
    return resolved;
  }

  /** Ends the problem with the labels of this alert, like {@link #resolve(String)}. */
  public boolean resolve(Alert alert) {
    return resolve(alert.fingerprint());
  }

  /**
   * Fires an ERROR alert if more than the threshold's share of calls failed. No calls are no
   * errors.
   */
  public void checkErrorRate(long errors, long total) {
    try {
      if (thresholds.errorRateIsOver(errors, total) && !repeats(errorRate)) {
        errorRate = fireNow(thresholds.errorRateAlert(errors, total));
      }
    } catch (Throwable t) {
      fault(t);
    }
  }

  /** Fires a WARNING alert if this is longer than the threshold. */
  public void checkResponseTime(Duration responseTime) {
    try {
      if (thresholds.responseTimeIsOver(responseTime) && !repeats(this.responseTime)) {
        this.responseTime = fireNow(thresholds.responseTimeAlert(responseTime));
      }
    } catch (Throwable t) {
      fault(t);
    }
  }

  /** Fires a WARNING alert if this is more than the threshold. */
  public void checkCostPerHour(Cost costPerHour) {
    try {
      if (thresholds.costPerHourIsOver(costPerHour) && !repeats(this.costPerHour)) {
        this.costPerHour = fireNow(thresholds.costPerHourAlert(costPerHour));
      }
    } catch (Throwable t) {
      fault(t);
    }
  }

  /**
   * Watches the calls, budgets, unpriced models and caches' stores of an agent, and tells the
   * rules; for {@code AgentOps.with(...).listener(alerts)}, and for the listener of a cache.
   */
  @Override
  public void onEvent(OpsEvent event) {
    try {
      if (event instanceof ModelCallEvent call) {
        calls.observe(call);
      } else if (event instanceof BudgetEvent budget) {
        budgets.observe(budget);
      } else if (event instanceof UnpricedCallEvent call) {
        unpriced.observe(call);
      } else if (event instanceof CacheStoreEvent store) {
        cacheStores.observe(store);
      }
      rules.onEvent(event);
    } catch (Throwable t) {
      fault(t);
    }
  }

  /**
   * Waits until no handler has anything left of what was fired before this call. Groups that wait
   * for more alerts or for their next turn are told at once.
   *
   * @param timeout of real time, whatever the clock; zero or negative only looks
   * @return false if time ran out or the thread was interrupted. What was given up does not wait
   *     any more: see {@link AlertStats#failed()}
   */
  public boolean flush(Duration timeout) {
    long start = System.nanoTime();
    long nanos = TimeUnit.NANOSECONDS.convert(timeout);
    try {
      boolean done = engine.settle(true, start, nanos);
      for (Delivery delivery : channels.all()) {
        done &= delivery.await(start, nanos);
      }
      return done;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** The problems there are now, pending or firing, the oldest first, and who hears of them. */
  public List<AlertStatus> alerts() {
    Instant now = clock.now();
    return active.list().stream()
        .map(ActiveAlert::alert)
        .map(
            alert ->
                new AlertStatus(
                    alert, dispatcher.receiversOf(alert.labels()), dispatcher.mutedBy(alert, now)))
        .toList();
  }

  /** The groups in which they are told, by key; soon after an alert fired or was resolved. */
  public List<AlertGroup> groups() {
    return dispatcher.groups();
  }

  /**
   * The latest firings and resolutions, the oldest first, delivered or not: one for each time that
   * a problem began or ended. By default up to {@value Builder#DEFAULT_HISTORY_SIZE}.
   */
  public List<Alert> history() {
    return history.list();
  }

  /** Those of the {@link #history()} that meet the query. */
  public List<Alert> history(AlertQuery query) {
    return history.list().stream().filter(query::matches).toList();
  }

  /** What became of the alerts, over all handlers. */
  public AlertStats stats() {
    AlertStats stats = new AlertStats(active.fired(), 0, 0, active.dropped(), 0);
    for (Delivery delivery : channels.all()) {
      stats = stats.plus(delivery.stats());
    }
    return stats;
  }

  /** How many failures of this manager itself, and of its rules, were kept from the agent. */
  public long faults() {
    return faults.count();
  }

  /**
   * Stops delivering: rules are asked no more, groups that wait are told, each queued notification
   * gets one more attempt, within {@value #CLOSE_SECONDS} seconds for all; what is left then is
   * dropped and hanging handlers are interrupted. Later alerts go to the history only. May be
   * called twice; a call that comes second waits until the same moment as the first, unless a
   * handler makes it.
   */
  @Override
  public void close() {
    long start;
    synchronized (channels) {
      if (!closed) {
        closed = true;
        closedNanos = System.nanoTime();
      } else if (channels.all().stream().anyMatch(Delivery::isCaller)) {
        return; // the first call may be waiting for this handler
      }
      start = closedNanos;
    }
    long nanos = TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
    rules.close();
    active.close();
    engine.close(start, nanos);
    channels.all().forEach(Delivery::close);
    channels.all().forEach(delivery -> delivery.finish(start, nanos));
  }

  /** Waits until all that is due by now, and no more, was given to the handlers' queues. */
  boolean settle(Duration timeout) {
    try {
      return engine.settle(false, System.nanoTime(), TimeUnit.NANOSECONDS.convert(timeout));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Map<String, ?> copy(@Nullable Map<String, ?> metadata) {
    try {
      return metadata == null ? Map.of() : new LinkedHashMap<>(metadata);
    } catch (Throwable t) { // most often it is being changed by another thread
      faults.report("reading the metadata of an alert", t);
      return Map.of(METADATA_ERROR, t.getClass().getName());
    }
  }

  private void fault(Throwable failure) {
    faults.report("the alert manager", failure);
  }

  private boolean repeats(@Nullable ActiveAlert known) {
    return known != null && active.repeat(known);
  }

  private @Nullable ActiveAlert fireNow(Alert.Builder alert) {
    return fire(alert.timestamp(clock.now()).build());
  }

  private @Nullable ActiveAlert fire(Alert alert) {
    ActiveAlert fired = active.tell(Objects.requireNonNull(alert, "alert"));
    if (active.hasChanges()) {
      engine.wake();
    }
    return fired;
  }

  /** Configures an alert manager; a threshold that is not set never fires. Not thread-safe. */
  public static final class Builder {

    static final int DEFAULT_HISTORY_SIZE = 1_000;
    static final int DEFAULT_QUEUE_CAPACITY = 1_000;
    static final int DEFAULT_MINIMUM_REQUESTS = 10;
    static final int DEFAULT_REPEAT_HOURS = 4;
    static final int DEFAULT_RESOLVE_MINUTES = 5;
    static final int DEFAULT_MAX_ACTIVE = 10_000;

    private final Receiver.Builder defaultReceiver = Receiver.builder().name(Receiver.DEFAULT);
    private final List<Receiver> receivers = new ArrayList<>();
    private final List<AlertRule> rules = new ArrayList<>();
    private final List<Muting> mutings = new ArrayList<>();
    private final Map<String, Predicate<Instant>> timeIntervals = new LinkedHashMap<>();
    private @Nullable AlertRoute route;
    private @Nullable URI externalUrl;
    private Duration resolveTimeout = Duration.ofMinutes(DEFAULT_RESOLVE_MINUTES);
    private int maxActive = DEFAULT_MAX_ACTIVE;
    private double errorRate = Thresholds.NO_ERROR_RATE;
    private @Nullable Duration responseTime;
    private @Nullable Cost costPerHour;
    private long minimumRequests = DEFAULT_MINIMUM_REQUESTS;
    private Duration repeatInterval = Duration.ofHours(DEFAULT_REPEAT_HOURS);
    private int historySize = DEFAULT_HISTORY_SIZE;
    private int queueCapacity = DEFAULT_QUEUE_CAPACITY;
    private Clock clock = Clock.system();

    private Builder() {}

    /**
     * The share of calls that may fail: 0.1 is 10 %.
     *
     * @throws IllegalArgumentException unless it is from 0 to 1
     */
    public Builder errorRateThreshold(double share) {
      require(share >= 0 && share <= 1, "an error rate is from 0 to 1: ", share);
      this.errorRate = share;
      return this;
    }

    /**
     * How long a call may take; watched calls may exceed it in one of twenty cases (the 95th
     * percentile).
     */
    public Builder responseTimeThreshold(Duration threshold) {
      require(isPositive(threshold), "a response time is positive: ", threshold);
      this.responseTime = threshold;
      return this;
    }

    /**
     * What may be spent in an hour; watched calls are added up over the last hour, by the minute.
     */
    public Builder costPerHourThreshold(Cost threshold) {
      require(threshold.signum() >= 0, "a cost per hour is not negative: ", threshold);
      this.costPerHour = threshold;
      return this;
    }

    /**
     * How many calls the last {@value CallWatch#WINDOW_MINUTES} minutes must have before their
     * error rate and response time mean something. Cost needs no minimum. Default: {@value
     * #DEFAULT_MINIMUM_REQUESTS}.
     */
    public Builder minimumRequests(long requests) {
      require(requests >= 1, "the minimum is at least 1 request: ", requests);
      this.minimumRequests = requests;
      return this;
    }

    /**
     * After how long a threshold that stays crossed fires again and, without a {@link #route}, an
     * alert that goes on firing is told again. Default: {@value #DEFAULT_REPEAT_HOURS} hours.
     */
    public Builder repeatInterval(Duration interval) {
      require(isPositive(interval), "a repeat interval is positive: ", interval);
      this.repeatInterval = interval;
      return this;
    }

    /**
     * How many alerts {@link AlertManager#history()} keeps. Default: {@value
     * #DEFAULT_HISTORY_SIZE}.
     */
    public Builder historySize(int alerts) {
      require(alerts >= 1, "the history keeps at least 1 alert: ", alerts);
      this.historySize = alerts;
      return this;
    }

    /** How many alerts may wait for each handler. Default: {@value #DEFAULT_QUEUE_CAPACITY}. */
    public Builder queueCapacity(int alerts) {
      require(alerts >= 1, "a queue holds at least 1 alert: ", alerts);
      this.queueCapacity = alerts;
      return this;
    }

    /** Adds a handler to the receiver {@value Receiver#DEFAULT}. */
    public Builder handler(AlertHandler handler) {
      defaultReceiver.handler(handler);
      return this;
    }

    /** Adds a receiver for routes to lead to; its name is its own. */
    public Builder receiver(Receiver receiver) {
      receivers.add(Objects.requireNonNull(receiver, "receiver"));
      return this;
    }

    /**
     * The root of the routing tree. Default: each problem is a group of its own, for the receiver
     * {@value Receiver#DEFAULT}, told at once, and that it is resolved at most {@value
     * Routing#GROUP_SECONDS} seconds later.
     */
    public Builder route(AlertRoute root) {
      this.route = Objects.requireNonNull(root, "root");
      return this;
    }

    /** Adds a rule: it hears of events, and is asked at its interval. */
    public Builder rule(AlertRule rule) {
      rules.add(Objects.requireNonNull(rule, "rule"));
      return this;
    }

    /** Where people find more; told with each notification. Default: none. */
    public Builder externalUrl(URI url) {
      this.externalUrl = Objects.requireNonNull(url, "url");
      return this;
    }

    /**
     * How long an alert that has no end stays when it is not told again. Default: {@value
     * #DEFAULT_RESOLVE_MINUTES} minutes.
     */
    public Builder resolveTimeout(Duration timeout) {
      require(isPositive(timeout), "a resolve timeout is positive: ", timeout);
      this.resolveTimeout = timeout;
      return this;
    }

    /**
     * How many problems there may be at once; then the oldest of the lowest level makes room.
     * Default: {@value #DEFAULT_MAX_ACTIVE}.
     */
    public Builder maxActiveAlerts(int alerts) {
      require(alerts >= 1, "there may be at least 1 active alert: ", alerts);
      this.maxActive = alerts;
      return this;
    }

    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * Starts it.
     *
     * @throws IllegalArgumentException if routes, receivers or time intervals do not fit together
     */
    public AlertManager build() {
      return new AlertManager(this);
    }

    private Routing routing() {
      return Routing.of(
          route == null ? Routing.each(repeatInterval) : route,
          defaultReceiver.build(),
          receivers,
          timeIntervals);
    }

    private static boolean isPositive(Duration duration) {
      return !duration.isNegative() && !duration.isZero();
    }

    private static void require(boolean holds, String rule, Object value) {
      if (!holds) {
        throw new IllegalArgumentException(rule + value);
      }
    }
  }
}

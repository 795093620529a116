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
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
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
  private final int historySize;
  private final int queueCapacity;
  private final FaultLog faults;
  private final CallWatch calls;
  private final BudgetWatch budgets;
  private final UnpricedWatch unpriced;
  private final CacheStoreWatch cacheStores;
  private final List<Delivery> deliveries = new CopyOnWriteArrayList<>();

  // guarded by history
  private final ArrayDeque<Alert> history = new ArrayDeque<>();
  private long fired;
  private boolean closed;
  private long closedNanos;

  private AlertManager(Builder from) {
    clock = from.clock;
    thresholds = new Thresholds(from.errorRate, from.responseTime, from.costPerHour);
    historySize = from.historySize;
    queueCapacity = from.queueCapacity;
    faults = new FaultLog(AlertManager.class, clock);
    calls =
        new CallWatch(thresholds, from.minimumRequests, from.repeatInterval, clock, this::fireNow);
    budgets = new BudgetWatch(this::fireNow);
    unpriced = new UnpricedWatch(from.repeatInterval, this::fireNow);
    cacheStores = new CacheStoreWatch(from.repeatInterval, this::fireNow);
    from.handlers.forEach(this::addHandler);
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Delivers all alerts from now on to this handler too, and starts its thread.
   *
   * @throws IllegalStateException if this manager is closed
   */
  public void addHandler(AlertHandler handler) {
    Objects.requireNonNull(handler, "handler");
    synchronized (history) {
      if (closed) {
        throw new IllegalStateException("the alert manager is closed");
      }
      deliveries.add(Delivery.start(handler, queueCapacity, clock));
    }
  }

  /**
   * Fires an alert whose problem is named by its message, and returns without waiting for any
   * handler.
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
    guard(
        () ->
            fireNow(
                Alert.builder()
                    .level(level == null ? AlertLevel.ERROR : level)
                    .message(message == null ? NO_MESSAGE : message)
                    .metadata(copy(metadata))));
  }

  /** Fires an alert with labels of its own, and returns without waiting for any handler. */
  public void alert(Alert alert) {
    guard(() -> fire(alert));
  }

  /**
   * Fires an ERROR alert if more than the threshold's share of calls failed. No calls are no
   * errors.
   */
  public void checkErrorRate(long errors, long total) {
    guard(
        () -> {
          if (thresholds.errorRateIsOver(errors, total)) {
            fireNow(thresholds.errorRateAlert(errors, total));
          }
        });
  }

  /** Fires a WARNING alert if this is longer than the threshold. */
  public void checkResponseTime(Duration responseTime) {
    guard(
        () -> {
          if (thresholds.responseTimeIsOver(responseTime)) {
            fireNow(thresholds.responseTimeAlert(responseTime));
          }
        });
  }

  /** Fires a WARNING alert if this is more than the threshold. */
  public void checkCostPerHour(Cost costPerHour) {
    guard(
        () -> {
          if (thresholds.costPerHourIsOver(costPerHour)) {
            fireNow(thresholds.costPerHourAlert(costPerHour));
          }
        });
  }

  /**
   * Watches the calls, budgets, unpriced models and caches' stores of an agent; for {@code
   * AgentOps.with(...).listener(alerts)}, and for the listener of a cache.
   */
  @Override
  public void onEvent(OpsEvent event) {
    guard(
        () -> {
          if (event instanceof ModelCallEvent call) {
            calls.observe(call);
          } else if (event instanceof BudgetEvent budget) {
            budgets.observe(budget);
          } else if (event instanceof UnpricedCallEvent call) {
            unpriced.observe(call);
          } else if (event instanceof CacheStoreEvent store) {
            cacheStores.observe(store);
          }
        });
  }

  /**
   * Waits until no handler has anything left of what was fired before this call.
   *
   * @param timeout of real time, whatever the clock; zero or negative only looks
   * @return false if time ran out or the thread was interrupted. What was given up does not wait
   *     any more: see {@link AlertStats#failed()}
   */
  public boolean flush(Duration timeout) {
    long start = System.nanoTime();
    long nanos = TimeUnit.NANOSECONDS.convert(timeout);
    try {
      boolean done = true;
      for (Delivery delivery : deliveries) {
        done &= delivery.await(start, nanos);
      }
      return done;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * The latest alerts, the oldest first, delivered or not; by default up to {@value
   * Builder#DEFAULT_HISTORY_SIZE}.
   */
  public List<Alert> history() {
    synchronized (history) {
      return List.copyOf(history);
    }
  }

  /** What became of the alerts, over all handlers. */
  public AlertStats stats() {
    long firedSoFar;
    synchronized (history) {
      firedSoFar = fired;
    }
    AlertStats stats = new AlertStats(firedSoFar, 0, 0, 0, 0);
    for (Delivery delivery : deliveries) {
      stats = stats.plus(delivery.stats());
    }
    return stats;
  }

  /** How many failures of this manager itself were kept from the agent. */
  public long faults() {
    return faults.count();
  }

  /**
   * Stops delivering: each queued alert gets one more attempt, within {@value #CLOSE_SECONDS}
   * seconds for all; what is left then is dropped and hanging handlers are interrupted. Later
   * alerts go to the history only. May be called twice; a call that comes second waits until the
   * same moment as the first, unless a handler makes it.
   */
  @Override
  public void close() {
    long start;
    synchronized (history) {
      if (!closed) {
        closed = true;
        closedNanos = System.nanoTime();
      } else if (deliveries.stream().anyMatch(Delivery::isCaller)) {
        return; // the first call may be waiting for this handler
      }
      start = closedNanos;
    }
    deliveries.forEach(Delivery::close);
    long nanos = TimeUnit.SECONDS.toNanos(CLOSE_SECONDS);
    deliveries.forEach(delivery -> delivery.finish(start, nanos));
  }

  private Map<String, ?> copy(@Nullable Map<String, ?> metadata) {
    try {
      return metadata == null ? Map.of() : new LinkedHashMap<>(metadata);
    } catch (Throwable t) { // most often it is being changed by another thread
      faults.report("reading the metadata of an alert", t);
      return Map.of(METADATA_ERROR, t.getClass().getName());
    }
  }

  private void guard(Runnable action) {
    try {
      action.run();
    } catch (Throwable t) {
      faults.report("the alert manager", t);
    }
  }

  private void fireNow(Alert.Builder alert) {
    fire(alert.timestamp(clock.now()).build());
  }

  private void fire(Alert alert) {
    Objects.requireNonNull(alert, "alert");
    synchronized (history) {
      fired++;
      history.add(alert);
      if (history.size() > historySize) {
        history.remove();
      }
    }
    for (Delivery delivery : deliveries) {
      delivery.offer(alert);
    }
  }

  /** Configures an alert manager; a threshold that is not set never fires. Not thread-safe. */
  public static final class Builder {

    static final int DEFAULT_HISTORY_SIZE = 1_000;
    static final int DEFAULT_QUEUE_CAPACITY = 1_000;
    static final int DEFAULT_MINIMUM_REQUESTS = 10;
    static final int DEFAULT_REPEAT_HOURS = 4;

    private final List<AlertHandler> handlers = new ArrayList<>();
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
     * After how long a threshold that stays crossed fires again. Default: {@value
     * #DEFAULT_REPEAT_HOURS} hours.
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

    public Builder handler(AlertHandler handler) {
      handlers.add(Objects.requireNonNull(handler, "handler"));
      return this;
    }

    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    public AlertManager build() {
      return new AlertManager(this);
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

package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Cost;
import dev.agentops.FaultLog;
import dev.agentops.Usage;
import dev.agentops.UsageReport;
import dev.agentops.event.ModelCallEvent;
import dev.agentops.event.OpsEvent;
import dev.agentops.event.OpsEventListener;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.YearMonth;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Prices usage, records it, and keeps budgets.
 *
 * <pre>{@code
 * CostMonitor costs = CostMonitor.builder()
 *     .budget(Budget.daily(Cost.usd("50")).per("team").warnAt(0.8).rejectWhenExceeded())
 *     .build();
 * AgentOps ops = AgentOps.with(CostInterceptor.of(costs)).build();
 * }</pre>
 *
 * <p>A call whose price is not known is recorded, counted as unpriced, and said once in the log; it
 * is never taken for free, and budgets cannot count it. Thread-safe. Where the ledger or a listener
 * fails while a call is recorded, that is logged and counted, never thrown.
 */
public final class CostMonitor implements AutoCloseable {

  private final PriceSource prices;
  private final Rater rater;
  private final UsageLedger ledger;
  private final Clock clock;
  private final ZoneId zone;
  private final UsageRecorder recorder;
  private final UnpricedCalls unpricedCalls;
  private final Consumer<OpsEvent> listeners;
  private final Budgets budgets;
  private final FaultLog faults;

  private CostMonitor(Builder from) {
    prices = from.prices == null ? PriceCatalog.bundled() : from.prices;
    zone = from.zone();
    ledger = from.ledger == null ? InMemoryUsageLedger.builder().zone(zone).build() : from.ledger;
    clock = from.clock;
    unpricedCalls = from.unpricedCalls;
    faults = new FaultLog(CostMonitor.class, clock);
    listeners = OpsEventListener.all(from.listeners, faults)::onEvent;
    rater = new Rater(prices);
    budgets =
        new Budgets(
            from.budgets,
            zone,
            clock,
            from.budgetStore,
            from.budgetLease,
            faults,
            listeners::accept);
    recorder = new UsageRecorder(rater, ledger, budgets, clock, faults, listeners);
    if (from.ledger != null && !from.budgets.isEmpty()) {
      seed();
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /**
   * Records a call of a model whose name tells the provider.
   *
   * @throws IllegalArgumentException if a count is negative or the model is blank
   */
  public UsageRecord recordUsage(String model, long inputTokens, long outputTokens) {
    return recordUsage(
        UsageRecord.UNKNOWN, model, Usage.of(inputTokens, outputTokens), Attributes.empty());
  }

  /**
   * Records a call that has happened: never refused, whatever it does to a budget.
   *
   * @param provider by its name in the catalogue or in OpenTelemetry; {@code unknown} leaves it to
   *     the model's name
   * @throws IllegalArgumentException if the model is blank
   */
  public UsageRecord recordUsage(
      String provider, String model, Usage usage, Attributes attributes) {
    return recordUsage(
        provider, model, UsageReport.of(Objects.requireNonNull(usage, "usage")), attributes);
  }

  /**
   * As above, with all that the provider told: the tier that served, what it left out, what it
   * charges. The work of other models inside of the response is recorded beside it.
   *
   * @return the record of the model itself
   * @throws IllegalArgumentException if the model is blank
   */
  public UsageRecord recordUsage(
      String provider, String model, UsageReport report, Attributes attributes) {
    return recordUsage(UsageRecord.CHAT, provider, model, report, attributes);
  }

  /**
   * As above, of something that is no chat: {@code embeddings}, {@code image_generation}, {@code
   * moderation}.
   *
   * @param operation as {@code gen_ai.operation.name}
   * @throws IllegalArgumentException if the operation or the model is blank
   */
  public UsageRecord recordUsage(
      String operation, String provider, String model, UsageReport report, Attributes attributes) {
    Charge charge =
        new Charge(
            clock.now(),
            notBlank("operation", operation),
            notBlank("provider", provider),
            notBlank("model", model),
            null,
            Objects.requireNonNull(report, "report"),
            0,
            Objects.requireNonNull(attributes, "attributes"),
            null,
            true,
            null,
            null);
    return recorder.settle(Reservation.NONE, charge, event -> {}).get(0);
  }

  /**
   * Keeps a record that was made elsewhere or at another time, as it is. Its cost counts in the
   * totals of its day, but in no budget: whoever made the call has counted it there, though a
   * monitor that is built later begins its budgets with the totals. One whose id the ledger knows
   * changes nothing, so that it may be handed over again after a failure.
   *
   * @return whether it was new, as far as the ledger can tell at once
   * @throws LedgerException if the ledger cannot keep it, or not yet: {@link
   *     LedgerException#isPending()}
   */
  public boolean record(UsageRecord record) {
    return ledger.add(Objects.requireNonNull(record, "record"));
  }

  /** The same record at the prices of its own time, to be {@linkplain #record kept}. */
  public UsageRecord price(UsageRecord record) {
    return rater.rerate(record);
  }

  /**
   * Records that a task, a run of an agent, has ended; {@link
   * CostStatistics#costPerSuccessfulTask()} counts them. {@link CostInterceptor} does so for agents
   * that are built with {@code AgentOps.aiServices}.
   */
  public void recordTask(String agent, boolean succeeded, Attributes attributes) {
    recorder.task(notBlank("agent", agent), succeeded, attributes);
  }

  /** The totals of everything that was recorded. */
  public CostStatistics statistics() {
    return ledger.totals(UsageQuery.all());
  }

  /** The current day in the monitor's zone. */
  public LocalDate today() {
    return LocalDate.ofInstant(clock.now(), zone);
  }

  /** What the calls of a day of the monitor's zone have cost, as far as priced. */
  public Cost dailyCost(LocalDate day) {
    return ledger.totals(UsageQuery.day(day)).totalCost();
  }

  /** What the calls of a month of the monitor's zone have cost, as far as priced. */
  public Cost monthlyCost(YearMonth month) {
    return ledger.totals(UsageQuery.month(month)).totalCost();
  }

  /**
   * What each value of an attribute has cost, or of {@link UsageLedger#MODEL} or {@link
   * UsageLedger#PROVIDER}.
   *
   * @return a copy, ordered by value; without the values of which no call is priced
   */
  public Map<String, Cost> costBy(String attribute) {
    Map<String, Cost> costs = new LinkedHashMap<>();
    ledger
        .totalsBy(attribute, UsageQuery.all())
        .forEach(
            (value, totals) -> {
              if (totals.pricedRequests() > 0) {
                costs.put(value, totals.totalCost());
              }
            });
    return costs;
  }

  /**
   * What the records of a time would cost at other prices: a difference to look at, which changes
   * nothing until it is {@linkplain Rerating#apply() applied}.
   *
   * @param from records of this moment and later
   * @param until and before this one
   * @throws LedgerException if the ledger fails
   */
  public Rerating rerate(PriceCatalog prices, Instant from, Instant until) {
    return Rerating.of(ledger, prices, from, until);
  }

  /** Where the records are. */
  public UsageLedger ledger() {
    return ledger;
  }

  /** The prices as they are now. */
  public PriceCatalog catalog() {
    return prices.catalog();
  }

  /** How many faults of the ledger, of listeners and of estimates were kept from the agent. */
  public long faults() {
    return faults.count();
  }

  /**
   * How many calls were counted together under {@link UsageLedger#OVERFLOW}, because a budget had
   * more keys at once than it keeps apart.
   */
  public long budgetOverflows() {
    return budgets.overflow();
  }

  /** How the budgets stand, and what can be done to them. */
  public Budgets budgets() {
    return budgets;
  }

  /** Closes the ledger and the store of budgets. */
  @Override
  public void close() {
    ledger.close();
    budgets.close();
  }

  Clock clock() {
    return clock;
  }

  /** Logs and counts what must not reach the agent. */
  void reportFault(String what, Throwable fault) {
    faults.report(what, fault);
  }

  /** The price now, or why there is none. */
  PriceQuote quote(String provider, String model, UsageReport report) {
    return rater.quote(provider, model, report, clock.now());
  }

  /** What becomes of calls whose price is not known. */
  UnpricedCalls unpricedCalls() {
    return unpricedCalls;
  }

  /** The cheaper model that a budget asks for in place of this one; null where none does. */
  @Nullable String downgrade(String model, Attributes attributes, @Nullable String run) {
    return budgets.downgrade(model, recorder.budgeted(attributes, run));
  }

  /**
   * Takes an amount from every budget until the call has ended.
   *
   * @param run the run of an agent that the call belongs to; null outside of one
   * @param events are told what the monitor's listeners are told
   * @throws BudgetExceededException if there is no room
   * @throws BudgetUnavailableException if the store is away and a budget rejects then
   */
  Reservation reserve(
      Cost amount, Attributes attributes, @Nullable String run, Consumer<OpsEvent> events) {
    return budgets.reserve(
        amount, recorder.budgeted(attributes, run), listeners.andThen(events)::accept);
  }

  /**
   * Ends a reservation with what the call consumed, and records it.
   *
   * @return the record of the call, then those of sub-calls
   */
  List<UsageRecord> settle(Reservation reservation, Charge charge, Consumer<OpsEvent> events) {
    return recorder.settle(reservation, charge, events);
  }

  /** Records an answer of a cache of ours. */
  void recordCacheHit(ModelCallEvent hit) {
    recorder.cacheHit(hit);
  }

  /** A restart must not begin budgets anew, and a ledger that is away must not prevent it. */
  private void seed() {
    try {
      budgets.seed(ledger, zone);
    } catch (RuntimeException e) {
      faults.report("what the ledger says was spent of budgets", e);
    }
  }

  private static String notBlank(String what, String value) {
    if (Objects.requireNonNull(value, what).isBlank()) {
      throw new IllegalArgumentException("the " + what + " must not be blank: '" + value + "'");
    }
    return value;
  }

  /** Configures a {@link CostMonitor}. Not thread-safe. */
  public static final class Builder {

    private final List<Budget> budgets = new ArrayList<>();
    private final List<OpsEventListener> listeners = new ArrayList<>();
    private Clock clock = Clock.system();
    private UnpricedCalls unpricedCalls = UnpricedCalls.ALLOW;
    private @Nullable ZoneId zone;
    private @Nullable PriceSource prices;
    private @Nullable UsageLedger ledger;
    private @Nullable BudgetStore budgetStore;
    private Duration budgetLease = Duration.ofMinutes(10);

    private Builder() {}

    /**
     * Adds a budget; every call counts in each of them.
     *
     * @throws IllegalArgumentException if another one has its name
     */
    public Builder budget(Budget budget) {
      if (budgets.stream().anyMatch(other -> other.name().equals(budget.name()))) {
        throw new IllegalArgumentException("two budgets are named '" + budget.name() + "'");
      }
      budgets.add(budget);
      return this;
    }

    /**
     * Adds a listener that is told of every event of a budget and of every {@link
     * dev.agentops.event.UnpricedCallEvent}, on the thread of the call. What it throws is logged
     * and ignored.
     */
    public Builder listener(OpsEventListener listener) {
      listeners.add(Objects.requireNonNull(listener, "listener"));
      return this;
    }

    /** Where the time comes from; {@link Clock#system()} unless a test says otherwise. */
    public Builder clock(Clock clock) {
      this.clock = Objects.requireNonNull(clock, "clock");
      return this;
    }

    /**
     * The zone in which days, weeks and months begin; that of the ledger, or UTC, unless said. Must
     * be that of the ledger, where one is given.
     */
    public Builder zone(ZoneId zone) {
      this.zone = Objects.requireNonNull(zone, "zone");
      return this;
    }

    /**
     * The prices: a {@link PriceCatalog}, or a source of changing ones, such as {@link
     * WatchedPriceCatalog}; {@link PriceCatalog#bundled()} unless said.
     */
    public Builder catalog(PriceSource prices) {
      this.prices = Objects.requireNonNull(prices, "prices");
      return this;
    }

    /**
     * Where records and totals are kept; in memory unless said. The monitor closes it. Budgets of
     * this process begin with what it says was spent in their windows.
     */
    public Builder ledger(UsageLedger ledger) {
      this.ledger = Objects.requireNonNull(ledger, "ledger");
      return this;
    }

    /** What becomes of calls whose price is not known; {@link UnpricedCalls#ALLOW} unless said. */
    public Builder unpricedCalls(UnpricedCalls unpricedCalls) {
      this.unpricedCalls = Objects.requireNonNull(unpricedCalls, "unpricedCalls");
      return this;
    }

    /**
     * Where the accounts of budgets are kept that several processes share, all budgets but those
     * {@linkplain Budget#perRun of runs}; in this process unless said. The monitor closes it.
     */
    public Builder budgetStore(BudgetStore store) {
      this.budgetStore = Objects.requireNonNull(store, "store");
      return this;
    }

    /**
     * How long a call may hold a reservation in the store; after that its process is taken for
     * dead. A call that takes longer is still charged when it ends. 10 minutes unless said.
     *
     * @throws IllegalArgumentException if it is not positive
     */
    public Builder budgetLease(Duration lease) {
      if (lease.isNegative() || lease.isZero()) {
        throw new IllegalArgumentException("a lease must be positive: " + lease);
      }
      this.budgetLease = lease;
      return this;
    }

    /**
     * Builds the monitor.
     *
     * @throws IllegalArgumentException if the ledger's days begin in another zone than the
     *     monitor's, or if a budget rejects and is shared, and does not say {@link
     *     Budget#whenUnavailable}
     */
    public CostMonitor build() {
      return new CostMonitor(this);
    }

    private ZoneId zone() {
      if (ledger == null) {
        return zone == null ? ZoneOffset.UTC : zone;
      }
      if (zone != null && !zone.getRules().equals(ledger.zone().getRules())) {
        throw new IllegalArgumentException(
            "the ledger's days begin in " + ledger.zone() + ", the monitor's in " + zone);
      }
      return ledger.zone();
    }
  }
}

package dev.agentops.cost;

import dev.agentops.Attributes;
import dev.agentops.Clock;
import dev.agentops.Cost;
import dev.agentops.FaultLog;
import dev.agentops.Usage;
import dev.agentops.event.BudgetEvent;
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
import java.util.Optional;
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
 * is never taken for free, and budgets cannot count it. Thread-safe. Faults of the ledger and of
 * the listener are logged and counted, never thrown.
 */
public final class CostMonitor implements AutoCloseable {

  private final PriceCatalog catalog;
  private final UsageLedger ledger;
  private final Clock clock;
  private final ZoneId zone;
  private final List<OpsEventListener> listeners;
  private final Budgets budgets;
  private final UnknownModels unknownModels;
  private final FaultLog faults;

  private CostMonitor(Builder from) {
    catalog = from.catalog == null ? PriceCatalog.bundled() : from.catalog;
    ledger =
        from.ledger == null ? InMemoryUsageLedger.builder().zone(from.zone).build() : from.ledger;
    clock = from.clock;
    zone = from.zone;
    listeners = List.copyOf(from.listeners);
    unknownModels = new UnknownModels(catalog);
    faults = new FaultLog(CostMonitor.class, clock);
    budgets =
        new Budgets(
            from.budgets,
            zone,
            clock,
            from.budgetStore,
            from.budgetLease,
            faults,
            both(event -> {}));
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
    return record(Reservation.NONE, provider, model, usage, attributes, false, event -> {});
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

  /** Where the records are. */
  public UsageLedger ledger() {
    return ledger;
  }

  public PriceCatalog catalog() {
    return catalog;
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

  /** The price now, or empty where it is not known. */
  Optional<Cost> price(String provider, String model, Usage usage) {
    return price(provider, model, usage, clock.now());
  }

  /**
   * Takes an amount from every budget until the call has ended.
   *
   * @param events are told what the monitor's listeners are told
   * @throws BudgetExceededException if there is no room
   */
  Reservation reserve(Cost amount, Attributes attributes, Consumer<BudgetEvent> events) {
    return budgets.reserve(amount, attributes, both(events));
  }

  /** Ends a reservation with what the call consumed, and records it. */
  UsageRecord record(
      Reservation reservation,
      String provider,
      String model,
      Usage usage,
      Attributes attributes,
      boolean estimated,
      Consumer<BudgetEvent> events) {
    if (model.isBlank()) {
      throw new IllegalArgumentException("a model must not be blank: '" + model + "'");
    }
    Instant now = clock.now();
    PriceQuote quote =
        catalog.quote(
            PriceQuery.builder().provider(provider).model(model).usage(usage).at(now).build());
    UsageRecord record =
        UsageRecord.builder()
            .timestamp(now)
            .provider(provider)
            .model(model)
            .usage(usage)
            .attributes(attributes)
            .cost(quote.cost().orElse(null))
            .calculatedCost(quote.cost().orElse(null))
            .priceVersion(quote.version())
            .priceRule(quote.rule())
            .estimated(estimated)
            .build();
    if (record.cost().isEmpty()) {
      unknownModels.warn(record);
    }
    budgets.spend(reservation, record.cost().orElse(Cost.ZERO), attributes, both(events));
    try {
      ledger.add(record);
    } catch (RuntimeException e) {
      faults.report("ledger " + ledger.getClass().getName(), e);
    }
    return record;
  }

  private Optional<Cost> price(String provider, String model, Usage usage, Instant at) {
    return catalog.cost(
        PriceQuery.builder().provider(provider).model(model).usage(usage).at(at).build());
  }

  private Consumer<BudgetEvent> both(Consumer<BudgetEvent> events) {
    return event -> {
      for (OpsEventListener listener : listeners) {
        try {
          listener.onEvent(event);
        } catch (Throwable t) {
          faults.report("listener " + listener.getClass().getName(), t);
        }
      }
      events.accept(event);
    };
  }

  /** Configures a {@link CostMonitor}. Not thread-safe. */
  public static final class Builder {

    private final List<Budget> budgets = new ArrayList<>();
    private final List<OpsEventListener> listeners = new ArrayList<>();
    private Clock clock = Clock.system();
    private ZoneId zone = ZoneOffset.UTC;
    private @Nullable PriceCatalog catalog;
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
     * Adds a listener that is told of every {@link BudgetEvent}, on the thread of the call. What it
     * throws is logged and ignored.
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

    /** The zone in which days, weeks and months begin; UTC unless said. */
    public Builder zone(ZoneId zone) {
      this.zone = Objects.requireNonNull(zone, "zone");
      return this;
    }

    /** The prices; {@link PriceCatalog#bundled()} unless said. */
    public Builder catalog(PriceCatalog catalog) {
      this.catalog = Objects.requireNonNull(catalog, "catalog");
      return this;
    }

    /**
     * Where records and totals are kept; {@link UsageLedger#inMemory()} unless said. The monitor
     * closes it.
     */
    public Builder ledger(UsageLedger ledger) {
      this.ledger = Objects.requireNonNull(ledger, "ledger");
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
     * @throws IllegalArgumentException if a budget rejects and is shared, and does not say {@link
     *     Budget#whenUnavailable}
     */
    public CostMonitor build() {
      return new CostMonitor(this);
    }
  }
}

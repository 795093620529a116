package dev.agentops.cost.micrometer;

import dev.agentops.Cost;
import dev.agentops.cost.Budget;
import dev.agentops.cost.BudgetStatus;
import dev.agentops.cost.CostMonitor;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.YearMonth;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * Meters of a {@link CostMonitor}: {@code new CostMetrics(costs).bindTo(registry)}.
 *
 * <table>
 *   <caption>Meters</caption>
 *   <tr><th>name</th><th>type</th><th>tags</th></tr>
 *   <tr><td>{@code agentops.cost.today}, {@code agentops.cost.month}</td><td>gauge, US dollars</td><td>none</td></tr>
 *   <tr><td>{@code agentops.budget.limit}</td><td>gauge, US dollars</td><td>{@code budget}; with an increase where all share it, else that of each key without</td></tr>
 *   <tr><td>{@code agentops.budget.spent}, {@code agentops.budget.reserved}</td><td>gauge, US dollars</td><td>{@code budget}; the sum over its keys</td></tr>
 *   <tr><td>{@code agentops.budget.utilization}</td><td>gauge, share of the limit that is spent or reserved</td><td>{@code budget}; of the key that has used most</td></tr>
 *   <tr><td>{@code agentops.budget.exhausted}</td><td>gauge, keys without anything left</td><td>{@code budget}</td></tr>
 *   <tr><td>{@code agentops.cost.unpriced}</td><td>counter, calls without a price</td><td>none</td></tr>
 *   <tr><td>{@code agentops.cost.lost}</td><td>counter, records that the ledger could not keep</td><td>none</td></tr>
 *   <tr><td>{@code agentops.cost.faults}</td><td>counter, failures kept from the agent</td><td>none</td></tr>
 * </table>
 *
 * <p>Keys of budgets are no tags: there may be one for each user. Of a budget with more than
 * {@value #MAXIMUM_KEYS} keys, the first of them in their order are looked at, and sums are theirs.
 * The meters of a budget look together, and again after a second at the earliest: a store is asked
 * once for each key then. What tokens and calls cost as they happen is {@code
 * gen_ai.client.token.usage} and {@code agentops.cost} of {@code AgentOpsMetrics}. A gauge whose
 * source fails is not a number until it works again. Thread-safe.
 */
public final class CostMetrics implements MeterBinder {

  /** {@value}. */
  public static final int MAXIMUM_KEYS = 1_000;

  /** The meters of one scrape are read within this time. */
  private static final Duration LOOK = Duration.ofSeconds(1);

  private final CostMonitor costs;

  public CostMetrics(CostMonitor costs) {
    this.costs = Objects.requireNonNull(costs, "costs");
  }

  @Override
  public void bindTo(MeterRegistry registry) {
    usd(registry, "agentops.cost.today", "What today's calls have cost", Tags.empty(), this::today);
    usd(
        registry,
        "agentops.cost.month",
        "What this month's calls have cost",
        Tags.empty(),
        this::month);
    for (Budget budget : costs.budgets().budgets()) {
      bind(registry, budget);
    }
    count(
        registry,
        "agentops.cost.unpriced",
        "Calls whose price is not known",
        monitor -> monitor.statistics().unpricedRequests());
    count(
        registry,
        "agentops.cost.lost",
        "Records that the ledger could not keep",
        monitor -> monitor.ledger().lostRecords());
    count(
        registry,
        "agentops.cost.faults",
        "Failures of ledgers, stores and listeners that were kept from the agent",
        CostMonitor::faults);
  }

  private void bind(MeterRegistry registry, Budget budget) {
    Tags tags = Tags.of("budget", budget.name());
    usd(registry, "agentops.budget.limit", "What may be spent", tags, any -> limit(budget));
    usd(
        registry,
        "agentops.budget.spent",
        "What is spent in the current window",
        tags,
        any -> sum(budget, BudgetStatus::spent));
    usd(
        registry,
        "agentops.budget.reserved",
        "What running calls may cost",
        tags,
        any -> sum(budget, BudgetStatus::reserved));
    Gauge.builder("agentops.budget.utilization", costs, any -> utilization(budget))
        .description("The share of the limit that is spent or reserved, of the key that used most")
        .tags(tags)
        .register(registry);
    Gauge.builder("agentops.budget.exhausted", costs, any -> exhausted(budget))
        .description("Keys that have nothing left")
        .tags(tags)
        .register(registry);
  }

  private Cost today(CostMonitor monitor) {
    return monitor.dailyCost(monitor.today());
  }

  private Cost month(CostMonitor monitor) {
    return monitor.monthlyCost(YearMonth.from(monitor.today()));
  }

  private Cost limit(Budget budget) {
    return budget.attributes().isEmpty()
        ? statuses(budget).stream().findFirst().map(BudgetStatus::limit).orElse(budget.limit())
        : budget.limit();
  }

  private Cost sum(Budget budget, Function<BudgetStatus, Cost> part) {
    return statuses(budget).stream().map(part).reduce(Cost.ZERO, Cost::plus);
  }

  private double utilization(Budget budget) {
    return statuses(budget).stream()
        .map(CostMetrics::utilization)
        .max(Comparator.naturalOrder())
        .orElse(0.0);
  }

  private static double utilization(BudgetStatus status) {
    BigDecimal taken = status.spent().plus(status.reserved()).usd();
    return taken.doubleValue() / status.limit().usd().doubleValue();
  }

  private long exhausted(Budget budget) {
    return statuses(budget).stream().filter(status -> status.remaining().isZero()).count();
  }

  private List<BudgetStatus> statuses(Budget budget) {
    return costs.budgets().statuses(budget.name(), MAXIMUM_KEYS, LOOK);
  }

  private void usd(
      MeterRegistry registry,
      String name,
      String description,
      Tags tags,
      Function<CostMonitor, Cost> amount) {
    Gauge.builder(name, costs, monitor -> amount.apply(monitor).usd().doubleValue())
        .description(description + ", in US dollars")
        .baseUnit("usd")
        .tags(tags)
        .register(registry);
  }

  private void count(
      MeterRegistry registry,
      String name,
      String description,
      ToDoubleFunction<CostMonitor> count) {
    FunctionCounter.builder(name, costs, count).description(description).register(registry);
  }
}

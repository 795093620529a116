package dev.agentops.cost;

import dev.agentops.Cost;
import dev.agentops.Usage;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Totals over records. Immutable; the parts belong to one moment.
 *
 * <p>A request is a call that a provider answered, priced or not. Hits of a cache and tasks are
 * counted apart and are no requests.
 */
public final class CostStatistics {

  /** No records. */
  public static final CostStatistics NONE = builder().build();

  private final long totalRequests;
  private final long unpricedRequests;
  private final long estimatedRequests;
  private final long totalInputTokens;
  private final long totalOutputTokens;
  private final long cacheReadTokens;
  private final long cacheWriteTokens;
  private final long reasoningTokens;
  private final Cost totalCost;
  private final Cost lowestCost;
  private final Cost highestCost;
  private final Cost reportedCost;
  private final Cost calculatedCost;
  private final long cacheHits;
  private final Cost savedCost;
  private final long tasks;
  private final long succeededTasks;

  private CostStatistics(Builder from) {
    totalRequests = from.totalRequests;
    unpricedRequests = from.unpricedRequests;
    estimatedRequests = from.estimatedRequests;
    totalInputTokens = from.totalInputTokens;
    totalOutputTokens = from.totalOutputTokens;
    cacheReadTokens = from.cacheReadTokens;
    cacheWriteTokens = from.cacheWriteTokens;
    reasoningTokens = from.reasoningTokens;
    totalCost = from.totalCost;
    lowestCost = from.lowestCost;
    highestCost = from.highestCost;
    reportedCost = from.reportedCost;
    calculatedCost = from.calculatedCost;
    cacheHits = from.cacheHits;
    savedCost = from.savedCost;
    tasks = from.tasks;
    succeededTasks = from.succeededTasks;
  }

  /** The totals of one record. */
  public static CostStatistics of(UsageRecord record) {
    Builder one = builder();
    if (record.isTask()) {
      return one.tasks(1).succeededTasks(record.succeeded() ? 1 : 0).build();
    }
    if (record.isCacheHit()) {
      return one.cacheHits(1).savedCost(record.savedCost()).build();
    }
    Usage usage = record.usage();
    Cost cost = record.cost().orElse(Cost.ZERO);
    one.totalRequests(1)
        .unpricedRequests(record.cost().isEmpty() ? 1 : 0)
        .estimatedRequests(record.estimated() ? 1 : 0)
        .totalInputTokens(usage.inputTokens())
        .totalOutputTokens(usage.outputTokens())
        .cacheReadTokens(usage.cacheReadTokens())
        .cacheWriteTokens(usage.cacheWriteTokens())
        .reasoningTokens(usage.reasoningTokens())
        .totalCost(cost)
        .lowestCost(record.cost().isEmpty() ? cost : record.lowestCost().orElse(cost))
        .highestCost(record.cost().isEmpty() ? cost : record.highestCost().orElse(cost));
    if (record.reportedCost().isPresent() && record.calculatedCost().isPresent()) {
      one.reportedCost(record.reportedCost().get()).calculatedCost(record.calculatedCost().get());
    }
    return one.build();
  }

  public static Builder builder() {
    return new Builder();
  }

  /** All requests, priced or not. */
  public long totalRequests() {
    return totalRequests;
  }

  /** The requests whose price is not known; {@link #totalCost()} lacks them. */
  public long unpricedRequests() {
    return unpricedRequests;
  }

  /** The requests of which the cost is known. */
  public long pricedRequests() {
    return totalRequests - unpricedRequests;
  }

  /** The requests whose usage or cost was estimated. */
  public long estimatedRequests() {
    return estimatedRequests;
  }

  /** Of all requests, priced or not; cached ones included. Stays at the largest {@code long}. */
  public long totalInputTokens() {
    return totalInputTokens;
  }

  /** Of all requests, priced or not; reasoning included. Stays at the largest {@code long}. */
  public long totalOutputTokens() {
    return totalOutputTokens;
  }

  /** The part of the input that providers read from their caches. */
  public long cacheReadTokens() {
    return cacheReadTokens;
  }

  /** The part of the input that providers wrote to their caches. */
  public long cacheWriteTokens() {
    return cacheWriteTokens;
  }

  /** The part of the output that was reasoning. */
  public long reasoningTokens() {
    return reasoningTokens;
  }

  /** Of the priced requests, exact but for those that are estimated. */
  public Cost totalCost() {
    return totalCost;
  }

  /**
   * What the priced requests cost at least; below {@link #totalCost()} where some are estimated.
   */
  public Cost lowestCost() {
    return lowestCost;
  }

  /** What the priced requests cost at most; above {@link #totalCost()} where some are estimated. */
  public Cost highestCost() {
    return highestCost;
  }

  /** What providers reported for those requests that have both a report and a calculated cost. */
  public Cost reportedCost() {
    return reportedCost;
  }

  /** What the catalogue says of the same requests as {@link #reportedCost()}. */
  public Cost calculatedCost() {
    return calculatedCost;
  }

  /** What providers reported beyond what the catalogue explains; negative where it says more. */
  public Cost unexplainedCost() {
    return reportedCost.minus(calculatedCost);
  }

  /** The calls that a cache of ours answered. */
  public long cacheHits() {
    return cacheHits;
  }

  /** What {@link #cacheHits()} would have cost, as far as known. */
  public Cost savedCost() {
    return savedCost;
  }

  /** The tasks, runs of an agent, that ended. */
  public long tasks() {
    return tasks;
  }

  /** The {@link #tasks()} that succeeded. */
  public long succeededTasks() {
    return succeededTasks;
  }

  /**
   * The cost of a priced request in the mean, to 34 digits where the quotient has no end; zero
   * where there is none.
   */
  public Cost averageCostPerRequest() {
    return pricedRequests() == 0 ? Cost.ZERO : mean(totalCost, pricedRequests());
  }

  /**
   * All known cost, also of what failed, for each task that succeeded, to 34 digits where the
   * quotient has no end; empty where none did, or where there are requests and no price of any.
   */
  public Optional<Cost> costPerSuccessfulTask() {
    return succeededTasks == 0 || isCostUnknown()
        ? Optional.empty()
        : Optional.of(mean(totalCost, succeededTasks));
  }

  /** Whether there are requests and none of them has a price: then zero is not what they cost. */
  boolean isCostUnknown() {
    return unpricedRequests > 0 && pricedRequests() == 0;
  }

  /** Whether no part is negative. */
  boolean isWhole() {
    return totalRequests >= 0
        && unpricedRequests >= 0
        && pricedRequests() >= 0
        && estimatedRequests >= 0
        && totalInputTokens >= 0
        && totalOutputTokens >= 0
        && cacheReadTokens >= 0
        && cacheWriteTokens >= 0
        && reasoningTokens >= 0
        && totalCost.compareTo(Cost.ZERO) >= 0
        && cacheHits >= 0
        && savedCost.compareTo(Cost.ZERO) >= 0
        && succeededTasks >= 0
        && tasks >= succeededTasks;
  }

  /** These totals and others. */
  public CostStatistics plus(CostStatistics other) {
    return builder()
        .totalRequests(sum(totalRequests, other.totalRequests))
        .unpricedRequests(sum(unpricedRequests, other.unpricedRequests))
        .estimatedRequests(sum(estimatedRequests, other.estimatedRequests))
        .totalInputTokens(sum(totalInputTokens, other.totalInputTokens))
        .totalOutputTokens(sum(totalOutputTokens, other.totalOutputTokens))
        .cacheReadTokens(sum(cacheReadTokens, other.cacheReadTokens))
        .cacheWriteTokens(sum(cacheWriteTokens, other.cacheWriteTokens))
        .reasoningTokens(sum(reasoningTokens, other.reasoningTokens))
        .totalCost(totalCost.plus(other.totalCost))
        .lowestCost(lowestCost.plus(other.lowestCost))
        .highestCost(highestCost.plus(other.highestCost))
        .reportedCost(reportedCost.plus(other.reportedCost))
        .calculatedCost(calculatedCost.plus(other.calculatedCost))
        .cacheHits(sum(cacheHits, other.cacheHits))
        .savedCost(savedCost.plus(other.savedCost))
        .tasks(sum(tasks, other.tasks))
        .succeededTasks(sum(succeededTasks, other.succeededTasks))
        .build();
  }

  /** These totals without others that are part of them. */
  CostStatistics minus(CostStatistics part) {
    return builder()
        .totalRequests(totalRequests - part.totalRequests)
        .unpricedRequests(unpricedRequests - part.unpricedRequests)
        .estimatedRequests(estimatedRequests - part.estimatedRequests)
        .totalInputTokens(totalInputTokens - part.totalInputTokens)
        .totalOutputTokens(totalOutputTokens - part.totalOutputTokens)
        .cacheReadTokens(cacheReadTokens - part.cacheReadTokens)
        .cacheWriteTokens(cacheWriteTokens - part.cacheWriteTokens)
        .reasoningTokens(reasoningTokens - part.reasoningTokens)
        .totalCost(totalCost.minus(part.totalCost))
        .lowestCost(lowestCost.minus(part.lowestCost))
        .highestCost(highestCost.minus(part.highestCost))
        .reportedCost(reportedCost.minus(part.reportedCost))
        .calculatedCost(calculatedCost.minus(part.calculatedCost))
        .cacheHits(cacheHits - part.cacheHits)
        .savedCost(savedCost.minus(part.savedCost))
        .tasks(tasks - part.tasks)
        .succeededTasks(succeededTasks - part.succeededTasks)
        .build();
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CostStatistics that
        && totalRequests == that.totalRequests
        && unpricedRequests == that.unpricedRequests
        && estimatedRequests == that.estimatedRequests
        && totalInputTokens == that.totalInputTokens
        && totalOutputTokens == that.totalOutputTokens
        && cacheReadTokens == that.cacheReadTokens
        && cacheWriteTokens == that.cacheWriteTokens
        && reasoningTokens == that.reasoningTokens
        && totalCost.equals(that.totalCost)
        && lowestCost.equals(that.lowestCost)
        && highestCost.equals(that.highestCost)
        && reportedCost.equals(that.reportedCost)
        && calculatedCost.equals(that.calculatedCost)
        && cacheHits == that.cacheHits
        && savedCost.equals(that.savedCost)
        && tasks == that.tasks
        && succeededTasks == that.succeededTasks;
  }

  @Override
  public int hashCode() {
    return Objects.hash(totalRequests, totalInputTokens, totalOutputTokens, totalCost, tasks);
  }

  @Override
  public String toString() {
    return "CostStatistics{requests="
        + totalRequests
        + (unpricedRequests == 0 ? "" : ", unpriced=" + unpricedRequests)
        + (estimatedRequests == 0 ? "" : ", estimated=" + estimatedRequests)
        + ", tokens="
        + totalInputTokens
        + '+'
        + totalOutputTokens
        + ", cost="
        + totalCost
        + (cacheHits == 0 ? "" : ", cacheHits=" + cacheHits + ", saved=" + savedCost)
        + (tasks == 0 ? "" : ", tasks=" + succeededTasks + '/' + tasks)
        + '}';
  }

  private static Cost mean(Cost total, long count) {
    return Cost.usd(total.usd().divide(BigDecimal.valueOf(count), MathContext.DECIMAL128));
  }

  /** A sum of tokens, which stays at the largest {@code long} rather than overflow. */
  static long sum(long a, long b) {
    long sum = a + b;
    return ((a ^ sum) & (b ^ sum)) < 0 ? Long.MAX_VALUE : sum;
  }

  /** Collects totals; all are 0 unless said. Not thread-safe. */
  public static final class Builder {

    private long totalRequests;
    private long unpricedRequests;
    private long estimatedRequests;
    private long totalInputTokens;
    private long totalOutputTokens;
    private long cacheReadTokens;
    private long cacheWriteTokens;
    private long reasoningTokens;
    private Cost totalCost = Cost.ZERO;
    private Cost lowestCost = Cost.ZERO;
    private Cost highestCost = Cost.ZERO;
    private Cost reportedCost = Cost.ZERO;
    private Cost calculatedCost = Cost.ZERO;
    private long cacheHits;
    private Cost savedCost = Cost.ZERO;
    private long tasks;
    private long succeededTasks;

    private Builder() {}

    public Builder totalRequests(long totalRequests) {
      this.totalRequests = totalRequests;
      return this;
    }

    public Builder unpricedRequests(long unpricedRequests) {
      this.unpricedRequests = unpricedRequests;
      return this;
    }

    public Builder estimatedRequests(long estimatedRequests) {
      this.estimatedRequests = estimatedRequests;
      return this;
    }

    public Builder totalInputTokens(long totalInputTokens) {
      this.totalInputTokens = totalInputTokens;
      return this;
    }

    public Builder totalOutputTokens(long totalOutputTokens) {
      this.totalOutputTokens = totalOutputTokens;
      return this;
    }

    public Builder cacheReadTokens(long cacheReadTokens) {
      this.cacheReadTokens = cacheReadTokens;
      return this;
    }

    public Builder cacheWriteTokens(long cacheWriteTokens) {
      this.cacheWriteTokens = cacheWriteTokens;
      return this;
    }

    public Builder reasoningTokens(long reasoningTokens) {
      this.reasoningTokens = reasoningTokens;
      return this;
    }

    public Builder totalCost(Cost totalCost) {
      this.totalCost = totalCost;
      return this;
    }

    public Builder lowestCost(Cost lowestCost) {
      this.lowestCost = lowestCost;
      return this;
    }

    public Builder highestCost(Cost highestCost) {
      this.highestCost = highestCost;
      return this;
    }

    public Builder reportedCost(Cost reportedCost) {
      this.reportedCost = reportedCost;
      return this;
    }

    public Builder calculatedCost(Cost calculatedCost) {
      this.calculatedCost = calculatedCost;
      return this;
    }

    public Builder cacheHits(long cacheHits) {
      this.cacheHits = cacheHits;
      return this;
    }

    public Builder savedCost(Cost savedCost) {
      this.savedCost = savedCost;
      return this;
    }

    public Builder tasks(long tasks) {
      this.tasks = tasks;
      return this;
    }

    public Builder succeededTasks(long succeededTasks) {
      this.succeededTasks = succeededTasks;
      return this;
    }

    public CostStatistics build() {
      return new CostStatistics(this);
    }
  }
}

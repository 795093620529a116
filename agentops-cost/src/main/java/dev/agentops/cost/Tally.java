package dev.agentops.cost;

import dev.agentops.Cost;
import dev.agentops.Usage;

/**
 * Totals that grow. Not thread-safe: whoever owns one guards it.
 *
 * <p>Of the costs that are no single number it keeps how far the least is below and the most above,
 * since for most records both are zero.
 */
final class Tally {

  private long requests;
  private long unpriced;
  private long estimated;
  private long inputTokens;
  private long outputTokens;
  private long cacheReadTokens;
  private long cacheWriteTokens;
  private long reasoningTokens;
  private long cacheHits;
  private long tasks;
  private long succeededTasks;
  private Cost cost = Cost.ZERO;
  private Cost below = Cost.ZERO;
  private Cost above = Cost.ZERO;
  private Cost reported = Cost.ZERO;
  private Cost calculated = Cost.ZERO;
  private Cost saved = Cost.ZERO;

  void add(UsageRecord record) {
    if (record.isTask()) {
      tasks++;
      succeededTasks += record.succeeded() ? 1 : 0;
    } else if (record.isCacheHit()) {
      cacheHits++;
      saved = saved.plus(record.savedCost());
    } else {
      addCall(record);
    }
  }

  void add(Tally other) {
    requests += other.requests;
    unpriced += other.unpriced;
    estimated += other.estimated;
    inputTokens = CostStatistics.sum(inputTokens, other.inputTokens);
    outputTokens = CostStatistics.sum(outputTokens, other.outputTokens);
    cacheReadTokens = CostStatistics.sum(cacheReadTokens, other.cacheReadTokens);
    cacheWriteTokens = CostStatistics.sum(cacheWriteTokens, other.cacheWriteTokens);
    reasoningTokens = CostStatistics.sum(reasoningTokens, other.reasoningTokens);
    cacheHits += other.cacheHits;
    tasks += other.tasks;
    succeededTasks += other.succeededTasks;
    cost = cost.plus(other.cost);
    below = below.plus(other.below);
    above = above.plus(other.above);
    reported = reported.plus(other.reported);
    calculated = calculated.plus(other.calculated);
    saved = saved.plus(other.saved);
  }

  /** Makes this what is to be added where {@code other} is to be taken back. */
  void subtract(Tally other) {
    requests -= other.requests;
    unpriced -= other.unpriced;
    estimated -= other.estimated;
    inputTokens -= other.inputTokens;
    outputTokens -= other.outputTokens;
    cacheReadTokens -= other.cacheReadTokens;
    cacheWriteTokens -= other.cacheWriteTokens;
    reasoningTokens -= other.reasoningTokens;
    cacheHits -= other.cacheHits;
    tasks -= other.tasks;
    succeededTasks -= other.succeededTasks;
    cost = cost.minus(other.cost);
    below = below.minus(other.below);
    above = above.minus(other.above);
    reported = reported.minus(other.reported);
    calculated = calculated.minus(other.calculated);
    saved = saved.minus(other.saved);
  }

  void clear() {
    requests = 0;
    unpriced = 0;
    estimated = 0;
    inputTokens = 0;
    outputTokens = 0;
    cacheReadTokens = 0;
    cacheWriteTokens = 0;
    reasoningTokens = 0;
    cacheHits = 0;
    tasks = 0;
    succeededTasks = 0;
    cost = Cost.ZERO;
    below = Cost.ZERO;
    above = Cost.ZERO;
    reported = Cost.ZERO;
    calculated = Cost.ZERO;
    saved = Cost.ZERO;
  }

  /** How many records it is the total of. */
  long records() {
    return requests + cacheHits + tasks;
  }

  CostStatistics statistics() {
    return CostStatistics.builder()
        .totalRequests(requests)
        .unpricedRequests(unpriced)
        .estimatedRequests(estimated)
        .totalInputTokens(inputTokens)
        .totalOutputTokens(outputTokens)
        .cacheReadTokens(cacheReadTokens)
        .cacheWriteTokens(cacheWriteTokens)
        .reasoningTokens(reasoningTokens)
        .totalCost(cost)
        .lowestCost(below.isZero() ? cost : cost.minus(below))
        .highestCost(above.isZero() ? cost : cost.plus(above))
        .reportedCost(reported)
        .calculatedCost(calculated)
        .cacheHits(cacheHits)
        .savedCost(saved)
        .tasks(tasks)
        .succeededTasks(succeededTasks)
        .build();
  }

  private void addCall(UsageRecord record) {
    requests++;
    estimated += record.estimated() ? 1 : 0;
    Usage usage = record.usage();
    inputTokens = CostStatistics.sum(inputTokens, usage.inputTokens());
    outputTokens = CostStatistics.sum(outputTokens, usage.outputTokens());
    cacheReadTokens = CostStatistics.sum(cacheReadTokens, usage.cacheReadTokens());
    cacheWriteTokens = CostStatistics.sum(cacheWriteTokens, usage.cacheWriteTokens());
    reasoningTokens = CostStatistics.sum(reasoningTokens, usage.reasoningTokens());
    Cost amount = record.cost().orElse(null);
    if (amount == null) {
      unpriced++;
    } else {
      cost = cost.plus(amount);
      if (record.lowestCost().isPresent()) {
        below = below.plus(amount.minus(record.lowestCost().get()));
      }
      if (record.highestCost().isPresent()) {
        above = above.plus(record.highestCost().get().minus(amount));
      }
    }
    if (record.reportedCost().isPresent() && record.calculatedCost().isPresent()) {
      reported = reported.plus(record.reportedCost().get());
      calculated = calculated.plus(record.calculatedCost().get());
    }
  }
}

package dev.agentops.cost.jdbc;

import dev.agentops.Cost;
import dev.agentops.cost.CostStatistics;
import java.math.BigDecimal;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.StringTokenizer;
import java.util.stream.Stream;

/** Totals that are added to, and how they are columns. Not thread-safe. */
final class Totals {

  static final List<String> COUNTS =
      List.of(
          "requests",
          "unpriced_requests",
          "estimated_requests",
          "input_tokens",
          "output_tokens",
          "cache_read_tokens",
          "cache_write_tokens",
          "reasoning_tokens",
          "cache_hits",
          "tasks",
          "succeeded_tasks");

  static final List<String> COSTS =
      List.of(
          "cost_pico_usd",
          "lowest_cost_pico_usd",
          "highest_cost_pico_usd",
          "reported_cost_pico_usd",
          "calculated_cost_pico_usd",
          "saved_cost_pico_usd");

  static final List<String> NAMES = Stream.concat(COUNTS.stream(), COSTS.stream()).toList();

  private static final int PICO_SCALE = 12;

  /** So many always fit. */
  private static final int LONG_DIGITS = 18;

  private final long[] counts = new long[COUNTS.size()];
  private final Cost[] costs = new Cost[COSTS.size()];

  Totals() {
    Arrays.fill(costs, Cost.ZERO);
  }

  static Totals of(CostStatistics statistics) {
    Totals totals = new Totals();
    long[] counts = {
      statistics.totalRequests(),
      statistics.unpricedRequests(),
      statistics.estimatedRequests(),
      statistics.totalInputTokens(),
      statistics.totalOutputTokens(),
      statistics.cacheReadTokens(),
      statistics.cacheWriteTokens(),
      statistics.reasoningTokens(),
      statistics.cacheHits(),
      statistics.tasks(),
      statistics.succeededTasks()
    };
    Cost[] costs = {
      statistics.totalCost(),
      statistics.lowestCost(),
      statistics.highestCost(),
      statistics.reportedCost(),
      statistics.calculatedCost(),
      statistics.savedCost()
    };
    System.arraycopy(counts, 0, totals.counts, 0, counts.length);
    System.arraycopy(costs, 0, totals.costs, 0, costs.length);
    return totals;
  }

  /** Reads what {@link #toString} wrote. */
  static Totals parse(String text) {
    Totals totals = new Totals();
    StringTokenizer numbers = new StringTokenizer(text, " ");
    for (int i = 0; i < totals.counts.length; i++) {
      totals.counts[i] = Long.parseLong(numbers.nextToken());
    }
    for (int i = 0; i < totals.costs.length; i++) {
      totals.costs[i] = cost(numbers.nextToken());
    }
    return totals;
  }

  /** Reads a column for each number, of which this is the first. */
  static Totals read(ResultSet row, int column) throws SQLException {
    Totals totals = new Totals();
    int next = column;
    for (int i = 0; i < totals.counts.length; i++) {
      totals.counts[i] = row.getLong(next++);
    }
    for (int i = 0; i < totals.costs.length; i++) {
      totals.costs[i] = Cost.usd(row.getBigDecimal(next++).movePointLeft(PICO_SCALE));
    }
    return totals;
  }

  /** Binds a parameter for each number, of which this is the first. */
  void bind(PreparedStatement statement, int index) throws SQLException {
    int next = index;
    for (long count : counts) {
      statement.setLong(next++, count);
    }
    for (Cost cost : costs) {
      statement.setBigDecimal(next++, picoUsd(cost));
    }
  }

  Totals add(Totals other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] = sum(counts[i], other.counts[i]);
    }
    for (int i = 0; i < costs.length; i++) {
      if (!other.costs[i].isZero()) {
        costs[i] = costs[i].plus(other.costs[i]);
      }
    }
    return this;
  }

  Totals subtract(Totals other) {
    for (int i = 0; i < counts.length; i++) {
      counts[i] -= other.counts[i];
    }
    for (int i = 0; i < costs.length; i++) {
      costs[i] = costs[i].minus(other.costs[i]);
    }
    return this;
  }

  CostStatistics statistics() {
    return CostStatistics.builder()
        .totalRequests(counts[0])
        .unpricedRequests(counts[1])
        .estimatedRequests(counts[2])
        .totalInputTokens(counts[3])
        .totalOutputTokens(counts[4])
        .cacheReadTokens(counts[5])
        .cacheWriteTokens(counts[6])
        .reasoningTokens(counts[7])
        .cacheHits(counts[8])
        .tasks(counts[9])
        .succeededTasks(counts[10])
        .totalCost(costs[0])
        .lowestCost(costs[1])
        .highestCost(costs[2])
        .reportedCost(costs[3])
        .calculatedCost(costs[4])
        .savedCost(costs[5])
        .build();
  }

  /** All numbers in order, amounts in pico-dollars. */
  @Override
  public String toString() {
    StringBuilder text = new StringBuilder(96);
    for (long count : counts) {
      text.append(count).append(' ');
    }
    for (Cost cost : costs) {
      text.append(cost.isZero() ? "0" : picoUsd(cost).toPlainString()).append(' ');
    }
    return text.toString();
  }

  private static BigDecimal picoUsd(Cost cost) {
    return cost.usd().movePointRight(PICO_SCALE);
  }

  private static Cost cost(String picoUsd) {
    return picoUsd.length() <= LONG_DIGITS && picoUsd.indexOf('.') < 0
        ? Cost.ofPicoUsd(Long.parseLong(picoUsd))
        : Cost.usd(new BigDecimal(picoUsd).movePointLeft(PICO_SCALE));
  }

  /** Stays at the largest number, as {@link CostStatistics} does. */
  private static long sum(long a, long b) {
    long sum = a + b;
    if (((a ^ sum) & (b ^ sum)) < 0) {
      return a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return sum;
  }
}

package dev.agentops.cost;

import dev.agentops.Cost;
import java.math.BigDecimal;
import java.math.MathContext;

/**
 * Totals over records. Immutable; the parts belong to one moment.
 *
 * @param totalRequests all records, priced or not
 * @param unpricedRequests those whose price is not known; {@code totalCost} lacks them
 * @param estimatedRequests those whose usage was estimated
 * @param totalInputTokens of all records
 * @param totalOutputTokens of all records
 * @param totalCost of the priced records, exact
 */
public record CostStatistics(
    long totalRequests,
    long unpricedRequests,
    long estimatedRequests,
    long totalInputTokens,
    long totalOutputTokens,
    Cost totalCost) {

  /** No records. */
  public static final CostStatistics NONE = new CostStatistics(0, 0, 0, 0, 0, Cost.ZERO);

  /** The requests of which the cost is known. */
  public long pricedRequests() {
    return totalRequests - unpricedRequests;
  }

  /**
   * The cost of a priced request in the mean, to 34 digits where the quotient has no end; zero
   * where there is none.
   */
  public Cost averageCostPerRequest() {
    return pricedRequests() == 0
        ? Cost.ZERO
        : Cost.usd(
            totalCost.usd().divide(BigDecimal.valueOf(pricedRequests()), MathContext.DECIMAL128));
  }

  /** These totals and one record more. */
  public CostStatistics plus(UsageRecord record) {
    return new CostStatistics(
        totalRequests + 1,
        unpricedRequests + (record.cost().isEmpty() ? 1 : 0),
        estimatedRequests + (record.estimated() ? 1 : 0),
        saturatedSum(totalInputTokens, record.usage().inputTokens()),
        saturatedSum(totalOutputTokens, record.usage().outputTokens()),
        record.cost().map(totalCost::plus).orElse(totalCost));
  }

  private static long saturatedSum(long a, long b) {
    long sum = a + b;
    return sum < 0 ? Long.MAX_VALUE : sum;
  }
}

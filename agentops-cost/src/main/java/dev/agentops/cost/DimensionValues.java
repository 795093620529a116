package dev.agentops.cost;

import dev.agentops.Attributes;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The totals of the values of a dimension, among the records that a query means.
 *
 * @param complete whether records without any of the values have none
 */
record DimensionValues(String dimension, Map<String, CostStatistics> totals, boolean complete) {

  /** Those of a query; null where it has a dimension that the ledger does not cross with this. */
  static @Nullable DimensionValues of(
      UsageLedger ledger, UsageQuery query, CostStatistics all, String dimension) {
    UsageQuery range =
        query.from().isEmpty()
            ? UsageQuery.all()
            : UsageQuery.between(query.from().get(), query.until().orElseThrow());
    if (query.dimension().isEmpty()) {
      return new DimensionValues(dimension, ledger.totalsBy(dimension, range), true);
    }
    String value = query.value().orElseThrow();
    if (all.equals(CostStatistics.NONE)) {
      return new DimensionValues(dimension, Map.of(), true);
    }
    if (query.dimension().get().equals(dimension)) {
      return new DimensionValues(dimension, Map.of(value, all), true);
    }
    String crossed = UsageLedger.crossed(query.dimension().get(), dimension);
    Map<String, CostStatistics> pairs = ledger.totalsBy(crossed, range);
    if (pairs.isEmpty() && ledger.totalsBy(crossed, UsageQuery.all()).isEmpty()) {
      return null;
    }
    return ofPairs(dimension, value, pairs);
  }

  private static DimensionValues ofPairs(
      String dimension, String value, Map<String, CostStatistics> pairs) {
    Map<String, CostStatistics> totals = new TreeMap<>();
    boolean complete = !pairs.containsKey(UsageLedger.OVERFLOW);
    String prefix = UsageLedger.crossed(value, "");
    for (Map.Entry<String, CostStatistics> pair : pairs.entrySet()) {
      if (pair.getKey().startsWith(prefix)) {
        String other = pair.getKey().substring(prefix.length());
        // of "a x b x c" no one knows whether it is "a" with "b x c"
        if (value.contains(UsageLedger.CROSS) || other.contains(UsageLedger.CROSS)) {
          complete = false;
        } else {
          totals.put(other, pair.getValue());
        }
      }
    }
    return new DimensionValues(dimension, totals, complete);
  }

  /** What to call what the values leave; empty where it means nothing, since they overlap. */
  Optional<String> nameOf(CostStatistics rest) {
    if (dimension.equals(Attributes.TAGS)) {
      return Optional.empty();
    }
    boolean everyRecordHasOne = dimension.equals(UsageLedger.OPERATION);
    boolean everyCallHasOne =
        dimension.equals(UsageLedger.MODEL) || dimension.equals(UsageLedger.PROVIDER);
    boolean hasCalls = rest.totalRequests() > 0 || rest.cacheHits() > 0;
    boolean hasOne = everyRecordHasOne || (everyCallHasOne && hasCalls);
    return Optional.of(complete && !hasOne ? CostReport.NONE : UsageLedger.OVERFLOW);
  }
}

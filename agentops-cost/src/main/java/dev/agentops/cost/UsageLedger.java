package dev.agentops.cost;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.List;
import java.util.Map;

/**
 * Where usage records go, and totals that are kept as they come: no query reads records.
 *
 * <p>Totals are exact and complete, whatever becomes of the records themselves. Implementations are
 * thread-safe; what they throw is logged, counted and kept from the agent.
 */
public interface UsageLedger extends AutoCloseable {

  /** The dimension of {@link #totalsBy} that holds the model that was priced. */
  String MODEL = "gen_ai.response.model";

  /** The dimension of {@link #totalsBy} that holds the provider. */
  String PROVIDER = "gen_ai.provider.name";

  /**
   * The value {@value} under which those are counted together for which a dimension has no room.
   */
  String OVERFLOW = "(other)";

  /** A ledger that forgets everything when the process ends, with default bounds. */
  static UsageLedger inMemory() {
    return InMemoryUsageLedger.builder().build();
  }

  /**
   * Adds a record to all totals.
   *
   * @param day the calendar day that the record belongs to
   */
  void add(UsageRecord record, LocalDate day);

  /** The totals of all records. */
  CostStatistics totals();

  /** The totals of a day; {@link CostStatistics#NONE} where it has no records. */
  CostStatistics totals(LocalDate day);

  /** The totals of a month; {@link CostStatistics#NONE} where it has no records. */
  CostStatistics totals(YearMonth month);

  /**
   * The totals for each value of a dimension: {@link #MODEL}, {@link #PROVIDER}, or an attribute.
   *
   * @return a copy, ordered by value; records without the attribute are in none of it
   */
  Map<String, CostStatistics> totalsBy(String dimension);

  /** The latest records, oldest first. */
  List<UsageRecord> records();

  /** How many records are no longer in {@link #records()}; they are still in the totals. */
  long droppedRecords();

  @Override
  void close();
}

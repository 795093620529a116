package dev.agentops.cost;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.NavigableMap;
import java.util.function.Consumer;

/**
 * Where usage records go, and totals that are kept as they come: no total reads records.
 *
 * <p>Totals are exact and complete, whatever becomes of the records themselves. The days of a
 * ledger begin at midnight of its {@linkplain #zone() zone}. Implementations are thread-safe; what
 * they throw is logged, counted and kept from the agent.
 *
 * <p>A dimension is {@link #MODEL}, {@link #PROVIDER}, {@link #OPERATION}, or the name of any other
 * attribute; an attribute that is a list counts once for each of its different elements. Two
 * dimensions joined by {@link #crossed} are one where the ledger was built to cross them.
 */
public interface UsageLedger extends AutoCloseable {

  /** The dimension that holds the model that was priced. */
  String MODEL = "gen_ai.response.model";

  /** The dimension that holds the provider. */
  String PROVIDER = "gen_ai.provider.name";

  /** The dimension that holds what was done. */
  String OPERATION = "gen_ai.operation.name";

  /**
   * The value {@value} under which those are counted together for which a dimension has no room.
   */
  String OVERFLOW = "(other)";

  /** What stands between two dimensions, and between two values, that are {@link #crossed}. */
  String CROSS = " x ";

  /** A ledger that forgets everything when the process ends, with default bounds, in UTC. */
  static UsageLedger inMemory() {
    return InMemoryUsageLedger.builder().zone(ZoneOffset.UTC).build();
  }

  /** The name of two dimensions as one, or the value that two values are together. */
  static String crossed(String first, String second) {
    return first + CROSS + second;
  }

  /** The zone in which its days begin. */
  ZoneId zone();

  /**
   * Adds a record to all totals. When it returns, the record is as safe as this ledger makes
   * records.
   *
   * <p>An id is known for as long as the ledger keeps its record, see {@link #removedRecords()}:
   * how long that is, and what becomes of one that is added again later, each ledger says.
   *
   * @return false where a record of this id is there already: then nothing changes
   * @throws LedgerException if it cannot be kept, or if its time is none that a {@link LocalDate}
   *     can tell; it counts in no total then. Where {@link LedgerException#isPending()}, it is not
   *     safe yet and tried further; to add it again does no harm
   */
  boolean add(UsageRecord record);

  /**
   * Puts a record in the place of the one of the same id and moves all totals by the difference, as
   * after a price was corrected. Dimensions and time must be the same.
   *
   * @return false where there is no record of this id (any more): then nothing changes
   * @throws IllegalArgumentException if dimensions or time differ
   */
  boolean replace(UsageRecord record);

  /** The totals of all records that the query means; {@link CostStatistics#NONE} without any. */
  CostStatistics totals(UsageQuery query);

  /**
   * The totals for each value of a dimension.
   *
   * @param query one without a dimension of its own
   * @return a copy, ordered by value; records without the dimension are in none of it
   * @throws IllegalArgumentException if the query has a dimension: cross the two instead
   */
  Map<String, CostStatistics> totalsBy(String dimension, UsageQuery query);

  /** The totals of each day that has records, as far back as the ledger tells days apart. */
  NavigableMap<LocalDate, CostStatistics> days(UsageQuery query);

  /**
   * The totals of each hour that has records, by the moment it begins, as far back as the ledger
   * keeps hours. Hours begin with those of the ledger's zone.
   *
   * @param from the first hour is the one that holds this moment
   * @param until hours from this moment on are not told
   */
  NavigableMap<Instant, CostStatistics> hours(Instant from, Instant until);

  /**
   * Hands over the records that are still kept, of a time from {@code from} on and before {@code
   * until}, in the order of their times, one by one: they need not fit the memory.
   *
   * @param action may use the ledger, as to {@link #replace} the record; what it throws ends the
   *     reading and is thrown on
   */
  void records(Instant from, Instant until, Consumer<UsageRecord> action);

  /** How many records are kept no longer; they are still in the totals. */
  long removedRecords();

  /** How many records could not be kept and count in no total. */
  long lostRecords();

  @Override
  void close();
}

package dev.agentops.cost;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * A ledger in the memory of the process, bounded in every direction.
 *
 * <p>It keeps the latest records, and totals by day, hour and dimension. What has no room in a
 * dimension is counted under {@link UsageLedger#OVERFLOW}, so that each dimension still adds up.
 * Thread-safe.
 */
public final class InMemoryUsageLedger implements UsageLedger {

  /** {@value} records. */
  public static final int DEFAULT_MAXIMUM_RECORDS = 10_000;

  /** {@value} values of each dimension. */
  public static final int DEFAULT_MAXIMUM_VALUES = 2_000;

  private static final String EVERYTHING = "";

  private final int maximumRecords;
  private final int maximumValues;
  private final ZoneId zone;
  private final Map<String, Map<String, TreeMap<LocalDate, CostStatistics>>> dimensions =
      new TreeMap<>();
  private final TreeMap<Instant, CostStatistics> hours = new TreeMap<>();
  private final LinkedHashMap<String, UsageRecord> records = new LinkedHashMap<>();
  private long removed;

  private InMemoryUsageLedger(Builder from) {
    maximumRecords = from.maximumRecords;
    maximumValues = from.maximumValues;
    zone = from.zone;
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public ZoneId zone() {
    return zone;
  }

  @Override
  public synchronized boolean add(UsageRecord record) {
    if (records.putIfAbsent(record.id(), record) != null) {
      return false;
    }
    CostStatistics one = CostStatistics.of(record);
    LocalDate day = LocalDate.ofInstant(record.timestamp(), zone);
    addTo(EVERYTHING, EVERYTHING, day, one);
    addTo(MODEL, record.model(), day, one);
    addTo(PROVIDER, record.provider(), day, one);
    addTo(OPERATION, record.operation(), day, one);
    record
        .attributes()
        .forEach(
            (name, value) -> {
              if (!name.equals(MODEL) && !name.equals(PROVIDER) && !name.equals(OPERATION)) {
                addTo(name, value.toString(), day, one);
              }
            });
    hours.merge(
        record.timestamp().atZone(zone).truncatedTo(ChronoUnit.HOURS).toInstant(),
        one,
        CostStatistics::plus);
    if (records.size() > maximumRecords) {
      records.remove(records.keySet().iterator().next());
      removed++;
    }
    return true;
  }

  @Override
  public synchronized boolean replace(UsageRecord record) {
    throw new UnsupportedOperationException();
  }

  @Override
  public synchronized CostStatistics totals(UsageQuery query) {
    return days(query).values().stream().reduce(CostStatistics.NONE, CostStatistics::plus);
  }

  @Override
  public synchronized Map<String, CostStatistics> totalsBy(String dimension, UsageQuery query) {
    Map<String, CostStatistics> totals = new TreeMap<>();
    for (String value : dimensions.getOrDefault(dimension, Map.of()).keySet()) {
      CostStatistics sum = totals(query.where(dimension, value));
      if (!sum.equals(CostStatistics.NONE)) {
        totals.put(value, sum);
      }
    }
    return totals;
  }

  @Override
  public synchronized NavigableMap<LocalDate, CostStatistics> days(UsageQuery query) {
    NavigableMap<LocalDate, CostStatistics> days =
        dimensions
            .getOrDefault(query.dimension().orElse(EVERYTHING), Map.of())
            .getOrDefault(query.value().orElse(EVERYTHING), new TreeMap<>());
    return new TreeMap<>(
        days.subMap(
            query.from().orElse(LocalDate.MIN), true, query.until().orElse(LocalDate.MAX), false));
  }

  @Override
  public synchronized NavigableMap<Instant, CostStatistics> hours(Instant from, Instant until) {
    Instant first = from.atZone(zone).truncatedTo(ChronoUnit.HOURS).toInstant();
    return new TreeMap<>(hours.subMap(first, true, until, false));
  }

  @Override
  public void records(Instant from, Instant until, Consumer<UsageRecord> action) {
    List<UsageRecord> copy;
    synchronized (this) {
      copy = new ArrayList<>(records.values());
    }
    copy.stream()
        .filter(record -> !record.timestamp().isBefore(from) && record.timestamp().isBefore(until))
        .forEach(action);
  }

  @Override
  public synchronized long removedRecords() {
    return removed;
  }

  @Override
  public long lostRecords() {
    return 0;
  }

  /** Does nothing: a closed ledger goes on to count. */
  @Override
  public void close() {}

  private void addTo(String dimension, String value, LocalDate day, CostStatistics one) {
    Map<String, TreeMap<LocalDate, CostStatistics>> values =
        dimensions.computeIfAbsent(dimension, name -> new TreeMap<>());
    boolean room = values.containsKey(value) || values.size() < maximumValues;
    values
        .computeIfAbsent(room ? value : OVERFLOW, name -> new TreeMap<>())
        .merge(day, one, CostStatistics::plus);
  }

  /** Configures an {@link InMemoryUsageLedger}. Not thread-safe. */
  public static final class Builder {

    private int maximumRecords = DEFAULT_MAXIMUM_RECORDS;
    private int maximumValues = DEFAULT_MAXIMUM_VALUES;
    private ZoneId zone = ZoneOffset.UTC;

    private Builder() {}

    /**
     * How many records are kept, {@value #DEFAULT_MAXIMUM_RECORDS} unless said; 0 keeps totals
     * only.
     */
    public Builder maximumRecords(int records) {
      this.maximumRecords = atLeast(0, "maximumRecords", records);
      return this;
    }

    /** How many values each dimension tells apart, {@value #DEFAULT_MAXIMUM_VALUES} unless said. */
    public Builder maximumValues(int values) {
      this.maximumValues = atLeast(1, "maximumValues", values);
      return this;
    }

    /** The zone in which days begin; UTC unless said. */
    public Builder zone(ZoneId zone) {
      this.zone = Objects.requireNonNull(zone, "zone");
      return this;
    }

    public InMemoryUsageLedger build() {
      return new InMemoryUsageLedger(this);
    }

    private static int atLeast(int minimum, String name, int value) {
      if (value < minimum) {
        throw new IllegalArgumentException(name + " must be at least " + minimum + ": " + value);
      }
      return value;
    }
  }
}

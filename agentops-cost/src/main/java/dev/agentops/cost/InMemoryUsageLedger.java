package dev.agentops.cost;

import java.time.LocalDate;
import java.time.YearMonth;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;

/**
 * A ledger in the memory of the process, bounded in every direction.
 *
 * <p>It keeps the latest records, and totals by day, month, model, provider and attribute. What has
 * no room in a dimension is counted under {@link UsageLedger#OVERFLOW}, so that each dimension
 * still adds up; days beyond {@value #MAXIMUM_DAYS} (eleven years) are counted in the totals only.
 * Thread-safe.
 */
public final class InMemoryUsageLedger implements UsageLedger {

  /** {@value} records. */
  public static final int DEFAULT_MAXIMUM_RECORDS = 10_000;

  /** {@value} values of each dimension. */
  public static final int DEFAULT_MAXIMUM_VALUES = 2_000;

  /**
   * {@value} names of attributes; records are not summed up by attributes beyond, which is counted.
   */
  public static final int MAXIMUM_ATTRIBUTES = 64;

  /** {@value} days. */
  public static final int MAXIMUM_DAYS = 4_000;

  private final int maximumRecords;
  private final int maximumValues;
  private final AtomicReference<CostStatistics> total = new AtomicReference<>(CostStatistics.NONE);
  private final Rollup<LocalDate> days = new Rollup<>(MAXIMUM_DAYS, LocalDate.MAX);
  private final Rollup<YearMonth> months =
      new Rollup<>(MAXIMUM_DAYS, YearMonth.from(LocalDate.MAX));
  private final ConcurrentHashMap<String, Rollup<String>> dimensions = new ConcurrentHashMap<>();
  private final ArrayDeque<UsageRecord> records = new ArrayDeque<>();
  private final LongAdder droppedRecords = new LongAdder();
  private final LongAdder overflowed = new LongAdder();

  private InMemoryUsageLedger(Builder from) {
    maximumRecords = from.maximumRecords;
    maximumValues = from.maximumValues;
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public void add(UsageRecord record, LocalDate day) {
    total.updateAndGet(sum -> sum.plus(record));
    days.add(day, record);
    months.add(YearMonth.from(day), record);
    addTo(MODEL, record.model(), record);
    addTo(PROVIDER, record.provider(), record);
    record
        .attributes()
        .forEach(
            (name, value) -> {
              if (!name.equals(MODEL) && !name.equals(PROVIDER)) {
                addTo(name, value.toString(), record);
              }
            });
    keep(record);
  }

  @Override
  public CostStatistics totals() {
    return Objects.requireNonNull(total.get()); // set from the start
  }

  @Override
  public CostStatistics totals(LocalDate day) {
    return days.get(day);
  }

  @Override
  public CostStatistics totals(YearMonth month) {
    return months.get(month);
  }

  @Override
  public Map<String, CostStatistics> totalsBy(String dimension) {
    Rollup<String> rollup = dimensions.get(dimension);
    return rollup == null ? Map.of() : rollup.all();
  }

  @Override
  public List<UsageRecord> records() {
    synchronized (records) {
      return List.copyOf(records);
    }
  }

  @Override
  public long droppedRecords() {
    return droppedRecords.sum();
  }

  /**
   * How often a value was counted under {@link UsageLedger#OVERFLOW} or, for want of room, an
   * attribute not at all.
   */
  public long overflowed() {
    return overflowed.sum();
  }

  /** Does nothing: a closed ledger goes on to count. */
  @Override
  public void close() {}

  private void addTo(String dimension, String value, UsageRecord record) {
    Rollup<String> rollup = dimensions.get(dimension);
    if (rollup == null && dimensions.size() < MAXIMUM_ATTRIBUTES) {
      rollup = dimensions.computeIfAbsent(dimension, name -> new Rollup<>(maximumValues, OVERFLOW));
    }
    if (rollup == null || !rollup.add(value, record)) {
      overflowed.increment();
    }
  }

  private void keep(UsageRecord record) {
    synchronized (records) {
      records.add(record);
      if (records.size() > maximumRecords) {
        records.remove();
        droppedRecords.increment();
      }
    }
  }

  /** Configures an {@link InMemoryUsageLedger}. Not thread-safe. */
  public static final class Builder {

    private int maximumRecords = DEFAULT_MAXIMUM_RECORDS;
    private int maximumValues = DEFAULT_MAXIMUM_VALUES;

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

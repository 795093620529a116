package dev.agentops.cost;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A ledger in the memory of the process, bounded in every direction.
 *
 * <p>It keeps the latest records, and totals by day, hour and dimension. A record is told from an
 * earlier one of the same id, and can be replaced, as long as it is among the latest {@link
 * Builder#maximumRecords}; after that, the same id counts again. What has no room in a dimension is
 * counted under {@link UsageLedger#OVERFLOW}, so that each dimension still adds up; see {@link
 * #overflowedRecords()}.
 *
 * <p>Of everything, it tells 4,000 days apart; of each value of a dimension, {@link
 * Builder#maximumDays}. Older days count in their month only: {@link #days} lacks them, totals of
 * ranges count those whose whole month is meant, and totals of everything stay exact.
 *
 * <p>Thread-safe. Threads that add share no lock but for an instant; a query sees everything that
 * was added before it.
 */
public final class InMemoryUsageLedger implements UsageLedger {

  /** {@value} records. */
  public static final int DEFAULT_MAXIMUM_RECORDS = 10_000;

  /** {@value} values of each dimension. */
  public static final int DEFAULT_MAXIMUM_VALUES = 2_000;

  /** {@value} attributes. */
  public static final int DEFAULT_MAXIMUM_ATTRIBUTES = 32;

  /** {@value} days. */
  public static final int DEFAULT_MAXIMUM_DAYS = 100;

  /** {@value} hours, which are 62 days. */
  public static final int DEFAULT_MAXIMUM_HOURS = 62 * 24;

  private final ZoneId zone;
  private final RecentRecords records;
  private final Rollup rollup;
  private final PendingTallies pending;

  private InMemoryUsageLedger(Builder from) {
    zone = from.zone;
    records = new RecentRecords(from.maximumRecords);
    rollup =
        new Rollup(
            from.maximumValues,
            from.maximumAttributes,
            from.maximumDays,
            from.maximumHours,
            from.dimensions);
    pending = new PendingTallies(rollup, zone);
  }

  public static Builder builder() {
    return new Builder();
  }

  @Override
  public ZoneId zone() {
    return zone;
  }

  @Override
  public boolean add(UsageRecord record) {
    Hour hour = pending.hour(record.timestamp());
    if (!records.add(record)) {
      return false;
    }
    pending.add(hour, record);
    return true;
  }

  @Override
  public boolean replace(UsageRecord record) {
    UsageRecord old = records.replace(record);
    if (old == null) {
      return false;
    }
    Tally before = new Tally();
    before.add(old);
    Tally difference = new Tally();
    difference.add(record);
    difference.subtract(before);
    rollup.add(pending.hour(record.timestamp()), rollup.route(record), difference);
    return true;
  }

  @Override
  public CostStatistics totals(UsageQuery query) {
    pending.settle();
    Series series = series(query);
    return series == null ? CostStatistics.NONE : total(series, query);
  }

  @Override
  public Map<String, CostStatistics> totalsBy(String dimension, UsageQuery query) {
    query.requireNoDimension();
    pending.settle();
    Map<String, CostStatistics> totals = new TreeMap<>();
    rollup
        .values(dimension)
        .forEach(
            (value, series) -> {
              CostStatistics total = total(series, query);
              if (!total.equals(CostStatistics.NONE)) {
                totals.put(value, total);
              }
            });
    return totals;
  }

  @Override
  public NavigableMap<LocalDate, CostStatistics> days(UsageQuery query) {
    pending.settle();
    Series series = series(query);
    return series == null
        ? new TreeMap<>()
        : series.days(query.from().orElse(LocalDate.MIN), query.until().orElse(LocalDate.MAX));
  }

  @Override
  public NavigableMap<Instant, CostStatistics> hours(Instant from, Instant until) {
    pending.settle();
    Instant first = Hour.begin(from, zone);
    return first.isBefore(until) ? rollup.hours(first, until) : new TreeMap<>();
  }

  @Override
  public void records(Instant from, Instant until, Consumer<UsageRecord> action) {
    records.copy().stream()
        .filter(record -> !record.timestamp().isBefore(from) && record.timestamp().isBefore(until))
        .sorted(Comparator.comparing(UsageRecord::timestamp))
        .forEachOrdered(action);
  }

  @Override
  public long removedRecords() {
    return records.removed();
  }

  /** Zero: nothing keeps a record out of memory. */
  @Override
  public long lostRecords() {
    return 0;
  }

  /**
   * How many records are counted under {@link UsageLedger#OVERFLOW} in at least one dimension, or
   * have an attribute that is no dimension, since there was no room.
   */
  public long overflowedRecords() {
    pending.settle();
    return rollup.overflowedRecords();
  }

  /** Does nothing: a closed ledger goes on to count. */
  @Override
  public void close() {}

  private @Nullable Series series(UsageQuery query) {
    return query.dimension().isEmpty()
        ? rollup.everything()
        : rollup.find(query.dimension().get(), query.value().orElseThrow());
  }

  private static CostStatistics total(Series series, UsageQuery query) {
    return query.from().isEmpty()
        ? series.total()
        : series.total(query.from().get(), query.until().orElse(LocalDate.MAX));
  }

  /** Configures an {@link InMemoryUsageLedger}. Not thread-safe. */
  public static final class Builder {

    private int maximumRecords = DEFAULT_MAXIMUM_RECORDS;
    private int maximumValues = DEFAULT_MAXIMUM_VALUES;
    private int maximumAttributes = DEFAULT_MAXIMUM_ATTRIBUTES;
    private int maximumDays = DEFAULT_MAXIMUM_DAYS;
    private int maximumHours = DEFAULT_MAXIMUM_HOURS;
    private ZoneId zone = ZoneOffset.UTC;
    private UsageDimensions dimensions = UsageDimensions.plain();

    private Builder() {}

    /**
     * How many records are kept, {@value #DEFAULT_MAXIMUM_RECORDS} unless said, rounded up to a
     * multiple of 16 from 4,096 on. With 0 there are totals only: no record is known again by its
     * id, and none can be replaced.
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

    /**
     * How many attributes are dimensions, {@value #DEFAULT_MAXIMUM_ATTRIBUTES} unless said: the
     * first ones that come.
     */
    public Builder maximumAttributes(int attributes) {
      this.maximumAttributes = atLeast(0, "maximumAttributes", attributes);
      return this;
    }

    /**
     * How many days of each value of a dimension are told apart, {@value #DEFAULT_MAXIMUM_DAYS}
     * unless said; of older ones the months, and of what is beyond this number only what it adds to
     * the total of all days. Of everything, 4,000 days are told apart, or this number if it is
     * more.
     */
    public Builder maximumDays(int days) {
      this.maximumDays = atLeast(1, "maximumDays", days);
      return this;
    }

    /** How many hours are told, the latest, {@value #DEFAULT_MAXIMUM_HOURS} unless said. */
    public Builder maximumHours(int hours) {
      this.maximumHours = atLeast(1, "maximumHours", hours);
      return this;
    }

    /**
     * Keeps totals of two dimensions together, under {@link UsageLedger#crossed}, such as what each
     * team spends on each model.
     *
     * @throws IllegalArgumentException if one is blank, or both are the same
     */
    public Builder cross(String first, String second) {
      dimensions = dimensions.cross(first, second);
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

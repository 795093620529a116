package dev.agentops.cost;

import java.time.Instant;
import java.time.LocalDate;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The totals of a ledger: by dimension, value and day, and by hour. Bounded in each. Thread-safe.
 *
 * <p>Old days count as the first of their month once there are too many days, and where even the
 * months are too many, the oldest are kept in the total only.
 */
final class Rollup {

  private final int maximumValues;
  private final int maximumAttributes;
  private final int maximumDays;
  private final int maximumHours;
  private final UsageDimensions names;
  private final Map<String, Dimension> dimensions = new ConcurrentHashMap<>();
  private final int fixedDimensions;
  private final Series everything;
  private final TreeMap<Instant, Tally> hours = new TreeMap<>();
  private final LongAdder overflowed = new LongAdder();
  private volatile LocalDate foldedBefore = LocalDate.MIN;
  private volatile LocalDate forgottenBefore = LocalDate.MIN;

  Rollup(
      int maximumValues,
      int maximumAttributes,
      int maximumDays,
      int maximumHours,
      UsageDimensions names) {
    this.maximumValues = maximumValues;
    this.maximumAttributes = maximumAttributes;
    this.maximumDays = maximumDays;
    this.maximumHours = maximumHours;
    this.names = names;
    everything = newSeries();
    names.fixed().forEach(name -> dimensions.put(name, newDimension()));
    fixedDimensions = dimensions.size();
  }

  /** Finds, or makes, all places where a record counts. */
  Route route(UsageRecord record) {
    Route route = new Route();
    names.of(record).forEach((name, values) -> values.forEach(value -> route.add(name, value)));
    return route;
  }

  /** Adds to all places of a route. */
  void add(Hour hour, Route route, Tally tally) {
    for (Series series : route.series) {
      series.add(hour.day(), tally);
    }
    if (route.overflows) {
      overflowed.add(tally.records());
    }
    addToHour(hour.begin(), tally);
    if (everything.add(hour.day(), tally) > maximumDays) {
      makeRoomForDays();
    }
  }

  Series everything() {
    return everything;
  }

  /** The totals of one value; null where nothing counts there. */
  @Nullable Series find(String dimension, String value) {
    Dimension known = dimensions.get(dimension);
    return known == null ? null : known.find(value);
  }

  Map<String, Series> values(String dimension) {
    Dimension known = dimensions.get(dimension);
    return known == null ? Map.of() : known.values();
  }

  NavigableMap<Instant, CostStatistics> hours(Instant from, Instant until) {
    NavigableMap<Instant, CostStatistics> copy = new TreeMap<>();
    synchronized (hours) {
      hours
          .subMap(from, true, until, false)
          .forEach((hour, tally) -> copy.put(hour, tally.statistics()));
    }
    return copy;
  }

  long overflowedRecords() {
    return overflowed.sum();
  }

  private void addToHour(Instant hour, Tally tally) {
    synchronized (hours) {
      hours.computeIfAbsent(hour, begin -> new Tally()).add(tally);
      if (hours.size() > maximumHours) {
        hours.pollFirstEntry();
      }
    }
  }

  private synchronized void makeRoomForDays() {
    if (everything.dayCount() > maximumDays) {
      foldedBefore = everything.firstDayFrom(foldedBefore).plusDays(1);
      forEachSeries(series -> series.foldBefore(foldedBefore));
    }
    if (everything.dayCount() > maximumDays) {
      forgottenBefore = everything.firstDayFrom(LocalDate.MIN).plusDays(1);
      forEachSeries(series -> series.forgetBefore(forgottenBefore));
    }
  }

  private void forEachSeries(Consumer<Series> action) {
    action.accept(everything);
    dimensions.values().forEach(dimension -> dimension.values().values().forEach(action));
  }

  private @Nullable Dimension dimension(String name) {
    Dimension known = dimensions.get(name);
    return known == null ? makeDimension(name) : known;
  }

  private synchronized @Nullable Dimension makeDimension(String name) {
    boolean room =
        dimensions.containsKey(name) || dimensions.size() - fixedDimensions < maximumAttributes;
    return room ? dimensions.computeIfAbsent(name, key -> newDimension()) : null;
  }

  private Dimension newDimension() {
    return new Dimension(maximumValues, this::newSeries);
  }

  private Series newSeries() {
    return new Series(foldedBefore, forgottenBefore);
  }

  /** All places where records of the same dimensions count. */
  final class Route {

    private final Set<Series> series = new LinkedHashSet<>();
    private boolean overflows;

    private void add(String name, String value) {
      Dimension dimension = dimension(name);
      if (dimension == null) {
        overflows = true;
      } else {
        series.add(dimension.at(value));
        overflows |= !dimension.tellsApart(value);
      }
    }
  }
}

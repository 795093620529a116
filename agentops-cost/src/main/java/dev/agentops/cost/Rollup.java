package dev.agentops.cost;

import java.time.Instant;
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
 * <p>Old days count in their month only once there are too many days, and where even the months are
 * too many, the oldest are kept in the total only. The totals of everything, of which there is one,
 * keep many more days than those of each value.
 */
final class Rollup {

  /** Nearly eleven years. */
  private static final int DAYS_OF_EVERYTHING = 4_000;

  private final int maximumValues;
  private final int maximumAttributes;
  private final int maximumHours;
  private final UsageDimensions names;
  private final Map<String, Dimension> dimensions = new ConcurrentHashMap<>();
  private final int fixedDimensions;
  private final DayBounds boundsOfEverything;
  private final DayBounds boundsOfValues;
  private final TreeMap<Instant, Tally> hours = new TreeMap<>();
  private final LongAdder overflowed = new LongAdder();

  Rollup(
      int maximumValues,
      int maximumAttributes,
      int maximumDays,
      int maximumHours,
      UsageDimensions names) {
    this.maximumValues = maximumValues;
    this.maximumAttributes = maximumAttributes;
    this.maximumHours = maximumHours;
    this.names = names;
    boundsOfEverything = new DayBounds(Math.max(maximumDays, DAYS_OF_EVERYTHING));
    boundsOfValues = new DayBounds(maximumDays);
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
    if (boundsOfEverything.add(hour.day(), tally)) {
      boundsOfEverything.makeRoom(action -> {});
    }
    if (boundsOfValues.add(hour.day(), tally)) {
      boundsOfValues.makeRoom(this::forEachSeries);
    }
  }

  Series everything() {
    return boundsOfEverything.calendar();
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

  private void forEachSeries(Consumer<Series> action) {
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
    return new Dimension(maximumValues, boundsOfValues::newSeries);
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

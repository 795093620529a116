package dev.agentops.alerts.promql;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The series by their labels and by the name of their metric. Reading waits for nobody; the lists
 * are in the order of the labels, and are replaced, never changed. Thread-safe.
 */
final class SeriesIndex {

  private final ConcurrentHashMap<Labels, Series> byLabels = new ConcurrentHashMap<>();
  private final ConcurrentSkipListMap<String, List<Series>> byName = new ConcurrentSkipListMap<>();

  int size() {
    return byLabels.size();
  }

  @Nullable Series get(Labels labels) {
    return byLabels.get(labels);
  }

  /** The series of a metric, or all. */
  List<Series> select(@Nullable String name) {
    if (name != null) {
      return byName.getOrDefault(name, List.of());
    }
    List<Series> all = new ArrayList<>();
    byName.values().forEach(all::addAll);
    return all;
  }

  synchronized Series add(Labels labels, int maxSamples) {
    Series known = byLabels.get(labels);
    if (known != null) {
      return known;
    }
    Series series = new Series(labels, maxSamples);
    List<Series> changed = new ArrayList<>(select(labels.name()));
    int place = changed.size();
    while (place > 0 && changed.get(place - 1).labels().compareTo(labels) > 0) {
      place--;
    }
    changed.add(place, series);
    byName.put(labels.name(), changed);
    byLabels.put(labels, series);
    return series;
  }

  synchronized void removeIf(Predicate<Series> gone) {
    for (String name : List.copyOf(byName.keySet())) {
      List<Series> kept = new ArrayList<>();
      for (Series series : select(name)) {
        if (gone.test(series)) {
          byLabels.remove(series.labels());
        } else {
          kept.add(series);
        }
      }
      if (kept.isEmpty()) {
        byName.remove(name);
      } else if (kept.size() < select(name).size()) {
        byName.put(name, kept);
      }
    }
  }
}

package dev.agentops.alerts.promql;

import dev.agentops.FaultLog;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** Turns current values into samples, and the lack of one into a stale marker. Thread-safe. */
final class Scraper {

  private final MetricStore store;
  private final FaultLog faults;
  private final Map<Labels, MetricSource> instruments = new ConcurrentHashMap<>();
  private final List<MetricSource> sources = new CopyOnWriteArrayList<>();
  private Set<Labels> seen = new HashSet<>();

  Scraper(MetricStore store, FaultLog faults) {
    this.store = store;
    this.faults = faults;
  }

  <T extends MetricSource> T instrument(Labels series, Class<T> type, Function<Labels, T> create) {
    MetricSource instrument = instruments.computeIfAbsent(series, create);
    if (!type.isInstance(instrument)) {
      throw new IllegalArgumentException(
          series + " is a " + instrument.getClass().getSimpleName() + " already");
    }
    return type.cast(instrument);
  }

  void remove(Labels series) {
    instruments.remove(series);
  }

  void add(MetricSource source) {
    sources.add(source);
  }

  void remove(MetricSource source) {
    sources.remove(source);
  }

  long faults() {
    return faults.count();
  }

  synchronized void scrape(long atMillis) {
    Set<Labels> now = new HashSet<>(2 * seen.size());
    MetricSource.Sink sink =
        (series, value) -> {
          if (!now.contains(series) && store.append(series, atMillis, value)) {
            now.add(series);
          }
        };
    instruments.values().forEach(instrument -> instrument.collect(sink));
    for (MetricSource source : sources) {
      try {
        source.collect(sink);
      } catch (Throwable e) {
        faults.report("a source of metrics", e);
      }
    }
    for (Labels series : seen) {
      if (!now.contains(series)) {
        store.end(series, atMillis);
      }
    }
    seen = now;
  }
}

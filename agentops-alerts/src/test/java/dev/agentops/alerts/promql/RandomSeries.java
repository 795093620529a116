package dev.agentops.alerts.promql;

import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;

/** Random series, in a store and in the notation of promtool's unit tests. */
final class RandomSeries {

  private static final int SAMPLES = 30;

  private final MetricStore store = MetricStore.builder().retention(Duration.ofHours(2)).build();
  private final SortedMap<String, String> notation = new TreeMap<>();
  private final long intervalSeconds;
  private final Random random;

  RandomSeries(Random random) {
    this.random = random;
    this.intervalSeconds = new int[] {15, 30, 60}[random.nextInt(3)];
    for (String metric : new String[] {"reqs_total", "errs_total", "temp"}) {
      for (int i = random.nextInt(3) + 2; i > 0; i--) {
        String a = random.nextBoolean() ? "x" : "y";
        String b = Integer.toString(random.nextInt(3) + 1);
        add(metric.equals("temp"), 1, Labels.metric(metric, "a", a, "b", b));
      }
    }
    for (int i = 0; i < 6; i++) {
      String a = i < 3 ? "x" : "y";
      addDistinct(Labels.metric("uniq", "a", a, "b", Integer.toString(i)), i / 64.0);
    }
    for (String a : new String[] {"x", "y"}) {
      double slope = 1;
      for (String le : new String[] {"0.1", "0.5", "1", "+Inf"}) {
        add(false, slope++, Labels.metric("lat_bucket", "a", a, "le", le));
      }
    }
  }

  MetricStore store() {
    return store;
  }

  /** The series as lines of YAML. */
  String yaml() {
    StringBuilder yaml = new StringBuilder("- interval: " + intervalSeconds + "s\n");
    yaml.append("  input_series:\n");
    notation.forEach(
        (series, values) ->
            yaml.append("  - series: '%s'\n    values: '%s'\n".formatted(series, values)));
    return yaml.toString();
  }

  /** A series that never has a value of one with another fraction. */
  private void addDistinct(Labels series, double fraction) {
    StringBuilder values = new StringBuilder();
    for (int i = 0; i < SAMPLES; i++) {
      double value = random.nextInt(100) + fraction;
      values.append(Numbers.format(value)).append(' ');
      store.append(series, Instant.ofEpochSecond(i * intervalSeconds), value);
    }
    notation.put(series.toString(), values.toString().trim());
  }

  private void add(boolean gauge, double slope, Labels series) {
    if (notation.containsKey(series.toString())) {
      return;
    }
    StringBuilder values = new StringBuilder();
    double value = random.nextInt(40) / 4.0;
    for (int i = 0; i < SAMPLES; i++) {
      Instant at = Instant.ofEpochSecond(i * intervalSeconds);
      value = gauge ? random.nextInt(400) / 4.0 - 50 : value + slope * random.nextInt(20) / 4.0;
      value = !gauge && random.nextInt(12) == 0 ? random.nextInt(3) : value;
      int kind = random.nextInt(60);
      if (kind < 8) {
        values.append("_ ");
      } else if (kind == 8) {
        values.append("stale ");
        store.append(series, at, Series.STALE);
      } else {
        double shown = kind == 9 ? Double.NaN : kind == 10 && gauge ? 1 / 0.0 : value;
        values.append(Numbers.format(shown)).append(' ');
        store.append(series, at, shown);
      }
    }
    notation.put(series.toString(), values.toString().trim());
  }
}

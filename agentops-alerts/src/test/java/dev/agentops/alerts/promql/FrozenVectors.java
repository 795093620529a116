package dev.agentops.alerts.promql;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Expressions with the results of Prometheus 2.42, one sample a minute. */
final class FrozenVectors {

  /** An expression, the minute it is evaluated at and its samples. */
  record Vector(String minute, String text, String result) {

    @Override
    public String toString() {
      return text + " at " + minute + "m";
    }
  }

  private static final Map<Labels, String> SERIES = new TreeMap<>();

  static {
    SERIES.put(
        Labels.metric("calls_total", "model", "a", "code", "200"), "0 10 20 30 40 50 60 70 80 90");
    SERIES.put(Labels.metric("calls_total", "model", "a", "code", "500"), "0 0 0 1 2 3 5 8 13 21");
    SERIES.put(Labels.metric("calls_total", "model", "b", "code", "200"), "5 5 5 2 4 4 _ _ 8 8");
    SERIES.put(Labels.metric("limit", "model", "a"), "50 50 50 50 50 50 50 50 50 50");
    SERIES.put(Labels.metric("heap", "pool", "old"), "10 20 30 stale _ _ _ _ _ _");
    SERIES.put(Labels.metric("heap", "pool", "new"), "1 2 4 8 16 NaN Inf 64 -3 0.5");
    SERIES.put(Labels.metric("late_bucket", "le", "0.5"), "0 1 2 3 4 5 6 7 8 9");
    SERIES.put(Labels.metric("late_bucket", "le", "1"), "0 3 6 9 12 15 18 21 24 27");
    SERIES.put(Labels.metric("late_bucket", "le", "+Inf"), "0 4 8 12 16 20 24 28 32 36");
  }

  private static final String VECTORS =
      """
      5   | calls_total{code="200"}               | calls_total{code="200", model="a"} 50; calls_total{code="200", model="b"} 4
      5   | rate(calls_total{code="500"}[4m])     | {code="500", model="a"} 0.0125
      5   | increase(calls_total{code="500"}[5m]) | {code="500", model="a"} 3
      5   | increase(calls_total{model="b"}[5m])  | {code="200", model="b"} 4
      5.5 | increase(calls_total{model="b"}[4m])  | {code="200", model="b"} 5.333333333333333
      2   | heap                                  | heap{pool="new"} 4; heap{pool="old"} 30
      3   | heap                                  | heap{pool="new"} 8
      7   | calls_total{model="b"}                | calls_total{code="200", model="b"} 4
      4   | count_over_time(heap{pool="old"}[5m]) | {pool="old"} 3
      9   | sum by (model) (calls_total) > on (model) limit | {model="a"} 111
      9   | calls_total / on (model) group_left () limit | {code="200", model="a"} 1.8; {code="500", model="a"} 0.42
      9   | calls_total{code="500"} / ignoring (code) calls_total{code="200"} | {model="a"} 0.23333333333333334
      9   | sum(calls_total) by (code)            | {code="200"} 98; {code="500"} 21
      9   | topk(1, calls_total)                  | calls_total{code="200", model="a"} 90
      9   | quantile(0.5, calls_total)            | {} 21
      9   | histogram_quantile(0.5, rate(late_bucket[5m])) | {} 0.75
      9   | histogram_quantile(0.99, late_bucket) | {} 1
      9   | absent(up{job="agent"})               | {job="agent"} 1
      9   | absent(calls_total)                   |
      9   | absent_over_time(up{job=~"x"}[5m])    | {} 1
      6   | max_over_time(heap{pool="new"}[2m])   | {pool="new"} +Inf
      8   | deriv(calls_total{code="200",model="a"}[5m]) | {code="200", model="a"} 0.16666666666666666
      8   | predict_linear(calls_total{code="200",model="a"}[5m], 600) | {code="200", model="a"} 180
      9   | resets(calls_total{model="b"}[9m])    | {code="200", model="b"} 1
      9   | changes(calls_total{model="b"}[9m])   | {code="200", model="b"} 3
      9   | max_over_time(sum(calls_total)[4m:1m]) | {} 119
      9   | calls_total offset 4m and on (code) heap or calls_total{code="500"} | calls_total{code="500", model="a"} 21
      1   | heap == bool 2                        | {pool="new"} 1; {pool="old"} 0
      1   | 2 < heap                              | heap{pool="old"} 20
      1   | label_replace(heap, "kind", "$1-x", "pool", "(o).*") | heap{kind="o-x", pool="old"} 20; heap{pool="new"} 2
      1   | label_join(heap, "all", "+", "pool", "pool") | heap{all="new+new", pool="new"} 2; heap{all="old+old", pool="old"} 20
      1   | -2 ^ 2                                | {} -4
      1   | 2 ^ 3 ^ 2                             | {} 512
      1   | 010 + 0x10                            | {} 24
      1   | 1 ^ NaN                               | {} 1
      1   | -7 % 3                                | {} -1
      1   | vector(time())                        | {} 60
      1   | timestamp(heap{pool="old"} offset 30s) | {pool="old"} 0
      1   | hour(vector(1700000000))              | {} 22
      1   | day_of_week(vector(1700000000))       | {} 2
      1   | log2(vector(8)) + log10(vector(1000)) | {} 6
      1   | clamp(heap, 3, 12)                    | {pool="new"} 3; {pool="old"} 12
      1   | sort_desc(heap)                       | heap{pool="old"} 20; heap{pool="new"} 2
      """;

  private FrozenVectors() {}

  static Stream<Vector> all() {
    return VECTORS
        .lines()
        .map(line -> line.split("\\|", -1))
        .map(part -> new Vector(part[0].trim(), part[1].trim(), part[part.length - 1].trim()));
  }

  static long millis(Vector vector) {
    return Math.round(Double.parseDouble(vector.minute()) * 60_000);
  }

  static MetricStore store() {
    MetricStore store = MetricStore.builder().retention(Duration.ofHours(1)).build();
    SERIES.forEach(
        (series, values) -> {
          List<String> samples = List.of(values.split(" "));
          for (int i = 0; i < samples.size(); i++) {
            Instant at = Instant.ofEpochSecond(60L * i);
            if (samples.get(i).equals("stale")) {
              store.markStale(series, at);
            } else if (!samples.get(i).equals("_")) {
              store.append(series, at, Numbers.parse(samples.get(i)).orElseThrow());
            }
          }
        });
    return store;
  }

  /** The series for promtool. */
  static String yaml() {
    StringBuilder yaml = new StringBuilder("- interval: 1m\n  input_series:\n");
    SERIES.forEach(
        (series, values) ->
            yaml.append("  - series: '%s'\n    values: '%s'\n".formatted(series, values)));
    return yaml.toString();
  }
}

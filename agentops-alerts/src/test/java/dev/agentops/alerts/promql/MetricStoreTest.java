package dev.agentops.alerts.promql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricStoreTest {

  private static final Instant START = Instant.ofEpochSecond(1_700_000_000);
  private static final Labels UP = Labels.metric("up", "job", "agent");

  @Test
  void append_overMaxSeries_rejectsAndCounts() {
    MetricStore store = MetricStore.builder().maxSeries(2).build();

    assertThat(store.append(Labels.metric("a"), START, 1)).isTrue();
    assertThat(store.append(Labels.metric("b"), START, 1)).isTrue();
    assertThat(store.append(Labels.metric("c"), START, 1)).isFalse();

    assertThat(store.append(Labels.metric("a"), START.plusMillis(1), 2)).isTrue();
    assertThat(store.series()).isEqualTo(2);
    assertThat(store.rejectedSeries()).isEqualTo(1);
  }

  @Test
  void append_overMaxSeriesWithExpiredOnes_makesRoom() {
    MetricStore store = MetricStore.builder().maxSeries(2).build();
    store.append(Labels.metric("a"), START, 1);
    store.append(Labels.metric("b"), START.plusSeconds(400), 1);

    assertThat(store.append(Labels.metric("c"), START.plusSeconds(401), 1)).isTrue();
    assertThat(result(store, "{__name__=~\".+\"}", 401)).containsExactly("b 1", "c 1");
  }

  @Test
  void append_notNewer_dropsAndCounts() {
    MetricStore store = MetricStore.create();
    store.append(UP, START, 1);

    assertThat(store.append(UP, START, 2)).isFalse();
    assertThat(store.append(UP, START.minusMillis(1), 3)).isFalse();
    assertThat(store.droppedSamples()).isEqualTo(2);
    assertThat(result(store, "up", 0)).containsExactly("up{job=\"agent\"} 1");
  }

  @Test
  void append_overMaxSamples_losesTheOldest() {
    MetricStore store =
        MetricStore.builder().maxSamplesPerSeries(20).retention(Duration.ofHours(1)).build();
    for (int i = 1; i <= 50; i++) {
      store.append(UP, START.plusSeconds(i), i);
    }

    assertThat(result(store, "count_over_time(up[1h])", 50)).containsExactly("{job=\"agent\"} 20");
    assertThat(result(store, "min_over_time(up[1h])", 50)).containsExactly("{job=\"agent\"} 31");
  }

  @Test
  void retainAtLeast_range_keepsWhatItNeeds() {
    MetricStore store = MetricStore.create();
    store.retainAtLeast(Expression.parse("min_over_time(up[10m])").range());
    for (int i = 0; i <= 60; i++) {
      store.append(UP, START.plusSeconds(60L * i), i);
    }

    assertThat(result(store, "min_over_time(up[10m])", 3600)).containsExactly("{job=\"agent\"} 50");
    assertThat(result(store, "count_over_time(up[1h])", 3600))
        .containsExactly("{job=\"agent\"} 16");
  }

  @Test
  void append_withoutName_isRefused() {
    MetricStore store = MetricStore.create();

    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.append(Labels.of("a", "1"), START, 1))
        .withMessageContaining("{a=\"1\"}");
  }

  @Test
  void builder_badValues_areRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricStore.builder().maxSeries(0))
        .withMessageContaining("0");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricStore.builder().retention(Duration.ofDays(4)))
        .withMessageContaining("PT96H");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricStore.create().retainAtLeast(Duration.ofDays(-1)));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricStore.create().histogram(Labels.metric("h"), 1, 1));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> MetricStore.create().histogram(Labels.metric("h", "le", "1"), 1));
  }

  @Test
  void evaluate_lookback_seesALastValueForItsTimeOnly() {
    MetricStore store = MetricStore.create();
    store.append(UP, START, 1);

    assertThat(result(store, "up", 300)).hasSize(1);
    assertThat(result(store, "up", 300.001)).isEmpty();
    assertThat(result(store, "up", -1)).isEmpty();
  }

  @Test
  void markStale_series_endsIt() {
    MetricStore store = MetricStore.create();
    store.append(UP, START, 1);
    store.markStale(UP, START.plusSeconds(10));
    store.markStale(Labels.metric("other"), START);

    assertThat(result(store, "up", 9)).hasSize(1);
    assertThat(result(store, "up", 10)).isEmpty();
    assertThat(result(store, "count_over_time(up[1m])", 20)).containsExactly("{job=\"agent\"} 1");
    assertThat(store.series()).isEqualTo(1);
  }

  @Test
  void scrape_instruments_becomeSamples() {
    MetricStore store = MetricStore.create();
    Counter calls = store.counter(Labels.metric("calls_total"));
    Gauge heap = store.gauge(Labels.metric("heap"));
    Histogram late = store.histogram(Labels.metric("late", "model", "a"), 0.5, 1);
    calls.increment();
    calls.add(2.5);
    calls.add(-1);
    calls.add(Double.NaN);
    heap.set(10);
    heap.add(-4);
    for (double value : new double[] {0.5, 0.7, 3, Double.NaN}) {
      late.record(value);
    }

    store.scrape(START);

    assertThat(result(store, "{__name__!=\"\"}", 0))
        .containsExactly(
            "calls_total 3.5",
            "heap 6",
            "late_bucket{le=\"+Inf\", model=\"a\"} 3",
            "late_bucket{le=\"0.5\", model=\"a\"} 1",
            "late_bucket{le=\"1\", model=\"a\"} 2",
            "late_count{model=\"a\"} 3",
            "late_sum{model=\"a\"} 4.2");
    assertThat(store.counter(Labels.metric("calls_total"))).isSameAs(calls);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> store.gauge(Labels.metric("calls_total")))
        .withMessageContaining("Counter");
  }

  @Test
  void scrape_removedInstrument_goesStale() {
    MetricStore store = MetricStore.create();
    store.gauge(UP).set(1);
    store.scrape(START);
    store.removeInstrument(UP);
    store.scrape(START.plusSeconds(15));

    assertThat(result(store, "up", 14)).hasSize(1);
    assertThat(result(store, "up", 15)).isEmpty();
  }

  @Test
  void scrape_sourceThatFails_keepsTheOthers() {
    MetricStore store = MetricStore.create();
    boolean[] fails = new boolean[1];
    MetricSource source =
        sink -> {
          sink.add(Labels.metric("first"), 1);
          if (fails[0]) {
            throw new AssertionError("broken");
          }
          sink.add(Labels.metric("second"), 2);
        };
    store.addSource(source);
    store.gauge(UP).set(1);
    store.scrape(START);
    fails[0] = true;
    store.scrape(START.plusSeconds(15));

    assertThat(result(store, "{__name__=~\".+\"}", 15))
        .containsExactly("first 1", "up{job=\"agent\"} 1");
    assertThat(store.sourceFaults()).isEqualTo(1);

    store.removeSource(source);
    store.scrape(START.plusSeconds(30));
    assertThat(result(store, "{__name__=~\".+\"}", 30)).containsExactly("up{job=\"agent\"} 1");
  }

  @Test
  void scrape_seriesWithoutNewSamples_areForgotten() {
    MetricStore store = MetricStore.create();
    store.append(UP, START, 1);
    store.scrape(START.plusSeconds(1));
    assertThat(store.series()).isEqualTo(1);

    store.scrape(START.plusSeconds(302));
    assertThat(store.series()).isZero();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void evaluate_randomAppends_equalsASortedMap(long seed) {
    Random random = new Random(seed);
    int maxSamples = 1 + random.nextInt(60);
    MetricStore store =
        MetricStore.builder()
            .maxSamplesPerSeries(maxSamples)
            .lookback(Duration.ZERO)
            .retention(Duration.ofSeconds(300))
            .build();
    Expression sum = Expression.parse("sum_over_time(up[200s])");
    TreeMap<Long, Double> kept = new TreeMap<>();
    long now = 0;
    for (int i = 0; i < 2_000; i++) {
      now += random.nextInt(20);
      double value = random.nextInt(100);
      if (store.append(UP, START.plusSeconds(now), value)) {
        kept.put(now, value);
        kept.headMap(now - 300).clear();
      }
      while (kept.size() > maxSamples) {
        kept.pollFirstEntry();
      }
      long at = now - random.nextInt(60);
      double expected =
          kept.subMap(at - 200, true, at, true).values().stream().mapToDouble(v -> v).sum();
      List<Sample> result = sum.evaluate(store, START.plusSeconds(at));
      assertThat(result.isEmpty() ? 0 : result.get(0).value()).isEqualTo(expected);
    }
  }

  @Test
  void counters_manyThreadsAndScrapes_loseNothing() throws Exception {
    MetricStore store = MetricStore.builder().retention(Duration.ofHours(1)).build();
    int threads = 4;
    int adds = 5_000;
    ExecutorService pool = Executors.newFixedThreadPool(threads + 1);
    CountDownLatch start = new CountDownLatch(1);
    List<Future<?>> done = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      String model = "m" + t;
      done.add(
          pool.submit(
              () -> {
                start.await();
                for (int i = 0; i < adds; i++) {
                  store.counter(Labels.metric("calls_total")).increment();
                  store.gauge(Labels.metric("inflight", "model", model)).set(i);
                }
                return null;
              }));
    }
    done.add(
        pool.submit(
            () -> {
              start.await();
              for (int i = 1; i <= 200; i++) {
                store.scrape(START.plusMillis(i));
                assertThat(result(store, "resets(calls_total[1m])", i / 1e3))
                    .allMatch(sample -> sample.equals("{} 0"));
              }
              return null;
            }));
    start.countDown();
    for (Future<?> future : done) {
      future.get();
    }
    pool.shutdown();

    store.scrape(START.plusSeconds(1));
    assertThat(result(store, "calls_total", 1)).containsExactly("calls_total " + threads * adds);
    assertThat(result(store, "inflight", 1)).hasSize(threads);
    assertThat(store.droppedSamples()).isZero();
  }

  private static List<String> result(MetricStore store, String text, double secondsAfterStart) {
    Instant at = START.plusMillis(Math.round(secondsAfterStart * 1000));
    return Expression.parse(text).evaluate(store, at).stream().map(Sample::toString).toList();
  }
}

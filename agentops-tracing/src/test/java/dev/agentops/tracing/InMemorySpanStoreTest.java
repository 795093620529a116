package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Attributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class InMemorySpanStoreTest extends SpanStoreContract {

  private static final long PLENTY = 1L << 30;

  @Override
  protected SpanStore newStore() {
    return SpanStore.inMemory(20_000, PLENTY);
  }

  @Test
  void inMemory_boundNotPositive() {
    assertThatThrownBy(() -> SpanStore.inMemory(0, 1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maximumSpans must be positive: 0");
    assertThatThrownBy(() -> SpanStore.inMemory(1, -1))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("maximumBytes must be positive: -1");
  }

  @Test
  void add_overMaximumSpans_dropsOldestTraceWhole() {
    SpanStore store = SpanStore.inMemory(4, PLENTY);
    store.add(List.of(span("old", "a", 0).build()));
    store.add(List.of(span("new", "b", 1).build()));
    store.add(List.of(span("old", "c", 2).build()));
    store.add(List.of(span("new", "d", 3).build()));

    store.add(List.of(span("newest", "e", 4).build()));

    assertThat(store.find(SpanQuery.all())).extracting(Span::spanId).containsExactly("b", "d", "e");
    assertThat(store.find(SpanQuery.ofTrace("old"))).isEmpty();
    assertThat(store.droppedSpans()).isEqualTo(2);
  }

  @Test
  void add_oneTraceOverMaximumSpans_dropsItsOldestSpans() {
    SpanStore store = SpanStore.inMemory(3, PLENTY);
    for (int i = 0; i < 10; i++) {
      store.add(List.of(span("t", "s" + i, i).build()));
    }

    assertThat(store.find(SpanQuery.all()))
        .extracting(Span::spanId)
        .containsExactly("s7", "s8", "s9");
    assertThat(store.droppedSpans()).isEqualTo(7);
  }

  @Test
  void add_overMaximumBytes_dropsOldestTraces() {
    SpanStore store = SpanStore.inMemory(1_000, 100_000);
    for (int i = 0; i < 10; i++) {
      store.add(List.of(span("t" + i, "s" + i, i).input("x".repeat(30_000)).build()));
    }

    assertThat(store.find(SpanQuery.all()))
        .extracting(Span::spanId)
        .containsExactly("s7", "s8", "s9");
    assertThat(store.droppedSpans()).isEqualTo(7);
  }

  @Test
  void add_oneSpanOverMaximumBytes_isDroppedAlone() {
    SpanStore store = SpanStore.inMemory(1_000, 100_000);
    store.add(List.of(span("small", "kept", 0).build()));
    store.add(List.of(span("large", "s", 1).output(List.of("日".repeat(60_000))).build()));

    assertThat(store.find(SpanQuery.all())).extracting(Span::spanId).containsExactly("kept");
    assertThat(store.droppedSpans()).isEqualTo(1);
  }

  @Test
  void add_afterItsTraceWasDropped_startsItAnew() {
    SpanStore store = SpanStore.inMemory(1, PLENTY);
    store.add(List.of(span("t", "a", 0).build()));
    store.add(List.of(span("u", "b", 1).build()));
    store.add(List.of(span("t", "c", 2).build()));

    assertThat(store.find(SpanQuery.all())).extracting(Span::spanId).containsExactly("c");
  }

  private record Page(String title, String text) {}

  @Test
  void add_recordsAndScopesAndIds_countTowardsMaximumBytes() {
    String large = "x".repeat(60_000);
    List<Span.Builder> spans =
        List.of(
            span("t", "s", 0).input(new Page("title", large)),
            span("t", "s", 0).output(List.of(new Page("title", large))),
            span("t", "s", 0).agentName(large),
            span("t", "s", 0).name(large),
            span(large, "s", 0),
            span("t", "s", 0).scopeAttributes(Attributes.of("user.id", large)));

    for (Span.Builder span : spans) {
      SpanStore store = SpanStore.inMemory(10, 50_000);
      store.add(List.of(span.build()));
      assertThat(store.droppedSpans()).isEqualTo(1);
    }
  }

  @Test
  void add_objectsThatCannotBeLookedInto_countAFlatAmount() {
    SpanStore store = SpanStore.inMemory(1_000, 100_000);
    for (int i = 0; i < 200; i++) {
      store.add(List.of(span("t" + i, "s", i).input(new StringBuilderHolder()).build()));
    }

    assertThat(store.find(SpanQuery.all())).hasSizeBetween(30, 97);
  }

  private static final class StringBuilderHolder {}

  @ParameterizedTest
  @CsvSource({"1, 50, 60", "2, 50, 60", "3, 1, 2", "4, 2, 3", "5, 2, 1000", "6, 5, 8"})
  void add_randomised_neverLosesCountNorExceedsBound(long seed, int maximum, int traces)
      throws Exception {
    int threads = 6;
    int each = 10_000;
    InMemorySpanStore store = new InMemorySpanStore(maximum, PLENTY);
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Future<?>> tasks = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        Random random = new Random(seed * 31 + t);
        String prefix = t + "-";
        tasks.add(
            pool.submit(
                () -> {
                  for (int i = 0; i < each; i++) {
                    // few enough traces that threads meet in them while they are dropped
                    store.add(List.of(span("t" + random.nextInt(traces), prefix + i, i).build()));
                    assertThat(store.size()).isLessThanOrEqualTo(maximum + threads);
                  }
                }));
      }
      for (Future<?> task : tasks) {
        task.get();
      }
    } finally {
      pool.shutdownNow();
    }

    List<Span> kept = store.find(SpanQuery.all());
    assertThat(kept).extracting(Span::spanId).doesNotHaveDuplicates();
    assertThat(kept.size()).isBetween(1, maximum);
    assertThat(kept.size() + store.droppedSpans()).isEqualTo((long) threads * each);
  }
}

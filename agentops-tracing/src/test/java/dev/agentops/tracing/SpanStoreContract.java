package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Attributes;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store promises; each back end extends it. */
abstract class SpanStoreContract {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private SpanStore store;

  /** An empty store with room for a thousand small spans. */
  abstract SpanStore newStore();

  @BeforeEach
  void createStore() {
    store = newStore();
  }

  @AfterEach
  void closeStore() {
    store.close();
  }

  @Test
  void find_empty() {
    assertThat(store.find(SpanQuery.all())).isEmpty();
    assertThat(store.droppedSpans()).isZero();
  }

  @Test
  void find_ordersByStartThenByArrival() {
    store.add(List.of(span("t", "child", 1).build()));
    store.add(List.of(span("t", "root", 0).build()));
    store.add(List.of(span("u", "sameStart", 1).build()));

    assertThat(store.find(SpanQuery.all()))
        .extracting(Span::spanId)
        .containsExactly("root", "child", "sameStart");
  }

  @Test
  void find_byAgent() {
    store.add(List.of(span("t", "a", 0).agentName("writer").build()));
    store.add(List.of(span("t", "b", 1).agentName("reader").build()));
    store.add(List.of(span("u", "c", 2).agentName("writer").build()));

    assertThat(store.find(SpanQuery.ofAgent("writer")))
        .extracting(Span::spanId)
        .containsExactly("a", "c");
    assertThat(store.find(SpanQuery.ofAgent("nobody"))).isEmpty();
  }

  @Test
  void find_byTrace() {
    store.add(List.of(span("t", "a", 0).build()));
    store.add(List.of(span("u", "b", 1).build()));

    assertThat(store.find(SpanQuery.ofTrace("u"))).extracting(Span::spanId).containsExactly("b");
    assertThat(store.find(SpanQuery.ofTrace("no such trace"))).isEmpty();
  }

  @Test
  void find_keepsEveryPart() {
    Attributes attributes =
        Attributes.of("text", "x", "count", 7, "share", 0.5, "list", List.of("a", "b"));
    Span added =
        span("t", "a", 3)
            .parentSpanId("p")
            .name("chat gpt-4")
            .kind(SpanKind.CLIENT)
            .status(SpanStatus.ERROR)
            .error("java.lang.IllegalStateException: boom")
            .input(Map.of("query", "hello"))
            .output("hi")
            .metadata(Map.of("tokens", 100))
            .attributes(attributes)
            .event(new SpanEvent("retry", START.plusSeconds(4), Attributes.of("attempt", 2)))
            .duration(Duration.ofMillis(1_234))
            .build();

    store.add(List.of(added));

    Span found = store.find(SpanQuery.all()).get(0);
    assertThat(found.traceId()).isEqualTo("t");
    assertThat(found.spanId()).isEqualTo("a");
    assertThat(found.parentSpanId()).isEqualTo("p");
    assertThat(found.name()).isEqualTo("chat gpt-4");
    assertThat(found.kind()).isEqualTo(SpanKind.CLIENT);
    assertThat(found.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(found.error()).isEqualTo("java.lang.IllegalStateException: boom");
    assertThat(found.input()).isEqualTo(Map.of("query", "hello"));
    assertThat(found.output()).isEqualTo("hi");
    assertThat(found.metadata()).isEqualTo(Map.of("tokens", 100));
    assertThat(found.attributes()).isEqualTo(attributes);
    assertThat(found.events()).isEqualTo(added.events());
    assertThat(found.startTime()).isEqualTo(START.plusSeconds(3));
    assertThat(found.duration()).isEqualTo(Duration.ofMillis(1_234));
  }

  @Test
  void find_resultDoesNotChange() {
    store.add(List.of(span("t", "a", 0).build()));
    List<Span> found = store.find(SpanQuery.all());
    store.add(List.of(span("t", "b", 1).build()));

    assertThat(found).hasSize(1);
    assertThatThrownBy(() -> found.add(found.get(0)))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void add_fromManyThreads() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<?>> tasks = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        int thread = t;
        tasks.add(
            threads.submit(
                () -> {
                  for (int i = 0; i < 100; i++) {
                    store.add(List.of(span("trace" + i % 10, thread + "-" + i, i).build()));
                  }
                }));
      }
      for (Future<?> task : tasks) {
        task.get();
      }
    } finally {
      threads.shutdownNow();
    }

    assertThat(store.find(SpanQuery.all()))
        .extracting(Span::spanId)
        .hasSize(800)
        .doesNotHaveDuplicates();
    assertThat(store.find(SpanQuery.ofTrace("trace3"))).hasSize(80);
    assertThat(store.droppedSpans()).isZero();
  }

  @Test
  void close_twice() {
    store.close();
    store.close();
  }

  static Span.Builder span(String traceId, String spanId, long startSecond) {
    return Span.builder()
        .traceId(traceId)
        .spanId(spanId)
        .agentName("agent")
        .action("act")
        .startTime(START.plusSeconds(startSecond));
  }
}

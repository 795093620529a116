package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.agentops.Context;
import dev.agentops.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees of spans that many threads build at once, in every way there is to open and close one. */
class TracerRandomisedTest {

  private static final int THREADS = 8;
  private static final int TREES = 150;

  private final Tracer tracer =
      Tracer.builder().maximumSpans(1_000_000).maximumBytes(1L << 40).build();
  private final Map<String, Expected> expected = new ConcurrentHashMap<>();
  private final ExecutorService helpers = Executors.newCachedThreadPool();

  @ParameterizedTest
  @ValueSource(longs = {11, 12, 13, 14, 15})
  void spans_randomTrees_endOnceWithTheirTrueParents(long seed) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(THREADS);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        Random random = new Random(seed * 1_000 + t);
        running.add(threads.submit(() -> plant(random)));
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
      helpers.shutdownNow();
    }

    List<Span> spans = tracer.spans();
    assertThat(spans).hasSize(expected.size());
    Map<String, Expected> actual = new HashMap<>();
    spans.forEach(
        span -> actual.put(span.spanId(), new Expected(span.traceId(), span.parentSpanId())));
    assertThat(actual).isEqualTo(expected);
    assertThat(spans).noneMatch(span -> span.status() == SpanStatus.RUNNING);
    assertThat(tracer.openSpans()).isEmpty();
    assertThat(tracer.droppedSpans()).isZero();
  }

  private void plant(Random random) {
    for (int i = 0; i < TREES; i++) {
      grow(random, null, 0);
      assertThat(Context.current()).isSameAs(Context.root());
    }
  }

  private void grow(Random random, TraceContext parent, int depth) {
    switch (random.nextInt(6)) {
      case 0 -> {
        try (TraceContext root = tracer.startTrace("agent", "root")) {
          expect(root, null);
          branch(random, root, depth);
        }
      }
      case 1 ->
          tracer.trace(
              "agent",
              "body",
              span -> {
                expect(span, parent);
                branch(random, span, depth);
                return null;
              });
      case 2 -> {
        try {
          tracer.trace(
              "agent",
              "throws",
              span -> {
                expect(span, parent);
                branch(random, span, depth);
                throw new IllegalStateException("on purpose");
              });
        } catch (IllegalStateException e) {
          assertThat(e).hasMessage("on purpose");
        }
      }
      case 3 -> onAnotherThread(Scope.wrap(() -> grow(random, parent, depth + 1)));
      case 4 -> {
        TraceContext span = tracer.startSpan("agent", "closed elsewhere first");
        expect(span, parent);
        branch(random, span, depth);
        onAnotherThread(span::close);
        span.close();
      }
      default -> {
        try (TraceContext span = tracer.startSpan("agent", "span")) {
          expect(span, parent);
          branch(random, span, depth);
          span.close();
        }
      }
    }
  }

  private void branch(Random random, TraceContext span, int depth) {
    span.setAttribute("depth", depth).setInput(depth);
    int children = depth > 4 ? 0 : random.nextInt(3);
    for (int i = 0; i < children; i++) {
      grow(random, span, depth + 1);
    }
  }

  private void expect(TraceContext span, TraceContext parent) {
    String traceId = parent == null ? span.traceId() : parent.traceId();
    Expected before =
        expected.put(span.spanId(), new Expected(traceId, parent == null ? null : parent.spanId()));
    assertThat(before).isNull();
  }

  private void onAnotherThread(Runnable task) {
    try {
      helpers.submit(task).get();
    } catch (InterruptedException | ExecutionException e) {
      throw new AssertionError(e);
    }
  }

  private record Expected(String traceId, String parentSpanId) {}
}

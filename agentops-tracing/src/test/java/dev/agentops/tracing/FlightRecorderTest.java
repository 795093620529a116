package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Context;
import dev.agentops.Cost;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import dev.agentops.Usage;
import java.time.Duration;
import java.util.AbstractList;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a tracer shows of running traces, and what it gives up when there is too much of them. */
class FlightRecorderTest {

  private final TestClock clock = TestClock.create();

  @Test
  void active_showsRunningTracesWithTheirCostSoFar() {
    Tracer tracer = Tracer.builder().clock(clock).build();
    tracer.startTrace("done", "invoke_agent").close();
    try (TraceContext root = tracer.startTrace("support", "invoke_agent")) {
      clock.advance(Duration.ofSeconds(2));
      tracer.startSpan("support", "chat").recordUsage(Usage.of(10, 5), Cost.usd("0.02")).close();
      tracer.startSpan("support", "chat").recordUsage(Usage.of(10, 5), Cost.usd("0.03")).close();
      clock.advance(Duration.ofSeconds(1));

      Trace running = tracer.active().get(0);
      assertThat(tracer.active()).hasSize(1);
      assertThat(running.traceId()).isEqualTo(root.traceId());
      assertThat(running.status()).isEqualTo(SpanStatus.RUNNING);
      assertThat(running.cost()).isEqualTo(Cost.usd("0.05"));
      assertThat(running.inputTokens()).isEqualTo(20);
      assertThat(running.duration()).isEqualTo(Duration.ofSeconds(3));
      assertThat(running.children(running.root())).hasSize(2);
    }
    assertThat(tracer.active()).isEmpty();
  }

  @Test
  void startSpan_tenThousandChildren_areKept() {
    Tracer tracer = Tracer.builder().maximumSpans(20_000).build();
    try (TraceContext root = tracer.startTrace("root", "act")) {
      for (int i = 0; i < 10_000; i++) {
        tracer.startSpan("child", "act").close();
      }
      assertThat(tracer.spans("child")).hasSize(10_000);
    }

    Trace trace = Trace.of(tracer.spans());
    assertThat(trace.children(trace.root())).hasSize(10_000);
    assertThat(tracer.droppedSpans()).isZero();
  }

  @Test
  void startSpan_moreThanIsKeptOfATrace_keepsTheFirst() {
    Tracer tracer = Tracer.builder().maximumSpans(10).build();
    try (TraceContext root = tracer.startTrace("root", "act")) {
      for (int i = 0; i < 50; i++) {
        try (TraceContext child = tracer.startSpan("child", "act")) {
          child.recordUsage(Usage.of(1, 1), null);
          tracer.startSpan("grandchild", "act").close();
        }
      }
    }

    assertThat(tracer.spans()).hasSize(10);
    assertThat(tracer.spans("root")).hasSize(1);
    assertThat(tracer.dropped(DropReason.TRACE_FULL).spans()).isEqualTo(101 - 10);
    assertThat(tracer.dropped(DropReason.TRACE_FULL).inputTokens())
        .isEqualTo(50 - tracer.spans("child").size());
  }

  @Test
  void end_runningTracesHoldTooMuch_givesUpContentAndKeepsTheRest() {
    Tracer tracer = Tracer.builder().maximumBytes(100_000).build();
    try (TraceContext root = tracer.startTrace("root", "act")) {
      for (int i = 0; i < 20; i++) {
        tracer
            .startSpan("child", "act")
            .setInput("x".repeat(20_000))
            .recordUsage(Usage.of(3, 2), Cost.usd("0.01"))
            .close();
      }

      List<Span> children = tracer.spans("child");
      assertThat(children).hasSize(20);
      assertThat(children).filteredOn(span -> span.input() != null).hasSize(4);
      assertThat(children)
          .filteredOn(span -> span.attribute(GenAiAttributes.CONTENT_DROPPED) != null)
          .hasSize(16);
      assertThat(Trace.of(children).cost()).isEqualTo(Cost.usd("0.20"));
    }

    tracer.startSpan("later", "act").setInput("x".repeat(20_000)).close();
    assertThat(tracer.spans("later").get(0).input()).isNotNull();
  }

  @Test
  void startTrace_moreThanCanBeFollowed_areCountedAndHarmless() {
    Tracer tracer = Tracer.create();
    List<TraceContext> open = new ArrayList<>();
    int most = 65_536;
    for (int i = 0; i < most + 10; i++) {
      open.add(tracer.open(Context.root(), "agent", "act"));
    }
    assertThat(tracer.dropped(DropReason.TOO_MANY_RUNNING).spans()).isEqualTo(10);
    assertThat(tracer.activeTraces()).isEqualTo(most);

    open.forEach(TraceContext::close);
    tracer.startTrace("next", "act").close();

    assertThat(tracer.activeTraces()).isZero();
    assertThat(tracer.spans("next")).hasSize(1);
  }

  @Test
  void close_hasWhatEndedInATraceThatGoesOn() {
    Tracer tracer = Tracer.create();
    TraceContext root = tracer.startTrace("root", "act");
    tracer.startSpan("child", "act").close();
    tracer.close();
    root.close();

    assertThat(tracer.spans()).extracting(Span::agentName).containsExactly("child");
    assertThat(tracer.dropped(DropReason.CLOSED).spans()).isEqualTo(1);
  }

  @Test
  void end_inputThatCannotBeWeighed_endsTheSpanAllTheSame() {
    Tracer tracer = Tracer.create();
    List<Object> broken =
        new AbstractList<>() {
          @Override
          public Object get(int index) {
            throw new NoClassDefFoundError("on purpose");
          }

          @Override
          public int size() {
            return 1;
          }
        };
    tracer.startTrace("agent", "act").setInput(broken).close();

    assertThat(tracer.activeTraces()).isZero();
    assertThat(tracer.spans()).hasSize(1);
  }

  @Test
  void trace_stackOverflows_isEndedAtLast() {
    Tracer tracer = Tracer.builder().clock(clock).maximumSpans(100_000).build();
    // all classes are loaded before the stack is full
    assertThatThrownBy(() -> tracer.trace("warm-up", "act", span -> fail()))
        .isInstanceOf(StackOverflowError.class);
    assertThatThrownBy(() -> recurse(tracer)).isInstanceOf(StackOverflowError.class);
    clock.advance(Duration.ofHours(3));

    assertThat(tracer.activeTraces()).isZero();
    assertThat(tracer.openSpans()).isEmpty();
    assertThat(tracer.currentSpan()).isEmpty();
    assertThat(tracer.spans().size()).isGreaterThan(10);
  }

  private static Object fail() {
    throw new StackOverflowError();
  }

  private static void recurse(Tracer tracer) {
    tracer.trace(
        "agent",
        "act",
        span -> {
          recurse(tracer);
          return null;
        });
  }

  @Test
  void setInput_largeCyclicList_isWeighedInBoundedTime() {
    List<Object> cyclic = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      cyclic.add(cyclic);
    }
    Tracer tracer = Tracer.builder().maximumBytes(1_000_000).build();
    tracer.startTrace("agent", "act").setInput(cyclic).close();
    for (int i = 0; i < 20; i++) {
      tracer.startTrace("small", "act").setInput("x".repeat(100_000)).close();
    }

    assertThat(tracer.spans("small").size()).isBetween(5, 10); // the bound still holds
  }

  @Test
  void end_underMemoryPressure_keepsParentErrorAndShortAttributes() {
    Tracer tracer = Tracer.builder().maximumBytes(10_000).build();
    TraceParent parent = TraceParent.of("1".repeat(32), "2".repeat(16), true);
    try (TraceContext root = tracer.continueTrace(parent, "agent", "act")) {
      root.setInput("x".repeat(20_000))
          .setAttribute(GenAiAttributes.REQUEST_MODEL, "gpt-4")
          .setAttribute("long", "y".repeat(5_000))
          .recordError(new IllegalStateException("boom"));
    }

    Span span = tracer.spans().get(0);
    assertThat(span.input()).isNull();
    assertThat(span.parentSpanId()).isEqualTo("2".repeat(16));
    assertThat(span.isRoot()).isTrue();
    assertThat(span.error()).isEqualTo("java.lang.IllegalStateException: boom");
    assertThat(span.attribute(GenAiAttributes.REQUEST_MODEL)).isEqualTo("gpt-4");
    assertThat(span.attribute("long")).isNull();
  }

  @Test
  void lateSpans_ofTracesThatAreGone_doNotDisturbTheBound() throws Exception {
    Tracer tracer = Tracer.builder().maximumSpans(6_400).build();
    List<Runnable> late = new ArrayList<>();
    for (int i = 0; i < 3_000; i++) {
      try (TraceContext root = tracer.startTrace("early", "act")) {
        late.add(Scope.wrap(() -> tracer.startSpan("late", "act").close()));
      }
    }
    for (int i = 0; i < 10_000; i++) {
      tracer.startTrace("filler", "act").close();
    }
    Thread other = new Thread(() -> late.forEach(Runnable::run));
    other.start();
    other.join();
    for (int i = 0; i < 10_000; i++) {
      tracer.startTrace("filler", "act").close();
    }

    assertThat(tracer.spans().size()).isBetween(5_000, 6_400);
    assertThat(tracer.spans().size() + tracer.droppedSpans()).isEqualTo(3_000 + 3_000 + 20_000);
  }

  @ParameterizedTest
  @CsvSource({"1, false", "2, true", "3, false", "4, true"})
  void lateSpans_ofManyThreads_areKeptOrCountedOnce(long seed, boolean background)
      throws Exception {
    TracerBuilder builder = Tracer.builder().maximumSpans(500);
    if (background) {
      builder.tailSampler(TailSampler.builder().keepRatio(0.5).build());
    }
    Tracer tracer = builder.build();
    AtomicLong started = new AtomicLong();
    ExecutorService threads = Executors.newFixedThreadPool(6);
    try {
      List<Future<?>> running = new ArrayList<>();
      for (int t = 0; t < 400; t++) {
        TraceContext root = tracer.startTrace("agent", "act");
        started.incrementAndGet();
        Random random = new Random(seed * 1_000 + t);
        for (int i = 0; i < 6; i++) {
          Runnable late =
              Scope.wrap(
                  () -> {
                    started.incrementAndGet();
                    tracer.startSpan("late", "act").setAttribute("i", 1).close();
                  });
          running.add(threads.submit(late));
        }
        if (random.nextBoolean()) {
          Thread.yield();
        }
        root.close();
      }
      for (Future<?> one : running) {
        one.get();
      }
    } finally {
      threads.shutdownNow();
    }

    List<Span> kept = tracer.spans();
    assertThat(kept).extracting(Span::spanId).doesNotHaveDuplicates();
    assertThat(kept.size() + tracer.droppedSpans()).isEqualTo(started.get());
    assertThat(kept.size()).isLessThanOrEqualTo(500 + 64);
    assertThat(tracer.openSpans()).isEmpty();
    tracer.close();
  }
}

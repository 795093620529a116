package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Attributes;
import dev.agentops.Context;
import dev.agentops.Scope;
import dev.agentops.TestClock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class TracerTest {

  private final TestClock clock = TestClock.create();
  private final Tracer tracer = Tracer.builder().clock(clock).build();

  @AfterEach
  void nothingIsLeftBehind() {
    tracer.close();
    assertThat(Context.current()).isSameAs(Context.root());
  }

  @Test
  void startTrace_recordsWhatWasSet() {
    try (TraceContext span = tracer.startTrace("trace_1", "my_agent", "process")) {
      clock.advance(Duration.ofMillis(10));
      span.setInput(Map.of("query", "hello")).setOutput("hi").setMetadata(Map.of("tokens", 100));
      span.setAttribute("rows", 3)
          .setAttribute("share", 0.5)
          .setAttribute("ok", true)
          .setAttribute("who", "me");
      span.setAttribute("list", List.of("a", "b"));
      span.event("retry", Attributes.of("attempt", 2));
      clock.advance(Duration.ofMillis(5));
    }

    Span span = only(tracer.spans("my_agent"));
    assertThat(span.traceId()).isEqualTo("trace_1");
    assertThat(span.spanId()).matches("[0-9a-f]{16}");
    assertThat(span.parentSpanId()).isNull();
    assertThat(span.action()).isEqualTo("process");
    assertThat(span.name()).isEqualTo("process my_agent");
    assertThat(span.kind()).isEqualTo(SpanKind.INTERNAL);
    assertThat(span.status()).isEqualTo(SpanStatus.OK);
    assertThat(span.error()).isNull();
    assertThat(span.input()).isEqualTo(Map.of("query", "hello"));
    assertThat(span.output()).isEqualTo("hi");
    assertThat(span.metadata()).isEqualTo(Map.of("tokens", 100));
    assertThat(span.attributes().asMap())
        .isEqualTo(
            Map.of("rows", 3L, "share", 0.5, "ok", true, "who", "me", "list", List.of("a", "b")));
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    assertThat(span.startTime()).isEqualTo(start);
    assertThat(span.duration()).isEqualTo(Duration.ofMillis(15));
    assertThat(span.events())
        .containsExactly(new SpanEvent("retry", start.plusMillis(10), Attributes.of("attempt", 2)));
  }

  @Test
  void startSpan_isChildOfCurrent() {
    try (TraceContext root = tracer.startTrace("agent", "act")) {
      try (TraceContext child = tracer.startSpan("tool", "lookup")) {
        assertThat(tracer.currentSpan()).contains(child);
        assertThat(child.traceId()).isEqualTo(root.traceId());
      }
      assertThat(tracer.currentSpan()).contains(root);
      tracer.startSpan("sibling", "lookup").close();
    }

    String root = only(tracer.spans("agent")).spanId();
    assertThat(only(tracer.spans("tool")).parentSpanId()).isEqualTo(root);
    assertThat(only(tracer.spans("sibling")).parentSpanId()).isEqualTo(root);
    assertThat(tracer.currentSpan()).isEmpty();
  }

  @Test
  void startTrace_insideAnother_isARoot() {
    try (TraceContext outer = tracer.startTrace("outer", "act");
        TraceContext inner = tracer.startTrace("inner", "act")) {
      assertThat(inner.traceId()).isNotEqualTo(outer.traceId());
    }

    assertThat(only(tracer.spans("inner")).parentSpanId()).isNull();
  }

  @Test
  void startTrace_wallClockSetBack_childStillBeginsAfterItsParent() {
    try (TraceContext root = tracer.startTrace("root", "act")) {
      clock.setWallTime(Instant.parse("2025-06-01T00:00:00Z"));
      clock.advance(Duration.ofSeconds(1));
      tracer.startSpan("child", "act").close();
    }

    assertThat(only(tracer.spans("child")).startTime())
        .isEqualTo(only(tracer.spans("root")).startTime().plusSeconds(1));
  }

  @Test
  void startTrace_namesMissing_areUnknown() {
    tracer.startTrace(null, " ").close();
    tracer.startTrace(null, "agent", "act").close();
    tracer.startTrace(" ", "agent", "act").close();

    assertThat(only(tracer.spans("unknown")).action()).isEqualTo("unknown");
    assertThat(tracer.spans("agent"))
        .extracting(Span::traceId)
        .allMatch(id -> id.matches("[0-9a-f]{32}"));
  }

  @Test
  void startTrace_invokeAgent_followsTheConventions() {
    tracer.startTrace("support", "invoke_agent").close();

    Span span = only(tracer.spans());
    assertThat(span.name()).isEqualTo("invoke_agent support");
    assertThat(span.attributes().asMap())
        .isEqualTo(Map.of("gen_ai.operation.name", "invoke_agent", "gen_ai.agent.name", "support"));
  }

  @Test
  void startSpan_twoTracers_doNotMix() {
    try (Tracer other = Tracer.create();
        TraceContext mine = tracer.startTrace("mine", "act")) {
      other.startSpan("other", "act").close();

      assertThat(only(other.spans()).parentSpanId()).isNull();
      assertThat(only(other.spans()).traceId()).isNotEqualTo(mine.traceId());
    }
  }

  @Test
  void startSpan_attributesOfScopes_areOnEverySpan() {
    Attributes who = Attributes.of("user.id", "alice", "session.id", "s1");
    try (Scope scope = Context.current().with(who).makeCurrent();
        TraceContext root = tracer.startTrace("root", "act")) {
      tracer.startSpan("child", "act").setAttribute("user.id", "bob").close();
    }

    assertThat(only(tracer.spans("root")).attributes()).isEqualTo(who);
    assertThat(only(tracer.spans("child")).attributes()).isEqualTo(who.with("user.id", "bob"));
  }

  @Test
  void trace_returnsTheValueOfTheBody() {
    String answer = tracer.trace("agent", "plan", span -> "a plan");
    Object nothing = tracer.trace("agent", "nothing", span -> null);

    assertThat(answer).isEqualTo("a plan");
    assertThat(nothing).isNull();
    assertThat(tracer.spans("agent")).hasSize(2).allMatch(span -> span.status() == SpanStatus.OK);
  }

  @Test
  void trace_recordsAndRethrowsWhatTheBodyThrows() {
    IllegalStateException boom = new IllegalStateException("boom");
    assertThatThrownBy(
            () ->
                tracer.trace(
                    "agent",
                    "fail",
                    span -> {
                      throw boom;
                    }))
        .isSameAs(boom);
    StackOverflowError error = new StackOverflowError();
    assertThatThrownBy(
            () ->
                tracer.trace(
                    "agent",
                    "overflow",
                    span -> {
                      throw error;
                    }))
        .isSameAs(error);

    assertThat(tracer.spans("agent"))
        .extracting(Span::status, Span::error, span -> span.attributes().get("error.type"))
        .containsExactlyInAnyOrder(
            org.assertj.core.groups.Tuple.tuple(
                SpanStatus.ERROR,
                "java.lang.IllegalStateException: boom",
                "java.lang.IllegalStateException"),
            org.assertj.core.groups.Tuple.tuple(
                SpanStatus.ERROR, "java.lang.StackOverflowError", "java.lang.StackOverflowError"));
  }

  @Test
  void recordError_text() {
    try (TraceContext span = tracer.startTrace("agent", "act")) {
      span.recordError("no such page");
    }

    Span span = only(tracer.spans());
    assertThat(span.status()).isEqualTo(SpanStatus.ERROR);
    assertThat(span.error()).isEqualTo("no such page");
  }

  @Test
  void recordCancelled_isNoError() {
    tracer.startTrace("agent", "act").recordCancelled().close();

    Span span = only(tracer.spans());
    assertThat(span.status()).isEqualTo(SpanStatus.CANCELLED);
    assertThat(span.error()).isNull();
    assertThat(span.attributes().isEmpty()).isTrue();
  }

  @Test
  void recordError_descriptionOverflowsTheStack() {
    class Endless extends RuntimeException {
      private static final long serialVersionUID = 1L;

      @Override
      public String toString() {
        throw new StackOverflowError();
      }
    }

    tracer.startTrace("agent", "act").recordError(new Endless()).close();

    assertThat(only(tracer.spans()).error()).isEqualTo(Endless.class.getName());
  }

  @Test
  void recordError_exceptionThatCannotDescribeItself() {
    class Mute extends RuntimeException {
      private static final long serialVersionUID = 1L;

      @Override
      public String getMessage() {
        throw new IllegalStateException("not even this");
      }
    }

    tracer.startTrace("agent", "act").recordError(new Mute()).close();

    assertThat(only(tracer.spans()).error()).isEqualTo(Mute.class.getName());
  }

  @Test
  void close_twice_recordsOnce() {
    TraceContext root = tracer.startTrace("root", "act");
    TraceContext child = tracer.startSpan("child", "act");
    child.close();
    child.close();

    assertThat(tracer.currentSpan()).contains(root);
    root.close();
    root.close();
    assertThat(tracer.spans()).hasSize(2);
  }

  @Test
  void close_settersAfterwards_areIgnored() {
    TraceContext span = tracer.startTrace("agent", "act");
    span.setInput("in");
    span.close();
    clock.advance(Duration.ofSeconds(1));

    span.setInput("x")
        .setOutput("x")
        .setMetadata(Map.of("x", 1))
        .setAttribute("x", 1)
        .recordError("x");
    span.event("x", Attributes.empty());
    span.close();

    Span recorded = only(tracer.spans());
    assertThat(recorded.input()).isEqualTo("in");
    assertThat(recorded.output()).isNull();
    assertThat(recorded.metadata()).isEmpty();
    assertThat(recorded.attributes().isEmpty()).isTrue();
    assertThat(recorded.events()).isEmpty();
    assertThat(recorded.error()).isNull();
    assertThat(recorded.duration()).isZero();
  }

  @Test
  void close_onAnotherThread_leavesThatThreadsSpanCurrent() throws Exception {
    TraceContext mine = tracer.startTrace("mine", "act");
    ExecutorService other = Executors.newSingleThreadExecutor();
    try {
      other
          .submit(
              () -> {
                TraceContext theirs = tracer.startTrace("theirs", "act");
                mine.close();
                assertThat(tracer.currentSpan()).contains(theirs);
                theirs.close();
                assertThat(tracer.currentSpan()).isEmpty();
              })
          .get();
    } finally {
      other.shutdownNow();
    }

    assertThat(tracer.spans())
        .extracting(Span::agentName)
        .containsExactlyInAnyOrder("mine", "theirs");
    assertThat(tracer.currentSpan()).isEmpty();
    tracer.startSpan("next", "act").close();
    assertThat(only(tracer.spans("next")).parentSpanId()).isNull();
  }

  @Test
  void startSpan_inAScopeInsideASpanClosedElsewhere_isNotItsChild() throws Exception {
    TraceContext mine = tracer.startTrace("mine", "act");
    try (Scope scope = Context.current().with(Attributes.of("user.id", "alice")).makeCurrent()) {
      onAnotherThread(mine::close);
      assertThat(tracer.currentSpan()).isEmpty();
      tracer.startSpan("next", "act").close();
    }
    mine.close();

    assertThat(only(tracer.spans("next")).parentSpanId()).isNull();
    assertThat(only(tracer.spans("next")).attributes().text("user.id")).isEqualTo("alice");
  }

  @Test
  void startSpan_insideASpanClosedElsewhere_isChildOfTheOneAround() throws Exception {
    try (TraceContext root = tracer.startTrace("root", "act")) {
      TraceContext step = tracer.startSpan("step", "act");
      try (Scope scope = Context.current().with(Attributes.of("user.id", "alice")).makeCurrent()) {
        onAnotherThread(step::close);
        assertThat(tracer.currentSpan()).contains(root);
        tracer.startSpan("next", "act").close();
      }
      step.close();
    }

    assertThat(only(tracer.spans("next")).parentSpanId())
        .isEqualTo(only(tracer.spans("root")).spanId());
  }

  @Test
  void startSpan_lateOnAnotherThread_isChildOfTheSpanThatHasEnded() throws Exception {
    TraceContext root = tracer.startTrace("root", "act");
    Runnable late = Scope.wrap(() -> tracer.startSpan("late", "act").close());
    onAnotherThread(root::close);
    onAnotherThread(late);
    root.close();

    assertThat(only(tracer.spans("late")).parentSpanId()).isEqualTo(root.spanId());
  }

  @Test
  void startSpan_lateOnTheSameThread_isChildOfTheSpanThatWasClosedThere() {
    TraceContext root = tracer.startTrace("root", "act");
    Runnable late = Scope.wrap(() -> tracer.startSpan("late", "act").close());
    root.close();
    late.run();

    assertThat(only(tracer.spans("late")).parentSpanId()).isEqualTo(root.spanId());
  }

  @Test
  void names_tooLong_areCut() {
    String longName = "n".repeat(255) + "\ud83d\ude00";
    try (TraceContext span = tracer.startTrace(longName, longName)) {
      span.setAttribute(longName, 1).setAttribute(longName, 2);
    }

    String cut = "n".repeat(255);
    Span span = only(tracer.spans());
    assertThat(span.agentName()).isEqualTo(cut);
    assertThat(span.action()).isEqualTo(cut);
    assertThat(span.attributes().asMap()).isEqualTo(Map.of(cut, 2L));
  }

  @Test
  void attribute_isThatOfTheSpanElseOfTheScope() {
    Attributes who = Attributes.of("user.id", "alice", "session.id", "s1");
    try (Scope scope = Context.current().with(who).makeCurrent();
        TraceContext span = tracer.startTrace("agent", "act")) {
      span.setAttribute("user.id", "bob").setAttribute("rows", 3);
    }

    Span span = only(tracer.spans());
    assertThat(span.attribute("user.id")).isEqualTo("bob");
    assertThat(span.attribute("session.id")).isEqualTo("s1");
    assertThat(span.attribute("rows")).isEqualTo(3L);
    assertThat(span.attribute("none")).isNull();
  }

  @Test
  void close_outerBeforeInner_endsBothOnce() {
    TraceContext outer = tracer.startTrace("outer", "act");
    TraceContext inner = tracer.startSpan("inner", "act");
    outer.close();
    assertThat(tracer.currentSpan()).isEmpty();
    inner.close();

    assertThat(tracer.spans()).hasSize(2);
    assertThat(only(tracer.spans("inner")).parentSpanId()).isEqualTo(outer.spanId());
  }

  @Test
  void startSpan_onAnotherThread_followsTheScope() throws Exception {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try (TraceContext root = tracer.startTrace("root", "act")) {
      CompletableFuture.runAsync(() -> tracer.startSpan("carried", "act").close(), Scope.wrap(pool))
          .get();
      pool.submit(() -> tracer.startSpan("not carried", "act").close()).get();
    } finally {
      pool.shutdownNow();
    }

    assertThat(only(tracer.spans("carried")).parentSpanId())
        .isEqualTo(only(tracer.spans("root")).spanId());
    assertThat(only(tracer.spans("not carried")).parentSpanId()).isNull();
  }

  @Test
  void openSpans_showsWhatRuns() {
    try (TraceContext root = tracer.startTrace("root", "act")) {
      root.setInput("question");
      clock.advance(Duration.ofSeconds(3));
      try (TraceContext child = tracer.startSpan("child", "act")) {
        assertThat(tracer.openSpans()).extracting(Span::agentName).containsExactly("root", "child");
        Span running = tracer.openSpans().get(0);
        assertThat(running.status()).isEqualTo(SpanStatus.RUNNING);
        assertThat(running.duration()).isEqualTo(Duration.ofSeconds(3));
        assertThat(running.input()).isEqualTo("question");
        assertThat(tracer.spans()).isEmpty();
      }
      assertThat(tracer.openSpans()).extracting(Span::agentName).containsExactly("root");
    }

    assertThat(tracer.openSpans()).isEmpty();
  }

  @Test
  void abandonAfter_nothingHappened_endsWhatIsOpen() {
    Tracer impatient = Tracer.builder().clock(clock).abandonAfter(Duration.ofMinutes(10)).build();
    TraceContext root = impatient.startTrace("forgotten", "act");
    TraceContext child = impatient.startSpan("child", "act");
    clock.advance(Duration.ofMinutes(9));
    impatient.startSpan("sign of life", "act").close();
    clock.advance(Duration.ofMinutes(9));
    assertThat(impatient.openSpans()).hasSize(2);

    clock.advance(Duration.ofMinutes(4));

    assertThat(impatient.openSpans()).isEmpty();
    assertThat(impatient.active()).isEmpty();
    assertThat(impatient.abandonedSpans()).isEqualTo(2);
    Span abandoned = only(impatient.spans("forgotten"));
    assertThat(abandoned.status()).isEqualTo(SpanStatus.ABANDONED);
    assertThat(abandoned.error()).isEqualTo("nothing happened in its trace for PT10M");
    assertThat(abandoned.attribute(GenAiAttributes.ERROR_TYPE)).isEqualTo("abandoned");
    child.recordError("too late").close();
    root.close();
    assertThat(only(impatient.spans("child")).error()).startsWith("nothing happened");
    assertThat(impatient.spans()).hasSize(3);
    impatient.close();
  }

  @Test
  void attributes_ofTheTracer_areOnEverySpanAndScopesWin() {
    Tracer labelled =
        Tracer.builder()
            .attributes(Attributes.of(Attributes.RELEASE, "1.2", Attributes.ENVIRONMENT, "test"))
            .build();
    try (Scope scope =
            Context.current().with(Attributes.of(Attributes.ENVIRONMENT, "canary")).makeCurrent();
        TraceContext root = labelled.startTrace("agent", "act")) {
      labelled.startSpan("child", "act").setAttribute(Attributes.RELEASE, "1.3").close();
    }

    assertThat(only(labelled.spans("agent")).attributes().asMap())
        .isEqualTo(Map.of(Attributes.RELEASE, "1.2", Attributes.ENVIRONMENT, "canary"));
    assertThat(only(labelled.spans("child")).attribute(Attributes.RELEASE)).isEqualTo("1.3");
  }

  @Test
  void contentCapture_lessThanFull_keepsOfAnErrorTheClassAlone() {
    Tracer careful = Tracer.builder().contentCapture(ContentCapture.METADATA).build();
    careful
        .startTrace("agent", "act")
        .recordError(new IllegalStateException("cannot parse 'secret answer'"))
        .close();

    Span span = only(careful.spans());
    assertThat(span.error()).isEqualTo("java.lang.IllegalStateException");
    assertThat(span.attribute(GenAiAttributes.ERROR_TYPE)).isEqualTo(span.error());
  }

  @Test
  void maximumValueLength_cutsEveryText() {
    Tracer brief = Tracer.builder().maximumValueLength(1_000).build();
    String text = "x".repeat(50_000);
    try (TraceContext span = brief.startTrace("agent", "act")) {
      span.setInput(Map.of("a", text))
          .setOutput(List.of(text))
          .setMetadata(Map.of("m", text))
          .setAttribute("list", List.of(text))
          .setAttribute("text", text)
          .event("e", Attributes.of("text", text))
          .recordError(text);
    }
    brief.score(
        Score.builder(only(brief.spans()).traceId(), "s").label(text).comment(text).build());

    Trace trace = brief.findTrace(only(brief.spans()).traceId()).orElseThrow();
    assertThat(SpanJson.write(trace.root())).hasSizeLessThan(12_000).contains("truncated");
    assertThat(trace.scores().get(0).comment().orElseThrow()).hasSizeLessThanOrEqualTo(1_000);
  }

  @Test
  void spansOfTrace_findsOneTrace() {
    tracer.startTrace("t1", "a", "act").close();
    tracer.startTrace("t2", "b", "act").close();
    tracer.startTrace("t1", "c", "act").close();

    assertThat(tracer.spansOfTrace("t1")).extracting(Span::agentName).containsExactly("a", "c");
    assertThat(tracer.spansOfTrace("t3")).isEmpty();
  }

  @Test
  void traceparent_onlyForW3cIds() {
    try (TraceContext own = tracer.startTrace("agent", "act");
        TraceContext named = tracer.startTrace("trace_1", "agent", "act");
        TraceContext zero = tracer.startTrace("0".repeat(32), "agent", "act")) {
      assertThat(own.traceparent()).contains("00-" + own.traceId() + "-" + own.spanId() + "-01");
      assertThat(named.traceparent()).isEmpty();
      assertThat(zero.traceparent()).isEmpty();
    }
  }

  @Test
  void contentCapture_off_keepsNoContent() {
    Tracer silent = Tracer.builder().contentCapture(ContentCapture.OFF).build();
    try (TraceContext span = silent.startTrace("agent", "act")) {
      span.setInput("secret")
          .setOutput("secret")
          .setMetadata(Map.of("tokens", 1))
          .setAttribute("rows", 1);
      assertThat(silent.openSpans().get(0).input()).isNull();
    }

    Span span = only(silent.spans());
    assertThat(span.input()).isNull();
    assertThat(span.output()).isNull();
    assertThat(span.metadata()).containsEntry("tokens", 1);
    assertThat(span.attributes().get("rows")).isEqualTo(1L);
  }

  @Test
  void maximumSpans_dropsTheOldestTrace() {
    Tracer small = Tracer.builder().maximumSpans(2).build();
    for (int i = 0; i < 5; i++) {
      small.startTrace("agent" + i, "act").close();
    }

    assertThat(small.spans()).extracting(Span::agentName).containsExactly("agent3", "agent4");
    assertThat(small.droppedSpans()).isEqualTo(3);
  }

  @Test
  void builder_badBounds() {
    assertThatThrownBy(() -> Tracer.builder().maximumSpans(-5))
        .hasMessage("maximumSpans must be positive: -5");
    assertThatThrownBy(() -> Tracer.builder().maximumBytes(0))
        .hasMessage("maximumBytes must be positive: 0");
    SpanStore store = SpanStore.inMemory(1, 1);
    assertThatThrownBy(() -> Tracer.builder().store(store).maximumSpans(7).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("maximumSpans = 7");
  }

  @Test
  void close_keepsWhatWasRecordedAndDropsTheRest() {
    TraceContext open = tracer.startTrace("open", "act");
    tracer.startTrace("done", "act").close();
    tracer.close();
    tracer.close();
    open.close();

    assertThat(tracer.spans()).extracting(Span::agentName).containsExactly("done");
    assertThat(tracer.droppedSpans()).isEqualTo(1);
  }

  @Test
  void store_thatFails_neverReachesTheAgent() {
    SpanStore broken =
        new SpanStore() {
          @Override
          public void add(List<Span> spans) {
            throw new IllegalStateException("disk full");
          }

          @Override
          public void addScore(Score score) {
            throw new IllegalStateException("disk full");
          }

          @Override
          public List<Score> scores(String traceId) {
            return List.of();
          }

          @Override
          public List<Span> find(SpanQuery query) {
            return List.of();
          }

          @Override
          public long droppedSpans() {
            return 0;
          }

          @Override
          public void close() {
            throw new IllegalStateException("still full");
          }
        };
    Tracer unlucky = Tracer.builder().store(broken).build();

    assertThat(unlucky.<String>trace("agent", "act", span -> "fine")).isEqualTo("fine");
    unlucky.close();

    assertThat(unlucky.droppedSpans()).isEqualTo(1);
    assertThat(unlucky.openSpans()).isEmpty();
  }

  @Test
  void setInput_changedByTheCallerLater_isKeptAsItWas() {
    Map<String, Object> input = new HashMap<>(Map.of("query", "hello"));
    Map<String, Object> metadata = new HashMap<>(Map.of("tokens", 1));
    try (TraceContext span = tracer.startTrace("agent", "act")) {
      span.setInput(input).setMetadata(metadata);
      input.clear();
      metadata.clear();
    }

    assertThat(only(tracer.spans()).input()).isEqualTo(Map.of("query", "hello"));
    assertThat(only(tracer.spans()).metadata()).isEqualTo(Map.of("tokens", 1));
  }

  @Test
  void setters_strangeValues_neverThrow() {
    Map<String, Object> cyclic = new HashMap<>();
    cyclic.put("self", cyclic);
    Map<String, Object> nulls = new HashMap<>();
    nulls.put(null, null);
    try (TraceContext span = tracer.startTrace("agent", "act")) {
      span.setInput(cyclic).setOutput("\ud800").setMetadata(nulls);
      span.setMetadata(null).setInput(null).setInput(cyclic);
      span.setAttribute(null, "x").setAttribute(" ", 1).setAttribute("none", (String) null);
      span.setAttribute("k".repeat(10_000), 1);
      span.recordError((Throwable) null).recordError((String) null);
      span.event(null, Attributes.empty()).event("x", null);
    }

    Span span = only(tracer.spans());
    assertThat(span.attributes().size()).isEqualTo(1);
    assertThat(span.events()).isEmpty();
    assertThat(span.error()).isNull();
    assertThat(span.metadata()).containsKey(null);
  }

  @Test
  void setAttribute_andEvent_beyondTheMaximum_areCounted() {
    try (TraceContext span = tracer.startTrace("agent", "act")) {
      for (int i = 0; i < 130; i++) {
        span.setAttribute("a" + i, i).event("e" + i, Attributes.empty());
      }
      span.setAttribute("a0", "replaced");
    }

    Span span = only(tracer.spans());
    assertThat(span.attributes().size()).isEqualTo(128);
    assertThat(span.attributes().get("a0")).isEqualTo("replaced");
    assertThat(span.droppedAttributes()).isEqualTo(2);
    assertThat(span.events()).hasSize(128);
    assertThat(span.droppedEvents()).isEqualTo(2);
  }

  @Test
  void toString_showsNoContent() {
    try (TraceContext span = tracer.startTrace("agent", "act")) {
      span.setInput("secret").setOutput("secret");
    }

    assertThat(only(tracer.spans()).toString()).contains("act agent").doesNotContain("secret");
  }

  private static void onAnotherThread(Runnable task) throws InterruptedException {
    Thread other = new Thread(task);
    other.start();
    other.join();
  }

  private static Span only(List<Span> spans) {
    assertThat(spans).hasSize(1);
    return spans.get(0);
  }
}

package dev.agentops.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.agentops.Cost;
import dev.agentops.TestClock;
import dev.agentops.Usage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SamplingTest {

  private final TestClock clock = TestClock.create();

  @Test
  void never_keepsNothingAndCountsExactly() {
    Tracer tracer = Tracer.builder().clock(clock).sampler(Sampler.never()).build();
    try (TraceContext root = tracer.startTrace("agent", "invoke_agent")) {
      root.setInput("x").recordError("boom");
      try (TraceContext child = tracer.startSpan("agent", "chat")) {
        child.recordUsage(Usage.of(100, 7), Cost.usd("0.000000000001"));
        child.recordUsage(Usage.of(1, 2), Cost.usd("0.25"));
        assertThat(tracer.currentSpan()).contains(child);
      }
      assertThat(tracer.currentSpan()).contains(root);
      assertThat(root.isRecording()).isFalse();
      assertThat(root.traceparent()).isEmpty();
      assertThat(tracer.active()).isEmpty();
    }

    assertThat(tracer.currentSpan()).isEmpty();
    assertThat(tracer.spans()).isEmpty();
    assertThat(tracer.openSpans()).isEmpty();
    assertThat(tracer.droppedSpans()).isEqualTo(2);
    assertThat(tracer.dropped(DropReason.NOT_SAMPLED))
        .isEqualTo(new Dropped(2, 101, 9, Cost.usd("0.250000000001")));
  }

  @Test
  void trace_notSampled_returnsAndThrowsAsEver() {
    Tracer tracer = Tracer.builder().sampler(Sampler.never()).build();

    assertThat(tracer.<String>trace("agent", "act", span -> "fine")).isEqualTo("fine");
    assertThatThrownBy(
            () ->
                tracer.trace(
                    "agent",
                    "act",
                    span -> {
                      throw new IllegalStateException("boom");
                    }))
        .hasMessage("boom");
    assertThat(tracer.currentSpan()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.5, 1})
  void ratio_keepsThatShare(double ratio) {
    Tracer tracer = Tracer.builder().sampler(Sampler.ratio(ratio)).build();
    for (int i = 0; i < 5_000; i++) {
      tracer.startTrace("agent", "act").close();
    }

    // five standard deviations
    double tolerance = 5 * Math.sqrt(5_000 * ratio * (1 - ratio));
    assertThat((double) tracer.spans().size())
        .isBetween(5_000 * ratio - tolerance, 5_000 * ratio + tolerance);
    assertThat(tracer.spans().size() + tracer.dropped(DropReason.NOT_SAMPLED).spans())
        .isEqualTo(5_000);
  }

  @Test
  void ratio_isDecidedByTheTraceId() {
    String kept = "4bf92f3577b34da6" + "0000000000000001";
    String left = "4bf92f3577b34da6" + "7fffffffffffffff";
    Tracer tracer = Tracer.builder().sampler(Sampler.ratio(0.5)).build();
    tracer.startTrace(kept, "agent", "act").close();
    tracer.startTrace(left, "agent", "act").close();

    assertThat(tracer.spans()).extracting(Span::traceId).containsExactly(kept);
  }

  @Test
  void rateLimited_admitsASecondsWorthAndThenEvenly() {
    Tracer tracer = Tracer.builder().clock(clock).sampler(Sampler.rateLimited(10, clock)).build();
    IntStream.range(0, 50).forEach(i -> tracer.startTrace("agent", "act").close());
    assertThat(tracer.spans()).hasSize(10);

    clock.advance(Duration.ofMillis(100));
    IntStream.range(0, 50).forEach(i -> tracer.startTrace("agent", "act").close());
    assertThat(tracer.spans()).hasSize(11);

    clock.advance(Duration.ofDays(365));
    IntStream.range(0, 50).forEach(i -> tracer.startTrace("agent", "act").close());
    assertThat(tracer.spans()).hasSize(21);
  }

  @Test
  void parentBased_doesAsTheParentDid() {
    Tracer tracer = Tracer.builder().sampler(Sampler.parentBased(Sampler.never())).build();
    TraceParent sampled = TraceParent.of("1".repeat(32), "2".repeat(16), true);
    TraceParent notSampled = TraceParent.of("3".repeat(32), "4".repeat(16), false);
    tracer.continueTrace(sampled, "agent", "sampled").close();
    tracer.continueTrace(notSampled, "agent", "not sampled").close();
    tracer.startTrace("agent", "root").close();

    Span only = tracer.spans().get(0);
    assertThat(tracer.spans()).hasSize(1);
    assertThat(only.traceId()).isEqualTo("1".repeat(32));
    assertThat(only.parentSpanId()).isEqualTo("2".repeat(16));
  }

  @Test
  void sampler_throws_recordsTheTrace() {
    Sampler broken =
        (agent, action, id, parent) -> {
          throw new IllegalStateException("on purpose");
        };
    Tracer tracer = Tracer.builder().sampler(broken).build();
    tracer.startTrace("agent", "act").close();

    assertThat(tracer.spans()).hasSize(1);
  }

  @Test
  void samplers_badNumbers() {
    assertThatThrownBy(() -> Sampler.ratio(1.5)).hasMessage("ratio must be from 0 to 1: 1.5");
    assertThatThrownBy(() -> Sampler.ratio(Double.NaN))
        .hasMessage("ratio must be from 0 to 1: NaN");
    assertThatThrownBy(() -> Sampler.rateLimited(0))
        .hasMessage("tracesPerSecond must be positive and at most 1e9: 0.0");
    assertThatThrownBy(() -> TailSampler.builder().keepRatio(-1))
        .hasMessage("ratio must be from 0 to 1: -1.0");
    assertThatThrownBy(() -> TailSampler.builder().keepRepeatedToolCalls(1))
        .hasMessage("times must be at least 2: 1");
    assertThatThrownBy(() -> TailSampler.builder().keepLongerThan(Duration.ofSeconds(-1)))
        .hasMessage("duration must not be negative: PT-1S");
  }

  @Test
  void tail_keepsWholeTracesByOutcome() {
    Tracer tracer =
        tail(
            TailSampler.builder()
                .keepErrors()
                .keepCostAbove(Cost.usd("0.10"))
                .keepLongerThan(Duration.ofSeconds(30))
                .keepRepeatedToolCalls(3)
                .keepScoreBelow("helpful", 0.5));
    turn(tracer, "plain", () -> {});
    turn(tracer, "failed", () -> tracer.startSpan("x", "chat").recordError("boom").close());
    turn(tracer, "dear", () -> spend(tracer, "0.11"));
    turn(tracer, "just at the limit", () -> spend(tracer, "0.10"));
    turn(tracer, "slow", () -> clock.advance(Duration.ofSeconds(31)));
    turn(tracer, "looping", () -> IntStream.range(0, 3).forEach(i -> tool(tracer, "Paris")));
    turn(tracer, "busy", () -> IntStream.range(0, 3).forEach(i -> tool(tracer, "Paris " + i)));
    turn(
        tracer,
        "bad",
        () -> tracer.score(Score.of(tracer.currentSpan().get().traceId(), "helpful", 0.2)));

    assertThat(tracer.find(SpanQuery.builder().rootsOnly().build()))
        .extracting(Span::agentName)
        .containsExactlyInAnyOrder("failed", "dear", "slow", "looping", "bad");
    assertThat(tracer.spans("failed")).hasSize(1);
    assertThat(tracer.spans("x")).hasSize(1 + 1 + 3); // the children came along
    assertThat(tracer.dropped(DropReason.TAIL_NOT_SAMPLED))
        .isEqualTo(new Dropped(1 + 2 + 4, 10, 5, Cost.usd("0.10")));
    tracer.close();
  }

  @Test
  void tail_toolCallsCarriedOutByAnMcpClient_countOnce() {
    Tracer tracer = tail(TailSampler.builder().keepRepeatedToolCalls(2));
    for (String id : List.of("c1", "c2")) {
      turn(
          tracer,
          id,
          () -> {
            try (TraceContext outer = tracer.startSpan("x", "execute_tool");
                TraceContext inner = tracer.startSpan("x", "tools/call")) {
              outer.setInput("{}").setAttribute(GenAiAttributes.TOOL_CALL_ID, "c1");
              outer.setAttribute(GenAiAttributes.TOOL_NAME, "weather");
              inner.setInput("{}").setAttribute(GenAiAttributes.TOOL_NAME, "weather");
              inner.describe("tools/call weather", SpanKind.CLIENT);
              if (id.equals("c2")) { // a call of its own, of a tool that calls itself
                inner.setAttribute(GenAiAttributes.TOOL_CALL_ID, "c2");
              }
            }
          });
    }

    assertThat(tracer.find(SpanQuery.builder().rootsOnly().build()))
        .extracting(Span::agentName)
        .containsExactly("c2");
    tracer.close();
  }

  @Test
  void tail_whatComesLaterFollowsTheDecision() throws Exception {
    Tracer tracer = tail(TailSampler.builder().keepErrors());
    for (boolean fails : List.of(true, false)) {
      TraceContext root = tracer.startTrace("root " + fails, "invoke_agent");
      Runnable late = dev.agentops.Scope.wrap(() -> tracer.startSpan("late", "act").close());
      if (fails) {
        root.recordError("boom");
      }
      root.close();
      assertThat(tracer.spans("root " + fails)).hasSize(fails ? 1 : 0);
      Thread other = new Thread(late);
      other.start();
      other.join();
    }

    assertThat(tracer.spans("late")).hasSize(1);
    assertThat(tracer.dropped(DropReason.TAIL_NOT_SAMPLED).spans()).isEqualTo(2);
    tracer.close();
  }

  @Test
  void tail_ruleThrows_keepsTheTrace() {
    Tracer tracer =
        tail(
            TailSampler.builder()
                .keepIf(
                    trace -> {
                      throw new IllegalStateException("on purpose");
                    }));
    turn(tracer, "agent", () -> {});

    assertThat(tracer.spans("agent")).hasSize(1);
    tracer.close();
  }

  @Test
  void tail_keepRatio_keepsThatShareOfTheRest() {
    Tracer tracer = tail(TailSampler.builder().keepErrors().keepRatio(0.25));
    for (int i = 0; i < 2_000; i++) {
      turn(tracer, "agent", () -> {});
    }

    double tolerance = 5 * Math.sqrt(2_000 * 0.25 * 0.75);
    assertThat((double) tracer.spans().size()).isBetween(500 - tolerance, 500 + tolerance);
    tracer.close();
  }

  private Tracer tail(TailSampler.Builder rules) {
    return Tracer.builder().clock(clock).tailSampler(rules.build()).build();
  }

  private static void turn(Tracer tracer, String agent, Runnable work) {
    try (TraceContext root = tracer.startTrace(agent, "invoke_agent")) {
      root.setMetadata(Map.of("a", 1));
      work.run();
    }
  }

  private static void spend(Tracer tracer, String usd) {
    tracer.startSpan("x", "chat").recordUsage(Usage.of(10, 5), Cost.usd(usd)).close();
  }

  private static void tool(Tracer tracer, String arguments) {
    tracer
        .startSpan("x", "execute_tool")
        .setInput(arguments)
        .setAttribute(GenAiAttributes.TOOL_NAME, "weather")
        .close();
  }
}
